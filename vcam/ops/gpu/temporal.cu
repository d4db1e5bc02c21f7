// One step of the motion-adaptive filter. vcam/refine/temporal.py explains the model.

// Largest change of R, G and B in 0-1, estimated from limited-range Y, U and V.
static __device__ float change_at(const byte* now, const byte* then, int plane, int sample)
{
    float y = fabsf((float)now[sample] - (float)then[sample]) * (1.164f / 255.0f);
    float u = fabsf((float)now[plane + sample] - (float)then[plane + sample]) * (2.0f / 255.0f);
    float v = fabsf((float)now[2 * plane + sample] - (float)then[2 * plane + sample]) * (1.6f / 255.0f);
    return fmaxf(y, fmaxf(u, v));
}

static __device__ float change_around(const byte* now, const byte* then, int columns, int rows, int x, int y)
{
    float sum = 0.0f;
    for (int j = -1; j <= 1; j++)
        for (int k = -1; k <= 1; k++)
            sum += change_at(now, then, rows * columns, inside(y + j, rows) * columns + inside(x + k, columns));
    return sum * (1.0f / 9.0f);
}

KERNEL follow(const float* probability, const float* last, const byte* now, const byte* then, float still, float noise,
              float gain, float centre, float half_width, float* filtered, float* motion, float* alpha,
              int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int sample = y * columns + x;
    float m = clamped(gain * (change_around(now, then, columns, rows, x, y) - noise), 0.0f, 1.0f);
    float p = last[sample] + (still + (1.0f - still) * m) * (probability[sample] - last[sample]);
    float reach = half_width + (0.5f - half_width) * m;
    filtered[sample] = p;
    motion[sample] = m;
    alpha[sample] = eased((p - centre + reach) / (reach + reach));
}

// What moves is soft.
KERNEL soften(const float* alpha, const float* motion, float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    float sum = 0.0f, own = alpha[y * columns + x];
    for (int j = -1; j <= 1; j++)
        for (int k = -1; k <= 1; k++) sum += alpha[inside(y + j, rows) * columns + inside(x + k, columns)];
    out[y * columns + x] = own + (sum * (1.0f / 9.0f) - own) * motion[y * columns + x];
}
