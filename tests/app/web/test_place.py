"""Where the panel is: this machine, unless the user says otherwise and gives a token."""

from __future__ import annotations

import pytest

from tests.app.web.visiting import TOKEN
from vcam.app.web.place import DEFAULT_PORT, Place, parse_place
from vcam.errors import ControlError, UsageError


@pytest.mark.parametrize(("address", "token", "place"), [
    ("", "", Place("127.0.0.1", None, "")), ("9000", "", Place("127.0.0.1", 9000, "")),
    ("localhost:0", "", Place("127.0.0.1", 0, "")), ("[::1]:9000", TOKEN, Place("::1", 9000, TOKEN)),
    ("0.0.0.0:9000", TOKEN, Place("0.0.0.0", 9000, TOKEN)), ("off", "", None)])
def test_addresses(address: str, token: str, place: Place | None) -> None:
    assert parse_place(address, token) == place


@pytest.mark.parametrize("address", ["0.0.0.0:9000", "192.168.1.5:9000", "[::]:9000", "my-host:9000"])
def test_other_machines_need_a_token(address: str) -> None:
    with pytest.raises(UsageError, match="can be reached by other machines"):
        parse_place(address, "")
    place = parse_place(address, TOKEN)
    assert place is not None
    assert place.is_open


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(UsageError, match="guessed"):
        parse_place("0.0.0.0:9000", "secret")


@pytest.mark.parametrize("address", ["here", "1:2:3", "127.0.0.1:99999", "127.0.0.1:"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="neither PORT"):
        parse_place(address, TOKEN)


def test_without_a_wish_the_next_free_port_is_taken() -> None:
    with Place("127.0.0.1", None, "").bind() as first, Place("127.0.0.1", None, "").bind() as second:
        ports = [first.getsockname()[1], second.getsockname()[1]]
        assert DEFAULT_PORT <= ports[0] < ports[1]


def test_a_taken_port_is_told() -> None:
    with Place("127.0.0.1", 0, "").bind() as taken, pytest.raises(ControlError, match="cannot use port"):
        Place("127.0.0.1", taken.getsockname()[1], "").bind()
