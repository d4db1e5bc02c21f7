"""The pixel verbs on an NVIDIA GPU, through CuPy. ``cupy`` is imported in ``cuda.py`` alone.

How a frame flows: ``prepare`` is the CPU's (it returns a host Frame, and what a camera delivers is seldom changed).
The first verb that needs the frame uploads its I420 pixels, once, through pinned memory. From then on everything stays
on the GPU, on one stream: halvings and guide, the network's input and (ONNX Runtime bound to the same memory and
stream) its answer, evidence, plate, filter, matte, blurred background, composite. A picture behind the person is
uploaded when it is first seen and found again by identity. ``composite`` downloads the finished I420, once; a frame's
other waits are a few bytes: whether the network's answer is a probability, and whether the person touches the region.

Kernels are plain CUDA C in the ``.cu`` files here, one thread per sample, fused so that a frame takes about forty
launches; their constants come from the CPU's modules. A CUDA graph would save those launches' microseconds, but the
network's region, the pooled memory and the waits change what a frame launches, so there is none.

No GPU was at hand when this was written: it has not run on one. ``gpu_status`` therefore compares it with the CPU,
every time before it is used, and the tests run these kernels compiled for the processor.
"""

from __future__ import annotations

from vcam.ops.gpu.verbs import GpuOps

__all__ = ["GpuOps"]
