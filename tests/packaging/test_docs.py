"""The documentation: it builds without a warning, loads nothing from elsewhere, and its commands are understood."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from tests.packaging.conftest import ROOT
from vcam import __version__
from vcam.app.cli import app

# Kernels are compiled at a first run, and this machine may be busy.
pytestmark = pytest.mark.timeout(900)

PAGES = ROOT / "packaging/docs/pages"
TEXTS = [ROOT / "README.md", ROOT / "packaging/keys.md", *sorted(PAGES.rglob("*.md"))]

# From another host, whatever asks for it.
_FOREIGN = re.compile(r"""(?:src|href)=["']?(https?:)?//[^"'> ]+\.(?:js|css|woff2?|png|svg|jpg)""")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("zensical", reason="the extra docs is not installed")
    for module, extra in (("desktop_notifier", "tray"), ("mediapipe", "mediapipe"), ("aiortc", "stream"),
                          ("ray", "cluster")):
        pytest.importorskip(module, reason=f"the extra {extra} is not installed")
    out = tmp_path_factory.mktemp("docs") / "site"
    done = subprocess.run([sys.executable, str(ROOT / "packaging/docs"), str(out)], capture_output=True, text=True,
                          env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return out


def test_the_site_has_every_page(site: Path) -> None:
    assert len(list(site.rglob("index.html"))) >= 25
    reference = (site / "reference/python/index.html").read_text()
    assert "Cut the person out of a video or a picture." in reference
    assert "vcam run" in (site / "reference/commands/index.html").read_text()
    assert "numpy" in (site / "licences/index.html").read_text()


def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    found = {match[0] for page in site.rglob("*.html") for match in _FOREIGN.finditer(page.read_text())}
    assert not found


def fences(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Lines of every fenced or indented block of commands; whether it is marked to be executed."""
    for match in re.finditer(r"(<!-- tested -->\n)?^ *```sh\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL):
        yield bool(match[1]), [line.strip() for line in match[2].splitlines() if line.strip()]


def commands() -> Iterator[str]:
    """Everything that begins with vcam, in blocks and between backticks."""
    for path in TEXTS:
        text = path.read_text()
        for _, lines in fences(text):
            yield from (line for line in lines if line.startswith("vcam "))
        yield from re.findall(r"`(vcam [^`]+)`", text)


def understood(line: str) -> None:
    """Parse a command with the program's own table, without doing it."""
    line = re.split(r" (?:\\?\||&&|>) ", line)[0].replace("\\", "")
    words = shlex.split(re.sub(r"(?<! )(?<!--sink) …", "", line))[1:]
    command, path = get_command(app), "vcam"
    while hasattr(command, "get_command"):
        if not words or words[0].startswith("-"):
            return
        word = words.pop(0)
        found = command.get_command(command.context_class(command, info_name=path), word)
        assert found is not None, f"{line}: no command {word}"
        command, path = found, f"{path} {word}"
    if "--help" not in words:
        command.make_context(path, words)


def test_every_command_is_understood() -> None:
    lines = sorted(set(commands()))
    assert len(lines) > 60
    wrong = []
    for line in lines:
        try:
            understood(line)
        except Exception as error:
            if "Missing" not in str(error):  # a command that is only named
                wrong.append(f"{line}: {error}")
    assert wrong == []


@pytest.mark.parametrize("line", ["vcam rum", "vcam run --backgroud blur", "vcam mirror on and off"])
def test_a_wrong_command_would_be_found(line: str) -> None:
    with pytest.raises(Exception, match=r"no command|No such option|unexpected extra"):
        understood(line)


BLOCKS = [pytest.param(lines, id=f"{path.stem}-{number}") for path in TEXTS
          for number, (executed, lines) in enumerate(fences(path.read_text())) if executed]


@pytest.mark.parametrize("lines", BLOCKS)
def test_commands_do_what_the_page_says(lines: list[str], tmp_path: Path) -> None:
    for line in lines:
        done = subprocess.run([sys.executable, "-m", *shlex.split(line)], cwd=tmp_path, capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=300, check=False)
        # The doctor's word about this machine is 1 where something is missing.
        assert done.returncode == 0 or (line == "vcam doctor" and "problem" in done.stdout), f"{line}\n{done.stderr}"


def test_files_are_named_with_this_version() -> None:
    named = {match for path in TEXTS for match in re.findall(r"vcam(?:-tray)?[-_](\d+\.\d+\.\d+)", path.read_text())}
    assert named == {__version__}


def test_the_threat_model_names_tests_that_exist() -> None:
    named = re.findall(r"`(test[\w/.]*)`", (PAGES / "threat-model.md").read_text())
    assert len(named) > 10
    folder = ROOT / "tests"
    for name in named:
        path = ROOT / name if name.startswith("tests") else folder / name
        folder = path.parent
        assert path.exists(), name
