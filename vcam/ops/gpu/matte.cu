// From alpha on the grid to a matte: bounds, the local linear model in the guide's colours, the spill, the border.
// vcam/ops/envelope.py, guided.py and spill.py explain the models.

static __device__ float possible(int strongest)
{
    return eased((strongest / 255.0f - NOTHING) / (EVERYTHING - NOTHING));
}

// Lowest and highest alpha (planes 4 and 5 of the model), from cleaned alpha; alpha brought between them.
KERNEL bound(const byte* clean, const float* alpha, float* model, float* bounded, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int least = 255, most = 0, plane = rows * columns, sample = y * columns + x;
    for (int j = -1; j <= 1; j++)
        for (int k = -1; k <= 1; k++) {
            int near = clean[inside(y + j, rows) * columns + inside(x + k, columns)];
            least = near < least ? near : least;
            most = near > most ? near : most;
        }
    float low = 1.0f - possible(255 - least), high = possible(most);
    model[4 * plane + sample] = low;
    model[5 * plane + sample] = high;
    bounded[sample] = clamped(alpha[sample], low, high);
}

// a = (covariance + ridge)^-1 cov(guide, alpha), by the adjugate; b = mean(alpha) - a * mean(guide), for each window.
// Sums are of differences from the window's middle: float keeps their variance where that of the values is lost.
KERNEL fit(const byte* guide, const float* alpha, const float* ridge, float* raw, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int plane = rows * columns, sample = y * columns + x;
    float y0 = guide[sample], u0 = guide[plane + sample], v0 = guide[2 * plane + sample];
    float sy = 0, su = 0, sv = 0, sp = 0, py = 0, pu = 0, pv = 0, yy = 0, yu = 0, yv = 0, uu = 0, uv = 0, vv = 0;
    for (int j = -RADIUS; j <= RADIUS; j++)
        for (int k = -RADIUS; k <= RADIUS; k++) {
            int near = inside(y + j, rows) * columns + inside(x + k, columns);
            float dy = (guide[near] - y0) * (1.0f / 255.0f), du = (guide[plane + near] - u0) * (1.0f / 255.0f);
            float dv = (guide[2 * plane + near] - v0) * (1.0f / 255.0f), p = alpha[near];
            sy += dy, su += du, sv += dv, sp += p;
            py += p * dy, pu += p * du, pv += p * dv;
            yy += dy * dy, yu += dy * du, yv += dy * dv, uu += du * du, uv += du * dv, vv += dv * dv;
        }
    const float share = 1.0f / ((2 * RADIUS + 1) * (2 * RADIUS + 1));
    sy *= share, su *= share, sv *= share, sp *= share;
    py = py * share - sy * sp, pu = pu * share - su * sp, pv = pv * share - sv * sp;
    yy = yy * share - sy * sy + ridge[0], yu = yu * share - sy * su + ridge[1], yv = yv * share - sy * sv + ridge[2];
    uu = uu * share - su * su + ridge[4], uv = uv * share - su * sv + ridge[5], vv = vv * share - sv * sv + ridge[8];
    float c00 = uu * vv - uv * uv, c01 = uv * yv - yu * vv, c02 = yu * uv - uu * yv;
    float c11 = yy * vv - yv * yv, c12 = yu * yv - yy * uv, c22 = yy * uu - yu * yu;
    float inverse = 1.0f / (yy * c00 + yu * c01 + yv * c02);
    float ay = (c00 * py + c01 * pu + c02 * pv) * inverse;
    float au = (c01 * py + c11 * pu + c12 * pv) * inverse;
    float av = (c02 * py + c12 * pu + c22 * pv) * inverse;
    raw[sample] = ay * (1.0f / 255.0f);
    raw[plane + sample] = au * (1.0f / 255.0f);
    raw[2 * plane + sample] = av * (1.0f / 255.0f);
    raw[3 * plane + sample] = sp - ay * (sy + y0 * (1.0f / 255.0f)) - au * (su + u0 * (1.0f / 255.0f))
        - av * (sv + v0 * (1.0f / 255.0f));
}

static __device__ float averaged(const float* values, int columns, int rows, int x, int y)
{
    float sum = 0.0f;
    for (int j = -RADIUS; j <= RADIUS; j++)
        for (int k = -RADIUS; k <= RADIUS; k++)
            sum += values[inside(y + j, rows) * columns + inside(x + k, columns)];
    return sum * (1.0f / ((2 * RADIUS + 1) * (2 * RADIUS + 1)));
}

// The model's alpha on its own grid, eased to a clear edge, within its bounds.
KERNEL align(const byte* guide, const float* raw, const float* model, float* alpha, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int plane = rows * columns, sample = y * columns + x;
    float linear = averaged(raw + 3 * plane, columns, rows, x, y);
    for (int k = 0; k < 3; k++)
        linear += averaged(raw + k * plane, columns, rows, x, y) * guide[k * plane + sample];
    alpha[sample] = clamped(eased(linear), model[4 * plane + sample], model[5 * plane + sample]);
}

// Person minus room, Y, U and V (planes 0-2 of `spill`), around every second sample.
KERNEL describe_spill(const byte* guide, const float* alpha, int columns, int rows, float* spill, int wide, int high)
{
    int x = COLUMN, y = ROW;
    if (x >= wide || y >= high) return;
    float person[4] = {0.0f, 0.0f, 0.0f, 0.0f}, room[4] = {0.0f, 0.0f, 0.0f, 0.0f};
    for (int j = -SPILL_RADIUS; j <= SPILL_RADIUS; j++)
        for (int k = -SPILL_RADIUS; k <= SPILL_RADIUS; k++) {
            int near = 2 * inside(y + j, high) * columns + 2 * inside(x + k, wide);
            float in = fmaxf((alpha[near] - SURE) * 10.0f, 0.0f) + 1e-3f;
            float out = fmaxf((1.0f - SURE - alpha[near]) * 10.0f, 0.0f) + 1e-3f;
            person[3] += in;
            room[3] += out;
            for (int c = 0; c < 3; c++) {
                float colour = guide[c * rows * columns + near];
                person[c] += in * colour;
                room[c] += out * colour;
            }
        }
    for (int c = 0; c < 3; c++)
        spill[(c * high + y) * wide + x] = STRENGTH * (person[c] / person[3] - room[c] / room[3]);
}

// Plane after plane with a border of one repeated sample: four of the model averaged (their share, and alpha itself for
// the rest), two bounds, three of spill.
KERNEL finish(const float* raw, const float* alpha, const float* model, const float* spill, int wide, int high, int columns, int rows,
              float* planes)
{
    int x = COLUMN, y = ROW;
    if (x >= columns + 2 || y >= rows + 2) return;
    int column = inside(x - 1, columns), row = inside(y - 1, rows), plane = rows * columns;
    int at = y * (columns + 2) + x, padded = (columns + 2) * (rows + 2);
    for (int k = 0; k < 4; k++) planes[k * padded + at] = SHARE * averaged(raw + k * plane, columns, rows, column, row);
    planes[3 * padded + at] += (1.0f - SHARE) * alpha[row * columns + column];
    for (int k = 4; k < 6; k++) planes[k * padded + at] = model[k * plane + row * columns + column];
    Between down = between(row, high, rows), across = between(column, wide, columns);
    for (int k = 0; k < 3; k++)
        planes[(6 + k) * padded + at] = sampled(spill + k * wide * high, wide, down, across);
}

// Alpha in bytes, and what the areas between samples can contain (0 background, 1 mixed, 2 person).
KERNEL classify(const float* alpha, const float* planes, byte* bytes, byte* cells, int columns, int rows)
{
    int x = COLUMN, y = ROW, stride = columns + 2;
    if (x > columns || y > rows) return;
    const float* low = planes + 4 * stride * (rows + 2) + y * stride + x;
    const float* high = low + stride * (rows + 2);
    float most = fmaxf(fmaxf(high[0], high[1]), fmaxf(high[stride], high[stride + 1]));
    float least = fminf(fminf(low[0], low[1]), fminf(low[stride], low[stride + 1]));
    cells[y * (columns + 1) + x] = most <= 0.0f ? 0 : least >= 1.0f ? 2 : 1;
    if (x < columns && y < rows) bytes[y * columns + x] = (byte)in_bytes(alpha[y * columns + x]);
}
