// A network's answer on the matte's grid, and what can be said of it.

// Count the values that are no probability; a NaN fails every comparison.
KERNEL count_wrong(const float* answer, int count, int* wrong)
{
    int index = COLUMN;
    if (index < count && !(answer[index] >= -0.001f && answer[index] <= 1.001f)) atomicAdd(wrong, 1);
}

// The answer stretched over the grid's rows top to bottom - 1 and columns left to right - 1; 0 elsewhere.
KERNEL place(const float* answer, int width, int height, int left, int top, int right, int bottom,
             float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    bool seen = x >= left && x < right && y >= top && y < bottom;
    out[y * columns + x] = !seen ? 0.0f : sampled(answer, width, between(y - top, height, bottom - top),
                                                  between(x - left, width, right - left));
}

// One evidence inside that part of the grid, another outside.
KERNEL joined(const float* within, const float* around, int left, int top, int right, int bottom,
              float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    bool seen = x >= left && x < right && y >= top && y < bottom;
    out[y * columns + x] = (seen ? within : around)[y * columns + x];
}

// Samples of person on the part's left, upper, right and lower line.
KERNEL count_on_edges(const float* evidence, int columns, int left, int top, int right, int bottom, int* counts)
{
    int k = COLUMN;
    if (top + k < bottom) {
        const float* row = evidence + (top + k) * columns;
        if (row[left] > 0.5f) atomicAdd(counts, 1);
        if (row[right - 1] > 0.5f) atomicAdd(counts + 2, 1);
    }
    if (left + k < right) {
        if (evidence[top * columns + left + k] > 0.5f) atomicAdd(counts + 1, 1);
        if (evidence[(bottom - 1) * columns + left + k] > 0.5f) atomicAdd(counts + 3, 1);
    }
}

// First and last column and row with person among the first `rows`: box is (left, top, right, bottom), at first
// (columns, rows, -1, -1).
KERNEL enclose(const byte* alpha, int columns, int rows, int* box)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows || alpha[y * columns + x] <= 127) return;
    atomicMin(box, x);
    atomicMin(box + 1, y);
    atomicMax(box + 2, x);
    atomicMax(box + 3, y);
}
