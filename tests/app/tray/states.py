"""States as a running vcam tells them, for tests that draw them."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from vcam.config import Settings
from vcam.control.gallery import Known
from vcam.control.live_settings import plain_settings
from vcam.control.state import Problem, State
from vcam.engine.status import Phase, RunStatus, SinkStatus

SINK = SinkStatus("preview", 30, 100, 0, 10, 20, 30, note="preview: http://127.0.0.1:8765/")
RUN = RunStatus(Phase.LIVE, "", "Logitech BRIO", "blur 60", "1280x720", 10, 300, 300, 0, 0, 29.97, 9.4, sinks=(SINK,))
KNOWN = (Known("beach", "yours", "picture"), Known("brick-loft-evening", "bundled", "picture"),
         Known("city-lights-night", "bundled", "picture"))


def state(phase: str = "live", problem: str = "", sink_problem: str = "", settings: dict[str, Any] | None = None,
          **more: Any) -> dict[str, Any]:
    """As it comes through the socket: JSON."""
    sinks = (replace(SINK, problem=sink_problem),)
    run = replace(RUN, phase=Phase(phase), problem=problem, sinks=sinks)
    chosen = Settings.model_validate({"background": "blur:60"} | (settings or {}))
    given: dict[str, Any] = {"source": "camera:0", "sinks": ("preview:",), "backgrounds": KNOWN,
                             "device": "CPU", "settings": plain_settings(chosen)} | more
    told: dict[str, Any] = json.loads(State(run, "general", "onnx", **given).to_json())
    return told


def problem(text: str) -> Problem:
    return Problem("background", text, "try another one")
