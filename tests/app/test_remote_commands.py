"""The remote commands as typed, against a vcam that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from vcam.control.commands import TABLE

ROOT = Path(__file__).parents[2]
STARTED = ["run", "--source", "test:", "--size", "320x240", "--background", "green", "--sink", "null:", "--always-on",
           "--json"]


class Program:
    """The program in a world of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("VCAM_")} | {
            "VCAM_CONFIG": str(folder / "config.toml"), "VCAM_STATE_FOLDER": str(folder / "state"),
            "VCAM_SOCKET_FOLDER": str(folder / "run"), "PYTHONPATH": str(ROOT), "COLUMNS": "200"}

    def type(self, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        return subprocess.run([sys.executable, "-m", "vcam", *words], capture_output=True, text=True, timeout=120,
                              env=self.environment | environment, cwd=self.folder, check=False)

    def start(self, *flags: str) -> subprocess.Popen[str]:
        """A run that has begun to show pictures."""
        run = subprocess.Popen([sys.executable, "-m", "vcam", *STARTED, *flags], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True, env=self.environment, cwd=self.folder)
        assert run.stdout is not None
        for line in run.stdout:
            if json.loads(line)["run"]["rendered"] > 3:
                return run
        raise AssertionError(run.communicate()[1])

    def state(self) -> dict[str, Any]:
        done = self.type("status", "--json")
        assert done.returncode == 0, done.stderr
        state: dict[str, Any] = json.loads(done.stdout)
        return state


@pytest.fixture(scope="module")
def vcam(tmp_path_factory: pytest.TempPathFactory) -> Program:
    folder = tmp_path_factory.mktemp("remote")
    Image.new("RGB", (64, 48), (255, 0, 0)).save(folder / "mine.png")
    return Program(folder)


@pytest.fixture(scope="module")
def running(vcam: Program) -> Iterator[subprocess.Popen[str]]:
    with vcam.start() as run:
        yield run
        run.terminate()
        run.communicate(timeout=60)


def setting(name: str, value: object) -> Callable[[dict[str, Any]], bool]:
    return lambda state: state["settings"][name] == value


# What is typed, and what is true of the state afterwards. Each command of the table is here: see below.
TYPED: list[tuple[str, list[str], Callable[[dict[str, Any]], bool]]] = [
    ("bg", ["bg", "scandinavian-room"], setting("background", "scandinavian-room")),
    ("bg", ["bg", "next"], setting("background", "silk-waves-rose")),
    ("bg", ["bg", "previous", "bundled"], setting("background", "scandinavian-room")),
    ("blur", ["blur", "35"], setting("background", "blur:35")),
    ("blur", ["blur"], setting("background", "blur:60")),
    ("mirror", ["mirror"], setting("mirror", True)),
    ("mirror", ["mirror", "off"], setting("mirror", False)),
    ("fit", ["fit", "contain"], setting("fit", "contain")),
    ("pause", ["pause"], lambda state: state["run"]["phase"] == "away"),
    ("freeze", ["freeze"], lambda state: state["run"]["phase"] == "frozen"),
    ("panic", ["panic"], lambda state: state["run"]["phase"] == "panic"),
    ("resume", ["resume"], lambda state: state["privacy"] == "live"),
    ("keep", ["keep", "0.06", "0.5"], lambda state: state["things"] == 1),
    ("drop", ["drop", "0.94", "0.5"], lambda state: state["things"] == 2),
    ("forget", ["forget"], lambda state: state["things"] == 0),
    ("plate capture", ["plate", "capture"], lambda state: state["problems"] == []),
    ("plate forget", ["plate", "forget"], lambda state: not state["capturing"]),
    ("profile save", ["profile", "save", "work"], lambda state: state["profile"] == "work"),
    ("camera", ["camera", "demo:"], lambda state: state["run"]["source"] == "demo"),
    ("set", ["set", "size", "640x360"], lambda state: state["run"]["size"] == "640x360"),
    ("profile use", ["profile", "use", "work"], lambda state: state["run"]["size"] == "320x240"),
    ("profile delete", ["profile", "delete", "work"], lambda state: state["profiles"] == []),
    ("sink start", ["sink", "start", "talk.mkv"], lambda state: state["sinks"][1].endswith("remote0/talk.mkv")),
    ("sink stop", ["sink", "stop", "talk.mkv"], lambda state: len(state["sinks"]) == 1),
    ("reload", ["reload"], lambda state: state["problems"] == []),
]


@pytest.mark.usefixtures("running")
def test_every_command_does_what_it_says(vcam: Program) -> None:
    for _, words, holds in TYPED:
        done = vcam.type(*words)
        assert done.returncode == 0, (words, done.stderr)
        assert done.stdout.count("\n") == 1, "one line"
        assert done.stderr == ""
        assert holds(vcam.state()), (words, vcam.state())
    tried = {word for word, *_ in TYPED} | {"quit"}
    assert tried == TABLE.verbs().keys(), "a new command needs a line in TYPED"


@pytest.mark.usefixtures("running")
def test_what_is_typed_here_is_found_from_here(vcam: Program) -> None:
    """The running vcam may have been started in another folder."""
    other = vcam.folder / "elsewhere"
    other.mkdir()
    Image.new("RGB", (64, 48)).save(other / "rel.png")
    done = subprocess.run([sys.executable, "-m", "vcam", "bg", "rel.png"], env=vcam.environment, cwd=other, check=False)
    assert done.returncode == 0
    assert vcam.state()["settings"]["background"] == str(other / "rel.png")


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(("words", "code", "told"), [
    (["bg", "no-such-room"], 2, "neither a file nor a known background"),
    (["bg"], 2, "Missing argument"),
    (["blur", "900"], 2, "less than or equal to 100"),
    (["mirror", "sideways"], 2, "'on', 'off' or 'toggle'"),
    (["camera", "97"], 1, "camera 97"),
    (["set", "miror", "on"], 2, "did you mean 'mirror'"),
    (["set", "fps", "fast"], 2, "'fps'"),
    (["profile", "use", "none-such"], 2, "no profile 'none-such'"),
    (["sink", "stop", "null"], 2, "the only sink"),
    (["status", "--name", "other"], 1, "under the name 'other'"),
    (["status", "--name", "a b"], 2, "no name for a vcam"),
    (["run"], 1, "vcam runs already"),
])
def test_what_cannot_be_is_one_clear_line(vcam: Program, words: list[str], code: int, told: str) -> None:
    before = vcam.state()["settings"]
    done = vcam.type(*words)
    assert told in done.stderr
    assert (done.returncode, done.stdout) == (code, "")
    assert "Traceback" not in done.stderr
    assert vcam.state()["settings"] == before


@pytest.mark.usefixtures("running")
def test_looking(vcam: Program) -> None:
    assert vcam.type("status").stdout.startswith(("live", "starting"))
    assert vcam.type("sink", "list").stdout.strip() == "null:"
    assert json.loads(vcam.type("sink", "list", "--json").stdout)[0]["name"] == "null"
    vcam.type("profile", "save", "evening")
    assert vcam.type("profile", "list").stdout == "* evening\n"
    assert json.loads(vcam.type("profile", "list", "--json").stdout) == {"profiles": ["evening"], "used": "evening"}
    vcam.type("profile", "delete", "evening")


@pytest.mark.usefixtures("running")
def test_watching_shows_changes_as_they_come(vcam: Program) -> None:
    command = [sys.executable, "-m", "vcam", "status", "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=vcam.environment) as watching:
        assert watching.stdout is not None
        before = json.loads(watching.stdout.readline())
        vcam.type("mirror")
        for line in watching.stdout:
            if json.loads(line)["settings"]["mirror"] != before["settings"]["mirror"]:
                break
        else:
            raise AssertionError("it was never told")
        watching.terminate()


@pytest.mark.usefixtures("running")
def test_the_second_one_says_which_is_the_first(vcam: Program, running: subprocess.Popen[str]) -> None:
    told = vcam.type("run").stderr
    assert f"process {running.pid}" in told
    assert "vcam quit" in told


@pytest.mark.usefixtures("running")
def test_one_more_under_a_name(vcam: Program) -> None:
    with vcam.start("--name", "second") as second:
        assert vcam.type("bg", "blur:20", "--name", "second").returncode == 0
        status = vcam.type("status", VCAM_INSTANCE="second")
        assert "blur 20" in status.stdout
        assert vcam.state()["settings"]["background"] != "blur:20"
        assert vcam.type("quit", "--name", "second").returncode == 0
        second.communicate(timeout=60)
    assert second.returncode == 0


@pytest.mark.parametrize("word", ["bg next", "blur 60", "mirror", "pause", "panic", "resume", "status", "reload",
                                  "status --watch", "profile use work", "set mirror on", "sink list", "quit"])
def test_without_a_running_vcam_it_says_so(tmp_path: Path, word: str) -> None:
    done = Program(tmp_path).type(*word.split())
    assert (done.returncode, done.stdout) == (1, "")
    assert "no running vcam was found" in done.stderr
    assert "vcam run" in done.stderr
    assert list(tmp_path.iterdir()) == [], "and leaves nothing behind"


def test_choices_come_back_and_can_be_forgotten(tmp_path: Path) -> None:
    vcam = Program(tmp_path)
    with vcam.start() as run:
        vcam.type("mirror", "on")
        vcam.type("quit")
        assert run.communicate(timeout=60)[1].count("mirror") == 0
    assert run.returncode == 0
    with vcam.start() as run:
        assert vcam.state()["settings"]["mirror"] is True
        vcam.type("quit")
        assert "as you chose last: mirror True" in run.communicate(timeout=60)[1]
    with vcam.start("--forget") as run:
        assert vcam.state()["settings"]["mirror"] is False
        vcam.type("quit")
        run.communicate(timeout=60)


def test_who_hid_before_a_crash_stays_hidden(tmp_path: Path) -> None:
    vcam = Program(tmp_path)
    with vcam.start() as run:
        vcam.type("panic")
        state = tmp_path / "state" / "state.json"
        for _ in range(500):
            if state.exists() and '"panic"' in state.read_text():
                break
            subprocess.run([sys.executable, "-c", "pass"], check=True)
        run.kill()
        run.communicate(timeout=60)
    command = [sys.executable, "-m", "vcam", *STARTED, "--seconds", "3"]
    done = subprocess.run(command, env=vcam.environment, capture_output=True, text=True, timeout=120, check=True)
    states = [json.loads(line) for line in done.stdout.splitlines()]
    assert states[0]["run"]["phase"] == "panic"
    assert states[-1]["run"]["rendered"] == 0
    assert "vcam resume shows you again" in done.stderr


@pytest.mark.usefixtures("running")
@pytest.mark.parametrize(("typed", "offered"), [
    ("vcam bg sca", {"scandinavian-room"}), ("vcam bg ne", {"next"}), ("vcam mirror o", {"on", "off"}),
    ("vcam set mir", {"mirror"}), ("vcam set fit st", {"stretch"}), ("vcam sink stop n", {"null:"}),
    ("vcam sink start pre", {"preview:"}), ("vcam pa", {"pause", "panic"})])
def test_the_shell_completes(vcam: Program, typed: str, offered: set[str]) -> None:
    words = typed.split()
    done = vcam.type(_VCAM_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(words) - 1))
    assert set(done.stdout.split()) == offered, done.stderr


def test_the_shell_completes_without_a_running_vcam(tmp_path: Path) -> None:
    vcam = Program(tmp_path)
    (tmp_path / "profiles.toml").write_text("[evening]\nmirror = true\n")
    for typed, offered in (("vcam bg sca", "scandinavian-room"), ("vcam profile use eve", "evening")):
        done = vcam.type(_VCAM_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=str(len(typed.split()) - 1))
        assert done.stdout.split() == [offered], done.stderr


def test_a_key_bound_to_a_command_waits_for_nothing_it_does_not_need() -> None:
    heavy = ("numpy", "cv2", "av", "rich", "tomlkit", "vcam.config", "vcam.engine.live", "PIL")
    code = (f"import sys; from vcam.app import cli; import vcam.control.remote; "
            f"print([name for name in {heavy!r} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "[]"
