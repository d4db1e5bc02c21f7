// The person in the background's light. vcam/ops/tone.py explains the model.

// Sums for mean colours: numbers 0-3 of `sums` are of the person's share, and of Y, U and V by it, in 1 / FINENESS.
KERNEL sum_person(const byte* guide, const byte* alpha, int columns, int rows, int* sums)
{
    int x = COLUMN, first = STRIP * ROW, plane = rows * columns;
    if (x >= columns) return;
    float found[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int y = first; y < first + STRIP && y < rows; y++) {
        int sample = y * columns + x;
        float share = alpha[sample] * (1.0f / 255.0f);
        found[0] += share;
        for (int k = 0; k < 3; k++) found[k + 1] += share * guide[k * plane + sample];
    }
    if (found[0] == 0.0f) return;
    for (int k = 0; k < 4; k++) atomicAdd(sums + k, (int)rintf(found[k] * FINENESS));
}

// Numbers 4-6: Y, U and V of every sixteenth sample of every sixteenth row of each plane of an I420 picture.
KERNEL sum_background(const byte* picture, int width, int height, int* sums)
{
    int x = 16 * COLUMN, y = 16 * ROW;
    if (x >= width || y >= height) return;
    atomicAdd(sums + 4, picture[y * width + x]);
    if (x >= width / 2 || y >= height / 2) return;
    const byte* chroma = picture + width * height + y * (width / 2) + x;
    atomicAdd(sums + 5, chroma[0]);
    atomicAdd(sums + 6, chroma[width * height / 4]);
}

// What falls on the person from around: planes of Y, U and V, and of how much, on the grid.
KERNEL gather_light(const byte* background, const byte* alpha, float strength, float* light, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int plane = rows * columns, sample = y * columns + x;
    const float share = 1.0f / ((2 * REACH + 1) * (2 * REACH + 1));
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int j = -REACH; j <= REACH; j++)
        for (int k = -REACH; k <= REACH; k++) {
            int near = inside(y + j, rows) * columns + inside(x + k, columns);
            for (int c = 0; c < 3; c++) sums[c] += background[c * plane + near];
            sums[3] += alpha[near] * (1.0f / 255.0f);
        }
    for (int c = 0; c < 3; c++) light[c * plane + sample] = sums[c] * share;
    light[3 * plane + sample] = (1.0f - sums[3] * share) * alpha[sample] * (1.0f / 255.0f) * strength;
}

// A sample in another light; `step`: samples of its plane for one of the grid.
static __device__ byte lit(byte toned, const float* light, int k, int columns, int rows, int step, int x, int y)
{
    Between down = between(y, rows, rows * step), across = between(x, columns, columns * step);
    float share = sampled(light + 3 * rows * columns, columns, down, across);
    return (byte)rintf(toned + (sampled(light + k * rows * columns, columns, down, across) - toned) * share);
}

static __device__ byte brightened(byte luma, float gain)
{
    return (byte)clamped((luma - BLACK) * gain + BLACK + 0.5f, 0.0f, 255.0f);
}

static __device__ byte tinted(byte chroma, float by)
{
    return (byte)rintf(clamped(chroma + by, 0.0f, 255.0f));
}

// Brightness and tint of a whole I420 frame, then the light from around. A thread makes 2 x 2 pixels and their chroma.
KERNEL tone(const byte* frame, int width, int height, float gain, float by_blue, float by_red, const float* light,
            int columns, int rows, int factor, byte* out)
{
    int x = 2 * COLUMN, y = 2 * ROW;
    if (x >= width || y >= height) return;
    for (int j = 0; j < 2; j++)
        for (int k = 0; k < 2; k++) {
            int pixel = (y + j) * width + x + k;
            out[pixel] = lit(brightened(frame[pixel], gain), light, 0, columns, rows, factor, x + k, y + j);
        }
    int blue = width * height + y / 2 * (width / 2) + x / 2, red = blue + width * height / 4;
    out[blue] = lit(tinted(frame[blue], by_blue), light, 1, columns, rows, factor / 2, x / 2, y / 2);
    out[red] = lit(tinted(frame[red], by_red), light, 2, columns, rows, factor / 2, x / 2, y / 2);
}
