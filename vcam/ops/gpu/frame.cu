// What is read from a whole I420 frame: its halvings, and a network's input.

// Y halved, U and V as they are: planes (3, rows, columns) of 2 x 2 pixels a sample, edges repeated beyond the frame.
KERNEL first_level(const byte* frame, int width, int height, byte* level, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    const byte* above = frame + inside(2 * y, height) * width;
    const byte* below = frame + inside(2 * y + 1, height) * width;
    int left = inside(2 * x, width), right = inside(2 * x + 1, width);
    int chroma = inside(y, height / 2) * (width / 2) + inside(x, width / 2);
    int sample = y * columns + x, plane = rows * columns;
    level[sample] = (byte)((above[left] + above[right] + below[left] + below[right] + 2) >> 2);
    level[plane + sample] = frame[width * height + chroma];
    level[2 * plane + sample] = frame[width * height + width * height / 4 + chroma];
}

// The share of each of three neighbours in sample `index` of `half` that cover `whole`, an odd number or twice `half`.
struct Share {
    int first;
    float of[3];
};

static __device__ Share share_of(int index, int whole, int half)
{
    float step = (float)whole / half, begin = index * step;
    Share found;
    found.first = (int)begin;
    for (int k = 0; k < 3; k++) {
        float covered = fminf(begin + step, found.first + k + 1.0f) - fmaxf(begin, (float)(found.first + k));
        found.of[k] = fmaxf(covered, 0.0f) / step;
    }
    return found;
}

// Three planes at half their size, rounded up.
KERNEL halve(const byte* from, int width, int height, byte* to, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    Share across = share_of(x, width, columns), down = share_of(y, height, rows);
    for (int plane = 0; plane < 3; plane++) {
        float sum = 0.0f;
        for (int j = 0; j < 3; j++)
            for (int k = 0; k < 3; k++) {
                int row = inside(down.first + j, height), column = inside(across.first + k, width);
                sum += down.of[j] * across.of[k] * from[(plane * height + row) * width + column];
            }
        to[(plane * rows + y) * columns + x] = nearest(sum);
    }
}

// RGB * scale + offset of a region (all even) sampled bilinearly; `matrix` (3, 4) takes (Y, U, V, 1) to RGB.
KERNEL network_input(const byte* frame, int width, int height, int left, int top, int across, int down,
                     const float* matrix, float scale, float offset, int planar, float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int half = width / 2, chroma = top / 2 * half + left / 2;
    const byte* blue = frame + width * height + chroma;
    const byte* red = blue + width * height / 4;
    Between luma_row = between(y, down, rows), luma_column = between(x, across, columns);
    Between row = between(y, down / 2, rows), column = between(x, across / 2, columns);
    float luma = sampled(frame + top * width + left, width, luma_row, luma_column);
    float u = sampled(blue, half, row, column), v = sampled(red, half, row, column);
    for (int k = 0; k < 3; k++) {
        const float* m = matrix + 4 * k;
        float value = clamped(m[0] * luma + m[1] * u + m[2] * v + m[3], 0.0f, 255.0f) * scale + offset;
        out[planar ? (k * rows + y) * columns + x : (y * columns + x) * 3 + k] = value;
    }
}
