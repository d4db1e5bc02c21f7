"""Uploads: bounded, decoded before they are accepted, and never outside the folder."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.app.web.visiting import Visit
from vcam.app.web import uploads
from vcam.app.web.uploads import harmless_name
from vcam.errors import UsageError

RED = np.full((90, 160, 3), (0, 0, 255), np.uint8)
PNG = cv2.imencode(".png", RED)[1].tobytes()


def film() -> bytes:
    """A short red film (MP4)."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 160, 90, "yuv420p", Fraction(1, 10)
        for _ in range(5):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(RED, "bgr24")))
        container.mux(stream.encode(None))
    return file.getvalue()


def own(at: Visit) -> set[str]:
    folder = at.folder / "own"
    return {str(path.relative_to(folder)) for path in folder.rglob("*")} if folder.exists() else set()


@pytest.mark.parametrize(("name", "data"), [("sea side.png", PNG), ("film.mp4", film())])
def test_an_upload_can_be_chosen_at_once(at: Visit, name: str, data: bytes) -> None:
    answer = at.upload(quote(name), data)
    assert (answer.status, answer.json) == (201, {"name": Path(name).stem})
    assert (at.folder / "own" / name).read_bytes() == data
    assert (Path(name).stem, "yours") in {(known["name"], known["category"]) for known in at.ask("/backgrounds").json}
    assert at.tell("bg", name=Path(name).stem).status == 200
    assert at.desk.shown() == "red"
    thumbnail = at.ask(f"/backgrounds/{quote(Path(name).stem)}/thumbnail").body
    colour = np.asarray(cv2.imdecode(np.frombuffer(thumbnail, np.uint8), cv2.IMREAD_COLOR)).mean((0, 1))
    assert np.abs(colour - (0, 0, 255)).max() < 25


def test_an_upload_replaces_nothing(at: Visit) -> None:
    names = [at.upload("twice.png", PNG).json["name"] for _ in range(2)]
    assert names == ["twice", "twice 2"]
    assert at.upload("golden-bokeh.png", PNG).json["name"] == "golden-bokeh 2", "nor hides one that comes with vcam"


@pytest.mark.parametrize(("name", "data", "status"), [
    ("a.png", b"not a picture", 409), ("b.png", PNG[:60], 409), ("c.png", b"", 409), ("d.mp4", PNG[:50], 409),
    ("e.mp4", b"", 409), ("f.exe", PNG, 422), ("png", PNG, 422), ("", PNG, 422), ("h.svg", b"<svg/>", 422),
    ("i.html", b"<script>", 422)])
def test_what_is_no_background_leaves_nothing_behind(at: Visit, name: str, data: bytes, status: int) -> None:
    before = own(at)
    answer = at.upload(name, data)
    assert answer.status == status
    assert str(at.folder) not in answer.json["error"]
    assert own(at) == before


def test_a_decompression_bomb_is_refused(at: Visit) -> None:
    before = own(at)
    bomb = cv2.imencode(".png", np.zeros((12000, 12000), np.uint8), (cv2.IMWRITE_PNG_COMPRESSION, 9))[1].tobytes()
    assert len(bomb) < 1_000_000
    assert at.upload("bomb.png", bomb).status == 409
    assert own(at) == before


@pytest.mark.parametrize("headers", [{}, {"Transfer-Encoding": "chunked"}])
def test_too_much_is_refused(at: Visit, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]) -> None:
    before = own(at)
    monkeypatch.setattr(uploads, "LARGEST_PICTURE", 1000)
    connection = at.connection()
    body = iter([PNG, bytes(3000)]) if headers else PNG + bytes(3000)
    connection.request("POST", "/backgrounds?name=big.png", body, headers, encode_chunked=bool(headers))
    assert connection.getresponse().status == 413
    connection.close()
    assert own(at) == before


@pytest.mark.parametrize("name", ["../up.png", "..\\up.png", "/etc/up.png", "C:\\up.png", "a/../../up.png",
                                  "..%2Fup.png", ".hidden.png", "....png", "con.png", "NUL.png", "up\n.png", "up\0.png",
                                  "a" * 500 + ".png", "ä" * 300 + ".png", "-rf.png", "up:stream.png", " .png"])
def test_no_name_leads_out_of_the_folder(at: Visit, name: str) -> None:
    outside = {path for path in at.folder.iterdir() if path.name != "state.json"} | {at.folder / "own"}
    answer = at.upload(quote(name, safe=""), PNG)
    assert answer.status == 201
    made = at.folder / "own" / f"{answer.json['name']}.png"
    assert made.is_file()
    assert not made.name.startswith(".")
    assert {path for path in at.folder.iterdir() if path.name != "state.json"} <= outside
    assert all("/" not in name for name in own(at))
    made.unlink()


@given(st.text() | st.text("./\\\0:~ conul", max_size=20).map(lambda text: text + ".png"))
def test_any_name_becomes_harmless_or_is_refused(name: str) -> None:
    try:
        stem, ending = harmless_name(name)
    except UsageError:
        return
    file = Path("/folder") / f"{stem}{ending}"
    assert file.resolve().parent == Path("/folder")
    assert stem == stem.strip(" .")
    assert 0 < len(f".{stem}.12345678{ending}".encode()) < 256
    assert not stem.startswith(".")
    assert file.stem == stem, "the gallery knows it by this name"
    assert not set(stem) & set('<>:"/\\|?*'), "no system takes it for more than a name"
    assert stem.partition(".")[0].strip().casefold() not in ("con", "prn", "aux", "nul", "com1", "lpt1")


@pytest.mark.parametrize(("given_name", "stem"), [
    ("../up.png", "up"), ("..\\up.png", "up"), ("/etc/up.png", "up"), ("C:\\pictures\\up.png", "up"),
    ("con.png", "background con"), ("NUL.png", "background NUL"), ("com1 .x.png", "background com1 .x"),
    ("up:stream.png", "up stream"), ("wo <b>.png", "wo b"), (".hidden.png", "hidden")])
def test_a_name_keeps_what_is_harmless(given_name: str, stem: str) -> None:
    assert harmless_name(given_name) == (stem, ".png")
