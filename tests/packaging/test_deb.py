"""The Debian packages in a clean root of their release: installed, run, removed, with nothing left."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from tests.packaging.conftest import ROOT

pytestmark = [pytest.mark.release, pytest.mark.timeout(3600)]

# A root without services: nothing may start in it.
_NO_SERVICES = "#!/bin/sh\nexit 101\n"


def shell(command: str, seconds: float = 1800, **more: str) -> str:
    done = subprocess.run(["sh", "-ec", command], cwd=ROOT, env={**os.environ, **more}, capture_output=True, text=True,
                          timeout=seconds, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """By name. VCAM_TEST_DEBS names a folder where they are already."""
    if shutil.which("dpkg-deb") is None or not Path("/usr/bin/python3").exists():
        pytest.skip("not on Debian")
    folder = Path(os.environ.get("VCAM_TEST_DEBS") or tmp_path_factory.mktemp("debs"))
    if not list(folder.glob("*.deb")):
        shell(f"packaging/build_deb {folder}")
    return {path.name.partition("_")[0]: path for path in folder.glob("*.deb")}


class Root:
    """A root of the running release, and commands in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, command: str) -> str:
        """As root inside, with /dev and /proc, without any network but what apt needs."""
        inside = f"mount --bind /dev {self.folder}/dev; mount -t proc proc {self.folder}/proc; " \
                 f'exec chroot {self.folder} sh -ec "$COMMAND"'
        return shell(f"unshare --mount --propagation private sh -ec '{inside}'", COMMAND=command,
                     DEBIAN_FRONTEND="noninteractive", HOME="/root", LC_ALL="C.UTF-8")

    def files(self) -> set[str]:
        """Everything that is no log, cache or list of packages."""
        kept = ("etc", "usr", "opt", "var/lib", "home", "root", "srv")
        passing = ("var/lib/dpkg", "var/lib/apt", "var/lib/systemd", "__pycache__")
        return {name for place in kept for path in (self.folder / place).rglob("*")
                if not any(part in (name := str(path.relative_to(self.folder))) for part in passing)}


@pytest.fixture(scope="module")
def root(packages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Root]:
    if os.geteuid() or shutil.which("mmdebstrap") is None:
        pytest.skip("needs root and mmdebstrap")
    folder = tmp_path_factory.mktemp("root")
    release = shell(". /etc/os-release; echo $VERSION_CODENAME").strip()
    sources = [str(path) for path in (Path("/etc/apt/sources.list.d/debian.sources"), Path("/etc/apt/sources.list"))
               if path.is_file()][:1]
    shell(f"mmdebstrap --variant=minbase --include=ca-certificates {release} {folder} {' '.join(sources)}")
    made = Root(folder)
    policy = folder / "usr/sbin/policy-rc.d"
    policy.write_text(_NO_SERVICES)
    policy.chmod(0o755)
    for package in packages.values():
        shutil.copy(package, folder / "root")
    made.run("apt-get update -qq")
    yield made
    shutil.rmtree(folder, ignore_errors=True)


def test_two_commands_to_composited_pictures(root: Root) -> None:
    root.run("apt-get install -y -qq --no-install-recommends /root/vcam_*.deb")
    root.run("cd /root && vcam run --source demo: --background green --panel off --frames 60 --sink out.mkv")
    with av.open(str(root.folder / "root/out.mkv")) as film:
        pictures = [picture.to_ndarray(format="rgb24") for picture in film.decode(video=0)]
    assert len(pictures) >= 60
    red, green, blue = pictures[-1][10, 10]
    assert int(green) > max(int(red), int(blue)) + 80
    assert "native libraries" in root.run("vcam doctor || true")


def test_the_rest_of_it_works_too(root: Root) -> None:
    assert "brick-loft-evening" in root.run("vcam backgrounds")
    assert "/usr/lib/vcam/" in root.run("/usr/lib/vcam/bin/python3 -c 'import vcam; print(vcam.__file__)'")
    root.run("cd /root && cp /usr/lib/vcam/lib/python3*/site-packages/vcam/_backgrounds/studio-canvas-grey.jpg in.jpg"
             " && vcam cutout in.jpg -o out.png --keep-empty && test -s out.png")
    assert "GPL-2.0-or-later" in (root.folder / "usr/share/doc/vcam/copyright").read_text()
    assert (root.folder / "usr/share/doc/vcam/sbom.cdx.json").stat().st_size > 10_000


def test_without_right_to_write_it_runs_too(root: Root) -> None:
    """A user can write neither to the program's folder nor, as a service, to a home."""
    root.run("useradd --no-create-home guest && mkdir /tmp/guest && chown guest /tmp/guest && su guest -s /bin/sh -c "
             "'cd /tmp/guest && HOME=/nonexistent vcam run --source demo: --size 320x180 --panel off --frames 10 "
             "--sink null:'")


def test_the_tray_is_a_package_of_its_own(root: Root) -> None:
    root.run("! /usr/lib/vcam/bin/python3 -c 'import pystray' 2>/dev/null")
    root.run("apt-get install -y -qq --no-install-recommends /root/vcam-tray_*.deb")
    root.run("PYSTRAY_BACKEND=dummy /usr/lib/vcam/bin/python3 -c 'import pystray, desktop_notifier'")
    root.run("/usr/lib/vcam/bin/python3 -c 'from vcam.app.tray.library import borrow_gi; borrow_gi(); import gi; "
             "gi.require_version(\"AyatanaAppIndicator3\", \"0.1\"); from gi.repository import AyatanaAppIndicator3'")


def test_removed_nothing_stays(root: Root) -> None:
    root.run("apt-get purge -y -qq vcam vcam-tray")
    left = [name for name in root.files() if "vcam" in name and not name.endswith(".deb") and "root/.cache" not in name]
    assert left == []


def test_lintian_has_no_complaint(packages: dict[str, Path]) -> None:
    if shutil.which("lintian") is None:
        pytest.skip("lintian is not installed")
    told = shell(f"lintian --allow-root --fail-on error {' '.join(map(str, packages.values()))} || true")
    assert [line for line in told.splitlines() if line.startswith("E:")] == []
