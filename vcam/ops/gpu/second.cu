// The second look, a closer view of a part of the person. vcam/ops/second.py explains the model.

// What it says differently at the grid's rows top to bottom - 1 and columns left to right - 1, fading out over the last
// `fading` rows; 0 elsewhere.
KERNEL difference_of(const float* first, const float* second, int left, int top, int right, int bottom, int fading,
                     float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int sample = y * columns + x, faded = y - (bottom - fading);
    bool seen = x >= left && x < right && y >= top && y < bottom;
    float share = faded > 0 ? 1.0f - faded / (float)(fading - 1) : 1.0f;
    out[sample] = seen ? (second[sample] - first[sample]) * share : 0.0f;
}

// A first look with that difference, of this frame or an earlier one, where nothing has changed since.
KERNEL correct_by_look(const float* first, const float* then, const float* difference, const byte* guide,
                       const byte* guide_then, float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int sample = y * columns + x;
    float change = change_around(guide, guide_then, columns, rows, x, y);
    float still = clamped(1.0f - LOOK_GAIN * (change - LOOK_NOISE), 0.0f, 1.0f);
    float alike = fmaxf(1.0f - 2.0f * fabsf(first[sample] - then[sample]), 0.0f);
    out[sample] = clamped(first[sample] + LOOK_WEIGHT * still * alike * difference[sample], 0.0f, 1.0f);
}
