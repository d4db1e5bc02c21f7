"""What a running vcam can be told."""

from __future__ import annotations

import json
from typing import Any

from vcam.control.wiring import Assembly
from vcam.engine.privacy import Privacy

# The word, and what viewers may see once it was said.
PRIVACY = {"resume": Privacy.LIVE, "pause": Privacy.AWAY, "freeze": Privacy.FROZEN, "panic": Privacy.PANIC}


def obey(assembly: Assembly, command: str) -> dict[str, Any]:
    """Carry a command out; the answer is the state afterwards, or an error."""
    if command in PRIVACY:
        assembly.run.set_privacy(PRIVACY[command])
    elif command != "status":
        return {"error": f"unknown command; known: {', '.join([*PRIVACY, 'status'])}"}
    answer: dict[str, Any] = json.loads(assembly.state().to_json())
    return answer
