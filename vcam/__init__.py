"""vcam: replaces the background of a camera, in real time, on a CPU.

``vcam.cutout("talk.mp4")`` cuts the person out of a file; see ``vcam.cutting.api``.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

__version__ = "0.1.0"

# From 1.29 on ONNX Runtime reports to Microsoft ten seconds after it was loaded, unless this is set before.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"


def __getattr__(name: str) -> Any:
    if name == "cutout":  # imported when asked for: a key that is bound to a command must be quick
        return import_module("vcam.cutting.api").cutout
    raise AttributeError(f"module 'vcam' has no attribute '{name}'")
