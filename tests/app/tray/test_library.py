"""Where a tray cannot exist, one line says why."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from vcam.app.tray import library

pytestmark = pytest.mark.skipif(importlib.util.find_spec("pystray") is None,
                                reason="the extra 'tray' is not installed")

LOAD = """
from vcam.app.tray import library
try:
    print("loaded", library.load().Icon.__module__)
except library.NoTray as error:
    print(error.message, "|", error.hint)
"""


def loaded(code: str = LOAD, **environment: str) -> str:
    """What loading the library in a fresh process says."""
    plain = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(Path(library.__file__).parents[3]), "HOME": "/nonexistent"}
    done = subprocess.run([sys.executable, "-c", code], env=plain | environment, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a desktop")
def test_without_a_desktop_it_says_so() -> None:
    assert loaded().startswith("no tray: there is no desktop here")


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has displays that are not there")
def test_a_display_that_does_not_answer_is_no_traceback() -> None:
    said = loaded(DISPLAY=":4711")
    assert said.startswith("no tray: ")
    assert "vcam run" in said or "everything else works" in said


def test_without_the_extra_it_says_what_to_install() -> None:
    code = LOAD.replace("from vcam", "import sys; sys.modules['pystray'] = None\nfrom vcam", 1)
    code = "import importlib.util as u; found = u.find_spec\n" \
           "u.find_spec = lambda name, *more: None if name == 'pystray' else found(name, *more)\n" + code
    assert "pip install 'vcam[tray]'" in loaded(code)


@pytest.mark.skipif(sys.platform != "linux", reason="PyGObject")
def test_only_a_pygobject_for_this_very_python_is_borrowed(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from vcam.app.tray import library
print(library.borrow_gi([Path({str(tmp_path)!r})]))
try:
    import gi
    print("imported", gi.mark)
except ImportError:
    print("not importable")
try:
    import stranger
except ImportError:
    print("nothing else")
"""
    package = tmp_path / "gi"
    package.mkdir()
    (package / "__init__.py").write_text("mark = 'ours'")
    (tmp_path / "stranger.py").write_text("")
    (package / "_gi.cpython-27-x86_64-linux-gnu.so").touch()
    assert loaded(code).split("\n")[0] == "False"
    (package / f"_gi{importlib.machinery.EXTENSION_SUFFIXES[0]}").touch()
    assert loaded(code).split("\n") == ["True", "imported ours", "nothing else"]
