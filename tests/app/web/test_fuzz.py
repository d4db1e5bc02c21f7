"""Whatever is asked, the API answers as its own description says, and goes on living."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.app.web.visiting import Visit
from vcam.app.web.openapi import description

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

# They never end, or end the run, or fill the disk with recordings of the test itself.
_LEFT_OUT = r"^/(events|view/.*|commands/(quit|sink/start|set|reload|camera))$"

API: Any = schemathesis.openapi.from_dict(description()).exclude(path_regex=_LEFT_OUT)


@API.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_keeps_its_word(case: Any, at: Visit) -> None:
    case.call_and_validate(base_url=f"http://127.0.0.1:{at.port}", excluded_checks=_unfit())
    assert at.desk.controller.state().run.failed == 0


def _unfit() -> list[Any]:
    """Checks that cannot hold: without a token every authorization is fine, a word is read as the number that it says
    (as on the command line), and what fits the schema may still be no background or profile."""
    from schemathesis.specs.openapi import checks

    return [checks.ignored_auth, checks.unsupported_method, checks.negative_data_rejection,
            checks.positive_data_acceptance]
