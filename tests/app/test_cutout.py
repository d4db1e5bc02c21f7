"""``vcam cutout`` as typed: what it says, what it leaves, and its exit codes."""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import subprocess
import sys
import threading  # noqa: TID251
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.app.test_cli import ROOT, vcam
from tests.cutting.films import FRAMES, left, outline, overlap, picture, talk
from vcam.app.cutout_command import divided
from vcam.errors import UsageError

pytestmark = pytest.mark.timeout(900)  # processes start slowly on a busy machine
FAST = ("--quality", "fast", "--processes", "1")


def photo(folder: Path, name: str = "photo.jpg") -> Path:
    Image.fromarray(np.ascontiguousarray(picture(0)[..., ::-1])).save(folder / name, quality=95)
    return folder / name


def is_her(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as image:
        return overlap(np.asarray(image)[..., 3], outline(0)) > 0.95


def test_zero_options(tmp_path: Path) -> None:
    talk(tmp_path, frames=2)
    done = vcam("cutout", "talk.mp4", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, "talk.cutout.webm\n"), done.stderr
    assert "vcam models fetch multiclass" in done.stderr
    assert left(tmp_path) == {"talk.mp4", "talk.cutout.webm"}


def test_events_for_programs(tmp_path: Path) -> None:
    talk(tmp_path)
    done = vcam("cutout", "talk.mp4", "--json", "--preview", *FAST, folder=tmp_path)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    stages = [event["stage"] for event in events if event["event"] == "progress"]
    assert list(dict.fromkeys(stages)) == ["survey", "see", "render"]
    shares = [event["share"] for event in events if event["event"] == "progress"]
    assert shares == sorted(shares)
    assert events[-1] == {"event": "done", "file": "talk.mp4", "output": "talk.cutout.webm", "pictures": FRAMES,
                          "person": events[-1]["person"], "notes": [], "preview": "talk.cutout.preview.jpg"}
    with Image.open(tmp_path / "talk.cutout.preview.jpg") as sheet:
        assert sheet.width > 900


@pytest.mark.parametrize(("words", "code", "told"), [
    (["no.mp4"], 2, "'no.mp4' does not exist"), (["*.jpg"], 2, "'*.jpg' does not exist"),
    (["empty"], 2, "holds no video and no picture"), (["broken.mp4"], 1, "'broken.mp4' cannot be read"),
    (["talk.mp4", "--format", "vhs"], 2, "unknown format 'vhs'"), (["talk.mp4", "--quality", "better"], 2, "better"),
    (["talk.mp4", "--fit", "tight"], 2, "tight"), (["talk.mp4", "--model", "multiclass"], 1, "models fetch multiclass"),
    (["talk.mp4", "out.mp4"], 2, "has no transparency"), (["talk.mp4", "--engine", "spark"], 2, "local or ray"),
    (["talk.mp4", "broken.mp4"], 2, "is it an input or the output?"), (["-"], 2, "standard input has no name"),
    (["http://127.0.0.1:9/talk.mp4"], 1, "could not be fetched"), ([], 2, "IN… [OUT]")])
def test_mistakes(tmp_path: Path, words: list[str], code: int, told: str) -> None:
    talk(tmp_path)
    (tmp_path / "broken.mp4").write_bytes(b"this is no film")
    (tmp_path / "empty").mkdir()
    before = left(tmp_path)
    done = vcam("cutout", *words, folder=tmp_path)
    assert told in done.stderr, done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    assert left(tmp_path) == before


def test_what_exists_is_kept_where_nobody_can_be_asked(tmp_path: Path) -> None:
    photo(tmp_path)
    (tmp_path / "photo.cutout.png").write_bytes(b"mine")
    done = vcam("cutout", "photo.jpg", *FAST, folder=tmp_path)
    assert (done.returncode, (tmp_path / "photo.cutout.png").read_bytes()) == (2, b"mine")
    assert "--overwrite" in done.stderr
    assert vcam("cutout", "photo.jpg", "--overwrite", *FAST, folder=tmp_path).returncode == 0
    assert is_her((tmp_path / "photo.cutout.png").read_bytes())


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no terminals of this kind")
@pytest.mark.parametrize("answer", ["n", "y"])
def test_on_a_terminal_it_asks(tmp_path: Path, answer: str) -> None:
    photo(tmp_path)
    target = tmp_path / "photo.cutout.png"
    target.write_bytes(b"mine")
    ours, theirs = os.openpty()
    os.write(ours, f"{answer}\n".encode())
    done = subprocess.run([sys.executable, "-m", "vcam", "cutout", "photo.jpg", *FAST], stdin=theirs, stderr=theirs,
                          stdout=subprocess.PIPE, cwd=tmp_path, timeout=600, check=False,
                          env=os.environ | {"PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "200"})
    said = os.read(ours, 1 << 16).decode()
    os.close(theirs)
    os.close(ours)
    assert "Replace it?" in said
    assert done.returncode == (0 if answer == "y" else 1)
    assert (target.read_bytes() == b"mine") is (answer == "n")


def test_a_folder_where_one_file_is_broken(tmp_path: Path) -> None:
    photo(tmp_path, "a.jpg")
    photo(tmp_path, "b.png")
    talk(tmp_path, "c.mp4", frames=2)
    (tmp_path / "d.jpg").write_bytes(b"this is no picture")
    (tmp_path / "notes.txt").write_text("nothing")
    before = left(tmp_path)
    done = vcam("cutout", ".", *FAST, folder=tmp_path)
    assert done.returncode == 1
    assert "d.jpg" in done.stderr
    assert left(tmp_path) - before == {"a.cutout.png", "b.cutout.png", "c.cutout.webm"}
    (tmp_path / "out").mkdir()
    assert vcam("cutout", "[ab].*", "-o", "out", *FAST, folder=tmp_path).returncode == 0, "its own outputs do not match"
    assert left(tmp_path / "out") == {"a.cutout.png", "b.cutout.png"}


def test_from_standard_input_to_standard_output(tmp_path: Path) -> None:
    source = photo(tmp_path)
    with source.open("rb") as stream:
        done = subprocess.run([sys.executable, "-m", "vcam", "cutout", "-", "-", *FAST], stdin=stream,
                              capture_output=True, cwd=tmp_path, timeout=600, check=False,
                              env=os.environ | {"PYTHONPATH": str(ROOT)})
    assert done.returncode == 0, done.stderr
    assert is_her(done.stdout)
    assert left(tmp_path) == {"photo.jpg"}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """A web server with a folder of its own."""
    folder = tmp_path / "web"
    folder.mkdir()
    photo(folder, "a photo.jpg")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{serving.server_address[1]}"
        serving.shutdown()
        thread.join()


def test_from_an_address(tmp_path: Path, server: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    done = vcam("cutout", f"{server}/a%20photo.jpg?size=large", *FAST, folder=here)
    assert done.returncode == 0, done.stderr
    assert left(here) == {"a photo.cutout.png"}
    assert is_her((here / "a photo.cutout.png").read_bytes())
    gone = vcam("cutout", f"{server}/none.jpg", *FAST, folder=here)
    assert (gone.returncode, "File not found" in gone.stderr) == (1, True), gone.stderr


def test_the_last_word_is_the_output_if_it_cannot_be_an_input(tmp_path: Path) -> None:
    one, other, folder = photo(tmp_path, "a.jpg"), photo(tmp_path, "b.jpg"), tmp_path / "out"
    folder.mkdir()
    new = str(tmp_path / "new.png")
    assert divided([str(one)], "") == ([str(one)], "")
    assert divided([str(one), new], "") == ([str(one)], new)
    assert divided([str(one), "-"], "") == ([str(one)], "-")
    assert divided([str(one), str(other), str(folder)], "") == ([str(one), str(other)], str(folder))
    assert divided([str(one), str(other), str(one)], "") == ([str(one), str(other), str(one)], "")
    assert divided([str(one), str(other)], new) == ([str(one), str(other)], new)
    for words in ([str(one), str(other)], [str(one), str(other), new]):
        with pytest.raises(UsageError):
            divided(words, "")
