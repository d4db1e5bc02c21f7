// Blur weighted by the background's share, so that nothing of the person spreads: no halo.

// Y, U and V times that share, and the share: (4, high, wide).
KERNEL weigh(const byte* level, int wide, int high, const byte* alpha, int columns, int rows, float* out)
{
    int x = COLUMN, y = ROW, plane = wide * high;
    if (x >= wide || y >= high) return;
    float share = 255.0f - sampled(alpha, columns, between(y, rows, high), between(x, columns, wide));
    int sample = y * wide + x;
    for (int k = 0; k < 3; k++) out[k * plane + sample] = level[k * plane + sample] * share;
    out[3 * plane + sample] = share;
}

// Four planes along their rows; `weights` are those of the offsets -radius to radius.
KERNEL blur_rows(const float* from, const float* weights, int radius, float* to, int wide, int high)
{
    int x = COLUMN, y = ROW;
    if (x >= wide || y >= high) return;
    for (int k = 0; k < 4; k++) {
        const float* row = from + (k * high + y) * wide;
        float sum = 0.0f;
        for (int tap = -radius; tap <= radius; tap++) sum += weights[tap + radius] * row[inside(x + tap, wide)];
        to[(k * high + y) * wide + x] = sum;
    }
}

// Along their columns, then divided by the weight; where there is none (inside the person) the mean keeps it finite.
KERNEL blur_columns(const float* from, const float* weights, int radius, const float* mean, byte* level,
                    int wide, int high)
{
    int x = COLUMN, y = ROW;
    if (x >= wide || y >= high) return;
    float sums[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int tap = -radius; tap <= radius; tap++)
        for (int k = 0; k < 4; k++)
            sums[k] += weights[tap + radius] * from[(k * high + inside(y + tap, high)) * wide + x];
    for (int k = 0; k < 3; k++)
        level[(k * high + y) * wide + x] = nearest((sums[k] + 0.05f * mean[k]) / (sums[3] + 0.05f));
}

static __device__ byte enlarged_at(const byte* level, int wide, int high, int pixels, int x, int y)
{
    return sampled(level, wide, between(y, high, high * pixels), between(x, wide, wide * pixels));
}

// A level of `pixels` a sample as I420; a thread makes 2 x 2 pixels and the chroma they share.
KERNEL enlarge(const byte* level, int wide, int high, int pixels, byte* out, int width, int height)
{
    int x = 2 * COLUMN, y = 2 * ROW, plane = wide * high;
    if (x >= width || y >= height) return;
    for (int j = 0; j < 2; j++)
        for (int k = 0; k < 2; k++)
            out[(y + j) * width + x + k] = enlarged_at(level, wide, high, pixels, x + k, y + j);
    int chroma = width * height + y / 2 * (width / 2) + x / 2;
    out[chroma] = enlarged_at(level + plane, wide, high, pixels / 2, x / 2, y / 2);
    out[chroma + width * height / 4] = enlarged_at(level + 2 * plane, wide, high, pixels / 2, x / 2, y / 2);
}
