// Ground of all kernels. NVRTC compiles them for the GPU; tests compile the same text as C++ for the processor, where
// threads run one after the other in any order. So: no headers, no barriers, no memory shared by threads; a thread
// writes its own samples only, and what many threads add to is int, so that the order of adding does not matter.

typedef unsigned char byte;

#define KERNEL extern "C" __global__ void
#define COLUMN (int)(blockIdx.x * blockDim.x + threadIdx.x)
#define ROW (int)(blockIdx.y * blockDim.y + threadIdx.y)

static __device__ int inside(int index, int length)
{
    return index < 0 ? 0 : index < length ? index : length - 1;
}

static __device__ float clamped(float value, float low, float high)
{
    return fminf(fmaxf(value, low), high);
}

static __device__ byte nearest(float value)
{
    return (byte)(clamped(value, 0.0f, 255.0f) + 0.5f);
}

// Smoothstep.
static __device__ float eased(float share)
{
    float t = clamped(share, 0.0f, 1.0f);
    return t * t * (3.0f - 2.0f * t);
}

// Alpha as a byte, rounded as OpenCV rounds.
static __device__ int in_bytes(float alpha)
{
    return (int)rintf(alpha * 255.0f);
}

// Where a sample of a grid of `to` samples lies on one of `from` samples that covers the same: between which two of
// them, and how far on the way from the first to the second.
struct Between {
    int first, second;
    float share;
};

static __device__ Between between(int index, int from, int to)
{
    float place = (index + 0.5f) * from / to - 0.5f;
    float before = floorf(place);
    Between found = {inside((int)before, from), inside((int)before + 1, from), place - before};
    return found;
}

static __device__ float sampled(const float* plane, int stride, Between down, Between across)
{
    const float* above = plane + down.first * stride;
    const float* below = plane + down.second * stride;
    float top = above[across.first] + (above[across.second] - above[across.first]) * across.share;
    float bottom = below[across.first] + (below[across.second] - below[across.first]) * across.share;
    return top + (bottom - top) * down.share;
}

// Bytes as OpenCV samples them, with eleven bits of weight and its dropped bits: a network amplifies a level's
// difference to a visible one.
static __device__ byte sampled(const byte* plane, int stride, Between down, Between across)
{
    const byte* above = plane + down.first * stride;
    const byte* below = plane + down.second * stride;
    int right = (int)rintf(across.share * 2048.0f), left = (int)rintf((1.0f - across.share) * 2048.0f);
    int lower = (int)rintf(down.share * 2048.0f), upper = (int)rintf((1.0f - down.share) * 2048.0f);
    int top = (above[across.first] * left + above[across.second] * right) >> 4;
    int bottom = (below[across.first] * left + below[across.second] * right) >> 4;
    return (byte)((((upper * top) >> 16) + ((lower * bottom) >> 16) + 2) >> 2);
}
