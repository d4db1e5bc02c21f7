// Small pieces apart from the person are erased. Pieces are found on every second sample by union-find: each sample
// points to one of its piece with a lower number, at last to the piece's lowest, its root.

KERNEL begin_pieces(const float* alpha, int columns, int* parent, int* area, int* largest, int wide, int high)
{
    int x = COLUMN, y = ROW;
    if (x >= wide || y >= high) return;
    int sample = y * wide + x;
    parent[sample] = in_bytes(alpha[2 * y * columns + 2 * x]) >= PIECE ? sample : -1;
    area[sample] = 0;
    if (sample == 0) *largest = 0;
}

// Other threads lower the pointers meanwhile: whatever is read belongs to the piece, if no longer as its root.
static __device__ int root_of(const volatile int* parent, int sample)
{
    for (int next = parent[sample]; next != sample; next = parent[sample]) sample = next;
    return sample;
}

static __device__ void unite(int* parent, int one, int other)
{
    for (;;) {
        one = root_of(parent, one);
        other = root_of(parent, other);
        if (one == other) return;
        int high = one > other ? one : other, low = one > other ? other : one;
        int found = atomicMin(parent + high, low);
        if (found == high) return;
        one = found;  // somebody was faster: `high` was a root no longer, and what it pointed to must be united too
        other = low;
    }
}

// Eight neighbours are connected; four of them see the other four.
KERNEL join_pieces(int* parent, int wide, int high)
{
    int x = COLUMN, y = ROW;
    if (x >= wide || y >= high) return;
    int sample = y * wide + x;
    if (parent[sample] < 0) return;
    if (x > 0 && parent[sample - 1] >= 0) unite(parent, sample, sample - 1);
    if (y == 0) return;
    for (int k = -1; k <= 1; k++)
        if (x + k >= 0 && x + k < wide && parent[sample - wide + k] >= 0) unite(parent, sample, sample - wide + k);
}

KERNEL measure_pieces(int* parent, int* area, int count)
{
    int sample = COLUMN;
    if (sample >= count || parent[sample] < 0) return;
    int root = root_of(parent, sample);
    parent[sample] = root;
    atomicAdd(area + root, 1);
}

KERNEL find_largest(const int* area, int* largest, int count)
{
    int sample = COLUMN;
    if (sample < count && area[sample] > 0) atomicMax(largest, area[sample]);
}

// Alpha in bytes, without small pieces and their soft rim, unless that belongs to what stays.
KERNEL erase_pieces(const float* alpha, const int* parent, const int* area, const int* largest, int wide, int high,
                    byte* out, int columns, int rows)
{
    int x = COLUMN, y = ROW;
    if (x >= columns || y >= rows) return;
    float least = fmaxf(*largest * SPECK, wide * high * NEVER);
    bool goes = false, stays = false;
    for (int j = -1; j <= 1; j++)
        for (int k = -1; k <= 1; k++) {
            int row = y / 2 + j, column = x / 2 + k;
            if (row < 0 || row >= high || column < 0 || column >= wide) continue;
            int root = parent[row * wide + column];
            if (root < 0) continue;
            if (area[root] < least) goes = true;
            else stays = true;
        }
    out[y * columns + x] = goes && !stays ? 0 : (byte)in_bytes(alpha[y * columns + x]);
}
