"""Edges: alpha as a local linear function of colour (the closed-form matting assumption, Levin et al. 2008, section 2),
fitted where it is cheap and applied at full resolution only where a frame is neither background nor person.

It is fitted twice. The network's outline is off by a few pixels, and a fit to such an outline is a compromise between
colours of both sides: too soft. So the first fit, eased back to a clear edge, only says where the colours change; the
second is fitted to that, and mixed with what it was fitted to.
"""

from __future__ import annotations

from vcam.frame import Matte
from vcam.ops import DeviceArray, EdgeSettings, Guide, Ops

SETTINGS = EdgeSettings()


def fit_matte(ops: Ops, alpha: DeviceArray, guide: Guide, seq: int) -> Matte:
    """The matte of frame ``seq`` from its alpha on the grid (float32, 0–1) and its guide."""
    return ops.matte(alpha, guide, seq, SETTINGS)
