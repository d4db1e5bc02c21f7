"""Cut-outs through the panel: the real work, in processes of its own, and nothing left of it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import cv2
import numpy as np
import pytest

from tests.app.web.visiting import TOKEN, Visit, visit
from tests.engine.test_demand import wait_until
from vcam.app.web import cutouts
from vcam.frame import FramePool, Pixels, Size
from vcam.ops.colour import i420_to_bgr
from vcam.sources import SourceOptions, make_source

PATIENCE = 150.0


def people(count: int, size: Size) -> Iterator[Pixels]:
    """Pictures of somebody in a room, BGR."""
    source = make_source("demo:", SourceOptions(size=size), FramePool())
    source.open()
    try:
        for _ in range(count):
            frame = source.read()
            assert frame is not None
            yield i420_to_bgr(frame.pixels, frame.colour)
    finally:
        source.close()


def photograph() -> bytes:
    return cv2.imencode(".jpg", next(people(1, Size(640, 360))))[1].tobytes()


def film(pictures: int) -> bytes:
    """MP4."""
    file = BytesIO()
    with av.open(file, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=30)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 640, 360, "yuv420p", Fraction(1, 30)
        for bgr in people(pictures, Size(640, 360)):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(bgr, "bgr24")))
        container.mux(stream.encode(None))
    return file.getvalue()


@pytest.fixture(scope="module")
def at(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Visit]:
    folder = tmp_path_factory.mktemp("cutouts")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("VCAM_STATE_FOLDER", str(folder))
        with visit(patch, folder) as made:
            yield made
        assert not (folder / "cutouts").exists(), "all of it goes with the panel"


@pytest.fixture(autouse=True)
def clean(at: Visit) -> Iterator[None]:
    yield
    for job in at.ask("/cutouts").json:
        assert at.ask(f"/cutouts/{job['id']}", "DELETE").status == 204
    wait_until(lambda: not kept(at), PATIENCE)


def kept(at: Visit) -> list[str]:
    """The files that are there."""
    return [path.name for path in (at.folder / "cutouts").rglob("*")]


def bring(at: Visit, query: str, data: bytes) -> Any:
    return at.ask(f"/cutouts?{query}", "POST", data, {"Content-Type": "application/octet-stream"})


def job(at: Visit, number: str) -> Any:
    return next(one for one in at.ask("/cutouts").json if one["id"] == number)


def ended(at: Visit, number: str) -> Any:
    """The cut-out, once it is done or has failed."""
    wait_until(lambda: job(at, number)["stage"] in ("done", "failed"), PATIENCE)
    return job(at, number)


def test_a_photograph_comes_back_with_the_person_alone(at: Visit) -> None:
    answer = bring(at, "name=me.jpg&quality=fast", photograph())
    assert (answer.status, answer.json["stage"], answer.json["name"]) == (201, "waiting", "me.jpg")
    done = ended(at, answer.json["id"])
    assert (done["stage"], done["result"], done["share"]) == ("done", "me.cutout.png", 1)
    given = at.ask(f"/cutouts/{done['id']}/result")
    assert given.headers["content-disposition"] == 'attachment; filename="me.cutout.png"'
    picture = np.asarray(cv2.imdecode(np.frombuffer(given.body, np.uint8), cv2.IMREAD_UNCHANGED))
    assert picture.shape == (360, 640, 4)
    assert picture[300, 300, 3] == 255, "her chest"
    assert picture[20, 20, 3] == 0, "the room"
    assert "me.jpg" not in kept(at), "what was brought is not needed any more"


def test_a_film_is_watched_and_given_up(at: Visit) -> None:
    number = bring(at, "name=talk.mp4", film(150)).json["id"]
    wait_until(lambda: 0 < job(at, number)["share"] < 1, PATIENCE)
    rendered = at.desk.controller.state().run.rendered
    at.desk.later(5)
    assert at.desk.controller.state().run.rendered > rendered, "the live picture goes on"
    assert at.ask(f"/cutouts/{number}", "DELETE").status == 204
    assert at.ask("/cutouts").json == []
    wait_until(lambda: not kept(at), PATIENCE)


def test_one_that_waits_is_given_up_too(at: Visit) -> None:
    first = bring(at, "name=talk.mp4", film(60)).json["id"]
    second = bring(at, "name=me.jpg", photograph()).json["id"]
    assert job(at, second)["stage"] == "waiting"
    assert at.ask(f"/cutouts/{second}", "DELETE").status == 204
    assert "me.jpg" not in kept(at)
    assert at.ask(f"/cutouts/{first}", "DELETE").status == 204


@pytest.mark.parametrize(("name", "data"), [("a.jpg", b"nonsense"), ("b.mp4", b"nonsense"), ("c.png", b"")])
def test_what_is_neither_film_nor_photograph_fails_and_says_so(at: Visit, name: str, data: bytes) -> None:
    failed = ended(at, bring(at, f"name={name}", data).json["id"])
    assert failed["stage"] == "failed"
    assert name in failed["error"]
    assert str(at.folder) not in failed["error"] + failed["hint"]
    assert at.ask(f"/cutouts/{failed['id']}/result").status == 404


@pytest.mark.parametrize(("query", "status"), [("name=a.exe", 422), ("", 422), ("name=a.png&quality=worst", 422)])
def test_what_is_asked_for_wrongly_is_refused(at: Visit, query: str, status: int) -> None:
    assert bring(at, query, b"x").status == status
    assert kept(at) == []


def test_a_name_leads_nowhere_else(at: Visit) -> None:
    job = bring(at, "name=..%2F..%2Fup.png", b"x").json
    assert job["name"] == "up.png"
    assert not list(at.folder.glob("*.png"))
    for number in ("..", "..%2F..", "no-such", job["id"] + "%2F.."):
        assert at.ask(f"/cutouts/{number}/result").status == 404
        assert at.ask(f"/cutouts/{number}", "DELETE").status in (404, 405)


@pytest.mark.parametrize("chunked", [True, False])
def test_too_much_is_refused(at: Visit, monkeypatch: pytest.MonkeyPatch, chunked: bool) -> None:
    monkeypatch.setattr(cutouts, "LARGEST_FILM", 1000)
    connection = at.connection()
    connection.request("POST", "/cutouts?name=a.mp4", iter([bytes(3000)]) if chunked else bytes(3000),
                       encode_chunked=chunked, headers={"Transfer-Encoding": "chunked"} if chunked else {})
    assert connection.getresponse().status == 413
    connection.close()
    assert kept(at) == []
    assert at.ask("/cutouts").json == []


def test_too_many_are_refused(at: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cutouts, "MOST", 1)
    assert bring(at, "name=a.png", b"x").status == 201
    assert bring(at, "name=b.png", b"x").status == 409


def test_strangers_bring_and_get_nothing(open_to_others: Visit) -> None:
    assert bring(open_to_others, "name=a.png", b"x").status == 401
    assert open_to_others.ask("/cutouts").status == 401
    allowed = {"Authorization": f"Bearer {TOKEN}"}
    assert open_to_others.ask("/cutouts", headers=allowed).json == []
    foreign = {**allowed, "Origin": "http://evil.example"}
    assert open_to_others.ask("/cutouts/x", "DELETE", headers=foreign).status == 403
