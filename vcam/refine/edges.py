"""Edges: alpha as a local linear function of colour (the closed-form matting assumption, Levin et al. 2008, section 2),
fitted where it is cheap and applied at full resolution only where a frame is neither background nor person."""

from __future__ import annotations

from vcam.frame import Matte
from vcam.ops import DeviceArray, Guide, Ops

# Variance of RGB (0–1) below which a difference of colour is noise, not an edge.
EPSILON = 1e-3


def fit_matte(ops: Ops, alpha: DeviceArray, guide: Guide, seq: int) -> Matte:
    """The matte of frame ``seq`` from its alpha on the grid (float32, 0–1) and its guide."""
    return ops.matte(alpha, guide, seq, EPSILON)
