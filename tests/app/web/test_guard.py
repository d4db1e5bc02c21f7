"""Strangers stay out: each of these fails without the check that it is about."""

from __future__ import annotations

import json
import secrets

import pytest

from tests.app.web.visiting import JSON, TOKEN, Visit

BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.mark.parametrize("host", ["evil.example:{port}", "evil.example", "127.0.0.1:1", "127.0.0.1", "", "localhost",
                                  "127.0.0.1.evil.example:{port}", "127.0.0.1:{port}.evil.example", "10.0.0.9:{port}"])
def test_a_foreign_name_is_refused(at: Visit, host: str) -> None:
    """DNS rebinding."""
    answer = at.ask("/state", headers={"Host": host.format(port=at.port)})
    assert answer.status == 403
    assert b"serial" not in answer.body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_the_own_names_are_welcome(at: Visit, host: str) -> None:
    assert at.ask("/state", headers={"Host": f"{host}:{at.port}"}).status == 200


@pytest.mark.parametrize("headers", [
    {"Origin": "http://evil.example"}, {"Origin": "null"}, {"Origin": "https://127.0.0.1:{port}"},
    {"Origin": "http://127.0.0.1:1"}, {"Origin": "http://localhost:{port}"}, {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"}])
@pytest.mark.parametrize("path", ["/commands/panic", "/state", "/view/picture", "/snapshot.jpg",
                                  "/backgrounds?name=a.png"])
def test_a_foreign_page_is_refused(at: Visit, path: str, headers: dict[str, str]) -> None:
    """CSRF."""
    told = {name: value.format(port=at.port) for name, value in headers.items()}
    method = "POST" if "commands" in path or "name=" in path else "GET"
    answer = at.ask(path, method, b"{}" if method == "POST" else None, {**JSON, **told})
    assert answer.status == 403
    assert at.desk.controller.state().privacy == "live"


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_a_form_is_no_command(at: Visit, kind: str) -> None:
    """What a page elsewhere can send without asking, should its browser tell no origin."""
    assert at.ask("/commands/panic", "POST", b"{}", {"Content-Type": kind}).status == 415
    assert at.desk.controller.state().privacy == "live"


def test_the_panel_itself_and_a_link_to_it_are_welcome(at: Visit) -> None:
    own = {"Origin": f"http://127.0.0.1:{at.port}", "Sec-Fetch-Site": "same-origin"}
    assert at.ask("/state", headers=own).status == 200
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert at.ask("/", headers=link).status == 200
    assert at.ask("/state", headers=link).status == 403


@pytest.mark.parametrize("path", ["/", "/state", "/nowhere", "/static/panel.js"])
def test_browsers_are_told_to_be_careful(at: Visit, path: str) -> None:
    headers = at.ask(path).headers
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-frame-options"] == "DENY"
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] in ("no-store", "no-cache")
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("path", ["/state", "/events", "/view/picture", "/snapshot.jpg", "/metrics", "/backgrounds",
                                  "/settings", "/cameras", "/doctor", "/backgrounds/golden-bokeh/thumbnail"])
@pytest.mark.parametrize("headers", [
    {}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {TOKEN}"}, {"Authorization": "Bearer"},
    {"Cookie": "vcam_{port}="}, {"Cookie": "vcam_{port}=" + TOKEN}])
def test_other_machines_tell_the_token(open_to_others: Visit, path: str, headers: dict[str, str]) -> None:
    told = {name: value.format(port=open_to_others.port) for name, value in headers.items()}
    assert open_to_others.ask(path, headers=told).status == 401


def test_commands_and_uploads_want_the_token_too(open_to_others: Visit) -> None:
    assert open_to_others.tell("panic").status == 401
    assert open_to_others.upload("a.png", b"").status == 401
    assert open_to_others.desk.controller.state().privacy == "live"


def test_who_knows_the_token_comes_in(open_to_others: Visit) -> None:
    answer = open_to_others.ask("/state", headers=BEARER)
    assert answer.status == 200
    assert TOKEN.encode() not in answer.body


def test_the_page_gets_a_cookie_for_the_token(open_to_others: Visit) -> None:
    assert open_to_others.ask("/").status == 200
    wrong = open_to_others.ask("/session", "POST", b'{"token": "wrong"}', JSON)
    assert (wrong.status, "set-cookie" in wrong.headers) == (401, False)
    for nonsense in (b"", b"[]", b'{"token": 7}', b'{"token": "\\u00e4\\ud800"}', b"[" * 4000):
        assert open_to_others.ask("/session", "POST", nonsense, JSON).status == 401
    answer = open_to_others.ask("/session", "POST", json.dumps({"token": TOKEN}).encode(), JSON)
    assert answer.status == 204
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert TOKEN not in cookie
    assert open_to_others.ask("/state", headers={"Cookie": cookie.partition(";")[0]}).status == 200


def test_a_token_is_compared_in_constant_time(open_to_others: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else its letters could be guessed one by one, by how long the answer takes."""
    compared: list[bytes] = []

    def compare(told: bytes, real: bytes) -> bool:
        compared.append(told)
        return told == real

    monkeypatch.setattr(secrets, "compare_digest", compare)
    open_to_others.ask("/state", headers={"Authorization": "Bearer some-token"})
    open_to_others.ask("/state", headers={"Cookie": f"vcam_{open_to_others.port}=some-cookie"})
    open_to_others.ask("/session", "POST", b'{"token": "another"}', JSON)
    assert compared == [b"some-token", b"some-cookie", b"another"]


def test_no_log_holds_the_token(open_to_others: Visit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    open_to_others.ask("/state", headers=BEARER)
    cookie = open_to_others.ask("/session", "POST", json.dumps({"token": TOKEN}).encode(), JSON).headers["set-cookie"]
    open_to_others.ask("/commands/bg", "POST", json.dumps({"name": TOKEN}).encode(), {**JSON, **BEARER})
    open_to_others.ask("/state", headers={"Authorization": f"Bearer {TOKEN}x"})
    assert TOKEN not in caplog.text
    assert cookie.partition(";")[0].partition("=")[2] not in caplog.text


def test_an_open_panel_knows_addresses_but_no_foreign_names(open_to_others: Visit) -> None:
    for host, status in (("192.168.1.5", 200), ("[fe80::1]", 200), ("evil.example", 403)):
        headers = {**BEARER, "Host": f"{host}:{open_to_others.port}"}
        assert open_to_others.ask("/state", headers=headers).status == status, host


def test_the_room_is_for_this_machine_and_for_who_asks(at: Visit, open_to_others: Visit) -> None:
    consent = {"X-Vcam-Show-Room": "yes"}
    for visited, headers, status in ((at, {}, 403), (open_to_others, {**BEARER, **consent}, 403), (at, consent, 200)):
        connection, answer = visited.open("/view/split", **headers)
        connection.close()
        assert answer.status == status


@pytest.mark.parametrize(("word", "arguments"), [
    ("bg", {"name": "/etc/passwd"}), ("bg", {"name": "~/x.png"}), ("bg", {"name": "x.png"}),
    ("bg", {"name": "slideshow:/home"}), ("sink start", {"sink": "out.mp4"}), ("sink start", {"sink": "hls:/var/www"}),
    ("set", {"name": "backgrounds_folder", "value": "/etc"}), ("set", {"name": "sink", "value": ["null:", "a.mkv"]}),
    ("set", {"name": "sink", "value": "null:,a.mkv"}), ("camera", {"name": "C:\\films\\a.mp4"})])
def test_other_machines_do_not_get_to_files(open_to_others: Visit, word: str, arguments: dict[str, object]) -> None:
    path = f"/commands/{word.replace(' ', '/')}"
    answer = open_to_others.ask(path, "POST", json.dumps(arguments).encode(), {**JSON, **BEARER})
    assert answer.status == 422
    assert "names a file" in answer.json["error"]
