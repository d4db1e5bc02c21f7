// The clean plate: what the room looks like behind the person. vcam/ops/plate.py explains the model.

// Numbers in `counters`: known samples; sums of Y now, Y learnt, U and V now less learnt (in 1 / FINENESS); known
// samples that look otherwise. Every second sample of every second row is enough.
#define FINENESS 64.0f
#define STRIP 8
#define BLACK 16.0f

struct Colours {
    float y, u, v;
};

static __device__ Colours colours_of(const byte* guide, int plane, int sample)
{
    Colours found = {(float)guide[sample], (float)guide[plane + sample], (float)guide[2 * plane + sample]};
    return found;
}

// Squared RGB distance of a difference of YUV.
static __device__ float distance(Colours d, const float* m)
{
    return m[0] * d.y * d.y + m[4] * d.u * d.u + m[8] * d.v * d.v
        + 2.0f * (m[1] * d.y * d.u + m[2] * d.y * d.v + m[5] * d.u * d.v);
}

// How the light changed since the plate was learnt, and whether the camera moved.
struct Light {
    float gain, u, v;
    bool moved;
};

static __device__ Light light_of(const int* counters, int samples)
{
    Light light = {1.0f, 0.0f, 0.0f, false};
    float known = (float)counters[0];
    if (known < ENOUGH * samples / 4) return light;
    light.gain = clamped(counters[1] / fmaxf((float)counters[2], FINENESS), GAIN_LEAST, GAIN_MOST);
    light.u = counters[3] / (FINENESS * known);
    light.v = counters[4] / (FINENESS * known);
    light.moved = counters[5] > MOVED * known;
    return light;
}

static __device__ float from_plate(Colours seen, const float* mean, int plane, int sample, Light light, const float* m)
{
    Colours d = {seen.y - BLACK - (mean[sample] - BLACK) * light.gain, seen.u - mean[plane + sample] - light.u,
                 seen.v - mean[2 * plane + sample] - light.v};
    return distance(d, m);
}

// Nobody there, nor in any neighbour.
static __device__ bool surely_room(const float* evidence, int columns, int rows, int x, int y, int empty)
{
    if (empty) return true;
    float most = 0.0f;
    for (int j = -1; j <= 1; j++)
        for (int k = -1; k <= 1; k++)
            most = fmaxf(most, evidence[inside(y + j, rows) * columns + inside(x + k, columns)]);
    return most < SURELY_BACKGROUND;
}

// A thread adds up a strip of rows, so that fewer threads contend for the sums.
KERNEL sum_known(const byte* guide, const float* evidence, int empty, const float* mean, const float* seen,
                 int columns, int rows, int* counters)
{
    int x = 2 * COLUMN, first = 2 * STRIP * ROW, plane = rows * columns;
    if (x + 1 >= columns) return;
    float sums[5] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    for (int y = first; y < first + 2 * STRIP && y < rows; y += 2) {
        int sample = y * columns + x;
        if (seen[sample] <= HEARD || !surely_room(evidence, columns, rows, x, y, empty)) continue;
        Colours now = colours_of(guide, plane, sample);
        sums[0] += 1.0f;
        sums[1] += now.y - BLACK;
        sums[2] += mean[sample] - BLACK;
        sums[3] += now.u - mean[plane + sample];
        sums[4] += now.v - mean[2 * plane + sample];
    }
    if (sums[0] == 0.0f) return;
    atomicAdd(counters, (int)sums[0]);
    for (int k = 1; k < 5; k++) atomicAdd(counters + k, (int)rintf(sums[k] * FINENESS));
}

KERNEL count_other(const byte* guide, const float* evidence, int empty, const float* mean, const float* seen,
                   const float* metric, int columns, int rows, int* counters)
{
    int x = 2 * COLUMN, first = 2 * STRIP * ROW, plane = rows * columns, other = 0;
    if (x + 1 >= columns) return;
    Light light = light_of(counters, plane);
    for (int y = first; y < first + 2 * STRIP && y < rows; y += 2) {
        int sample = y * columns + x;
        if (seen[sample] <= HEARD || !surely_room(evidence, columns, rows, x, y, empty)) continue;
        Colours now = colours_of(guide, plane, sample);
        if (from_plate(now, mean, plane, sample, light, metric) > 27.0f * NOISE * NOISE) other++;
    }
    if (other) atomicAdd(counters + 5, other);
}

// Mean Y, U, V and variance of RGB of the sure person around every second sample: (4, high, wide).
KERNEL describe_person(const byte* guide, const float* evidence, const float* metric, int columns, int rows,
                       float* person, int wide, int high)
{
    int x = COLUMN, y = ROW, plane = rows * columns;
    if (x >= wide || y >= high) return;
    float weight = 0.0f, squares = 0.0f;
    Colours sum = {0.0f, 0.0f, 0.0f};
    for (int j = -PERSON_RADIUS; j <= PERSON_RADIUS; j++)
        for (int k = -PERSON_RADIUS; k <= PERSON_RADIUS; k++) {
            int sample = 2 * inside(y + j, high) * columns + 2 * inside(x + k, wide);
            Colours seen = colours_of(guide, plane, sample);
            float w = clamped((evidence[sample] - 0.6f) * (1.0f / 0.3f), 0.0f, 1.0f) + 1e-3f;
            weight += w;
            sum.y += w * seen.y;
            sum.u += w * seen.u;
            sum.v += w * seen.v;
            squares += w * distance(seen, metric);
        }
    Colours mean = {sum.y / weight, sum.u / weight, sum.v / weight};
    int at = y * wide + x, part = wide * high;
    person[at] = mean.y;
    person[part + at] = mean.u;
    person[2 * part + at] = mean.v;
    person[3 * part + at] = fmaxf(squares / weight - distance(mean, metric), 0.0f) * (1.0f / 3.0f);
}

// Log-odds for person by colour alone.
KERNEL say(const byte* guide, const float* mean, const float* variance, const float* seen, const int* counters,
           const float* metric, const float* person, int wide, int high, float* said, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int plane = rows * columns, sample = y * columns + x, part = wide * high, at = y / 2 * wide + x / 2;
    Light light = light_of(counters, plane);
    Colours now = colours_of(guide, plane, sample);
    Colours off = {now.y - person[at], now.u - person[part + at], now.v - person[2 * part + at]};
    float unlike_plate = 0.5f * from_plate(now, mean, plane, sample, light, metric)
        / (variance[sample] + NOISE * NOISE);
    float spread = person[3 * part + at] + PERSON_SPREAD * PERSON_SPREAD;
    float unlike_person = fminf(0.5f * distance(off, metric) / spread, 6.0f);
    float known = light.moved ? 0.0f : seen[sample];
    float trust = clamped((known - HEARD) * (1.0f / (BELIEVED - HEARD)), 0.0f, 1.0f);
    said[sample] = trust * clamped(unlike_plate - unlike_person, -AGAINST, FOR);
}

// Bayes: log-odds add up. For the person only near it.
KERNEL correct_by_plate(const float* evidence, const float* said, float* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    float sum = 0.0f;
    bool near = false;
    for (int j = -1; j <= 1; j++)
        for (int k = -1; k <= 1; k++) sum += said[inside(y + j, rows) * columns + inside(x + k, columns)];
    float odds = sum * (1.0f / 9.0f), p = evidence[y * columns + x];
    if (odds > 0.0f)
        for (int j = -NEAR; j <= NEAR && !near; j++)
            for (int k = -NEAR; k <= NEAR && !near; k++)
                near = evidence[inside(y + j, rows) * columns + inside(x + k, columns)] > 0.5f;
    if ((odds < 0.0f && p > 0.02f) || near) {
        p = clamped(p, 0.02f, 0.98f);
        p = p / (p + (1.0f - p) * expf(-odds));
    }
    out[y * columns + x] = p;
}

KERNEL learn(const byte* guide, const float* evidence, int empty, const int* counters, const float* metric,
             float* mean, float* variance, float* seen, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    int plane = rows * columns, sample = y * columns + x;
    Light light = light_of(counters, plane);
    float known = light.moved ? 0.0f : seen[sample];
    if (surely_room(evidence, columns, rows, x, y, empty)) {
        Colours now = colours_of(guide, plane, sample);
        Colours d = {(now.y - BLACK) / light.gain + BLACK - mean[sample], now.u - light.u - mean[plane + sample],
                     now.v - light.v - mean[2 * plane + sample]};
        float rate = fmaxf(1.0f / (known + 1.0f), RATE);
        if (known > 0.0f) variance[sample] += rate * (distance(d, metric) * (1.0f / 3.0f) - variance[sample]);
        mean[sample] += rate * d.y;
        mean[plane + sample] += rate * d.u;
        mean[2 * plane + sample] += rate * d.v;
        known += 1.0f;
    }
    seen[sample] = known;
}
