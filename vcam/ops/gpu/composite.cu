// Full resolution: alpha from the matte's planes and the frame's own pixels, and the blend, in one pass.
// vcam/frame.py says what a matte's planes mean; vcam/ops/tiles.py what is added against spill.

struct Cell {
    byte kind;
    int x, y, factor;            // its corner and side in pixels
    int corner, stride, plane;   // the sample at that corner, in planes with a border
};

static __device__ Cell cell_at(const byte* cells, int columns, int rows, int factor, int x, int y)
{
    int j = (x + factor / 2) / factor, i = (y + factor / 2) / factor;
    Cell cell = {cells[i * (columns + 1) + j], j * factor - factor / 2, i * factor - factor / 2, factor,
                 i * (columns + 2) + j, columns + 2, (columns + 2) * (rows + 2)};
    return cell;
}

// Plane k of some between the four corners of a cell.
static __device__ float interpolated(const float* planes, int k, const Cell& cell, float across, float down)
{
    const float* above = planes + k * cell.plane + cell.corner;
    const float* below = above + cell.stride;
    float top = above[0] + (above[1] - above[0]) * across;
    float bottom = below[0] + (below[1] - below[0]) * across;
    return top + (bottom - top) * down;
}

static __device__ float alpha_at(const float* model, const Cell& cell, int x, int y, float luma, float u, float v)
{
    float across = (x - cell.x + 0.5f) / cell.factor, down = (y - cell.y + 0.5f) / cell.factor;
    float linear = interpolated(model, 0, cell, across, down) * luma + interpolated(model, 1, cell, across, down) * u
        + interpolated(model, 2, cell, across, down) * v + interpolated(model, 3, cell, across, down);
    return clamped(eased((linear - LOW) * (1.0f / (1.0f - 2.0f * LOW))), interpolated(model, 4, cell, across, down),
                   interpolated(model, 5, cell, across, down));
}

static __device__ byte mixed(byte person, byte background, float alpha, float spill)
{
    return nearest(background + ((float)person - background) * alpha + spill * alpha * (1.0f - alpha));
}

// A thread makes 2 x 2 pixels and the chroma they share; they never lie in two cells.
KERNEL blend(const byte* person, const byte* background, int width, int height, const float* model, const float* spill,
             const byte* cells, int columns, int rows, int factor, byte* out)
{
    int x = 2 * COLUMN, y = 2 * ROW;
    if (x >= width || y >= height) return;
    Cell cell = cell_at(cells, columns, rows, factor, x, y);
    int luma = y * width + x, blue = width * height + y / 2 * (width / 2) + x / 2, red = blue + width * height / 4;
    if (cell.kind != 1) {
        const byte* shown = cell.kind == 0 ? background : person;
        out[luma] = shown[luma];
        out[luma + 1] = shown[luma + 1];
        out[luma + width] = shown[luma + width];
        out[luma + width + 1] = shown[luma + width + 1];
        out[blue] = shown[blue];
        out[red] = shown[red];
        return;
    }
    float middle = (y + 1 - cell.y) / (float)factor, left = (x - cell.x + 0.5f) / factor, sum = 0.0f;
    for (int j = 0; j < 2; j++)
        for (int k = 0; k < 2; k++) {
            int pixel = luma + j * width + k;
            float alpha = alpha_at(model, cell, x + k, y + j, person[pixel], person[blue], person[red]);
            float against = interpolated(spill, 0, cell, left + k / (float)factor, middle);
            out[pixel] = mixed(person[pixel], background[pixel], alpha, against);
            sum += alpha;
        }
    out[blue] = mixed(person[blue], background[blue], sum * 0.25f, interpolated(spill, 1, cell, left, middle));
    out[red] = mixed(person[red], background[red], sum * 0.25f, interpolated(spill, 2, cell, left, middle));
}

KERNEL full_alpha(const byte* person, int width, int height, const float* model, const byte* cells,
                  int columns, int rows, int factor, byte* out)
{
    int x = COLUMN, y = ROW;
    if (x >= width || y >= height) return;
    Cell cell = cell_at(cells, columns, rows, factor, x, y);
    int blue = width * height + y / 2 * (width / 2) + x / 2, red = blue + width * height / 4;
    float alpha = cell.kind != 1 ? cell.kind * 0.5f
        : alpha_at(model, cell, x, y, person[y * width + x], person[blue], person[red]);
    out[y * width + x] = nearest(alpha * 255.0f);
}
