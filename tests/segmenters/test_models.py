"""The catalogue, and fetching: checked, whole or not at all, with words that help when there is no network."""

from __future__ import annotations

import hashlib
import http.server
import threading  # noqa: TID251
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from vcam.errors import ModelError, UsageError
from vcam.segmenters import models
from vcam.segmenters.models import Model, ModelFile, catalogue, fetch, load, model, remove

CONTENT = b"weights " * 5000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "models"
    monkeypatch.setenv("VCAM_MODELS", str(place))
    return place


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    (tmp_path / "served").mkdir()
    (tmp_path / "served" / "good").write_bytes(CONTENT)
    (tmp_path / "served" / "short").write_bytes(CONTENT[:100])
    (tmp_path / "served" / "other").write_bytes(CONTENT[::-1])

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path / "served"))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()
        thread.join()


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> Model:
    """A small network in the catalogue, to be fetched from an address the test sets."""
    file = ModelFile("tiny.tflite", hashlib.sha256(CONTENT).hexdigest(), len(CONTENT), bundled=False)
    entry = Model("tiny", "a test", "CC0", False, "", {"litert": file})
    return at(entry, "http://127.0.0.1:9/tiny", monkeypatch)


def at(entry: Model, url: str, monkeypatch: pytest.MonkeyPatch) -> Model:
    changed = replace(entry, url=url)
    monkeypatch.setattr(models, "catalogue", lambda: {"tiny": changed} | catalogue())
    return changed


def test_every_bundled_file_is_what_the_manifest_says() -> None:
    bundled = [entry for entry in catalogue().values() if entry.bundled]
    assert {entry.name for entry in bundled} == {"general", "landscape"}
    for entry in bundled:
        assert set(entry.files) == {"litert", "onnx"}
        for file in entry.files.values():
            assert len(load(file, entry.name)) == file.size


def test_every_model_names_its_licence_and_address() -> None:
    for entry in catalogue().values():
        assert entry.licence
        assert entry.bundled or entry.url.startswith("https://")


@pytest.mark.usefixtures("tiny")
def test_fetch_from_a_file(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "given").write_bytes(CONTENT)
    assert fetch("tiny", tmp_path / "given") == folder / "tiny.tflite"
    assert (folder / "tiny.tflite").read_bytes() == CONTENT
    assert [path.name for path in folder.iterdir()] == ["tiny.tflite"]
    assert remove("tiny")
    assert not remove("tiny")


def test_fetch_over_http_tells_its_progress(server: str, tiny: Model, folder: Path,
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    at(tiny, f"{server}/good", monkeypatch)
    told: list[int] = []
    fetch("tiny", progress=lambda done, total: told.append(done * 100 // total))
    assert told[-1] == 100
    assert (folder / "tiny.tflite").read_bytes() == CONTENT
    (folder / "tiny.tflite").write_bytes(b"x")
    with pytest.raises(ModelError, match="damaged"):
        fetch("tiny")
    fetch("tiny", force=True)
    assert load(tiny.files["litert"], "tiny") == CONTENT


@pytest.mark.parametrize("path", ["short", "other"])
def test_another_file_is_refused_and_nothing_is_left(server: str, tiny: Model, folder: Path, path: str,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    at(tiny, f"{server}/{path}", monkeypatch)
    with pytest.raises(ModelError, match="not the published"):
        fetch("tiny")
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/tiny", "{server}/missing", "http://nowhere.invalid/tiny"])
def test_offline_the_error_names_file_hash_and_place(server: str, tiny: Model, folder: Path, url: str,
                                                     monkeypatch: pytest.MonkeyPatch) -> None:
    at(tiny, url.format(server=server), monkeypatch)
    with pytest.raises(ModelError) as caught:
        fetch("tiny")
    told = str(caught.value)
    assert "--from-file" in told
    assert tiny.files["litert"].sha256 in told
    assert str(folder / "tiny.tflite") in told
    assert not any(folder.iterdir())


@pytest.mark.usefixtures("tiny")
def test_a_missing_given_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        fetch("tiny", tmp_path / "nothing")


def test_bundled_networks_need_no_fetching_and_stay() -> None:
    with pytest.raises(UsageError, match="comes with vcam"):
        fetch("general")
    with pytest.raises(UsageError, match="stays"):
        remove("landscape")
    with pytest.raises(UsageError, match="did you mean 'multiclass'"):
        model("multiclas")
