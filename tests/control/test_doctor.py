"""The doctor's checks on machines that are described as folders."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from vcam.control import doctor
from vcam.control.doctor import Finding, System, Topic, examine, repairs
from vcam.sources.cameras import CameraInfo

KERNEL = "6.1.0-40-amd64"
WEBCAM = CameraInfo(0, "BRIO", "/dev/video0", ("640x480 YUYV 30", "1920x1080 MJPG 30"))
LOAD = "sudo modprobe v4l2loopback exclusive_caps=1 card_label=vcam"
UNLOAD = "sudo modprobe -r v4l2loopback"


def silent(words: Sequence[str]) -> str | None:
    """No command can be run."""


class Machine:
    """A machine under a folder: Debian with a kernel that loads modules, and a webcam."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.write("/proc/sys/kernel/osrelease", KERNEL + "\n")
        self.write("/proc/modules")
        self.write("/etc/os-release", 'ID=debian\nVERSION_CODENAME=trixie\n')
        self.write("/dev/video0")
        self.write(f"/lib/modules/{KERNEL}/modules.dep")
        self.write("/etc/group", "root:x:0:\nvideo:x:44:\n")
        self.system = System(root, "linux", {}, silent, lambda path: True, lambda: {"ann", "video"}, lambda: "ann",
                             lambda: [WEBCAM], lambda: (True, "vcam"), lambda: {"opencv-python-headless": "4.13"},
                             lambda: (4.0, 4.5))

    def write(self, path: str, content: str | bytes = "") -> None:
        target = self.root / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def built(self, kernel: str = KERNEL) -> None:
        self.write(f"/lib/modules/{kernel}/updates/dkms/v4l2loopback.ko.xz")

    def loaded(self, version: str = "0.13.2", caps: str = "Y,N,N,N", nodes: Sequence[str] = ("video10",)) -> None:
        self.built()
        self.write("/sys/module/v4l2loopback/parameters/exclusive_caps", caps + "\n")
        if version:
            self.write("/sys/module/v4l2loopback/version", version + "\n")
        for node in nodes:
            self.write(f"/sys/devices/virtual/video4linux/{node}/name", "vcam\n")
            self.write(f"/dev/{node}")

    def kept(self) -> None:
        self.write("/etc/modules-load.d/v4l2loopback.conf", "v4l2loopback\n")

    def secure_boot(self) -> None:
        self.write("/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", b"\6\0\0\0\1")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def named(findings: list[Finding], name: str, topic: str = "") -> Finding:
    (found,) = [finding for finding in findings if finding.name == name and topic in ("", finding.topic)]
    return found


def names(findings: list[Finding]) -> set[str]:
    return {finding.name for finding in findings}


def test_all_fine(machine: Machine) -> None:
    machine.loaded()
    machine.kept()
    findings = examine(machine.system)
    assert [finding for finding in findings if finding.level in ("problem", "warning")] == []
    assert repairs(findings) == []
    assert named(findings, "/dev/video10").found == "apps list it as “vcam”"
    assert named(findings, "camera:0").found == "BRIO, up to 1920x1080 MJPG 30"
    assert named(findings, "speed").level == "ok"
    assert [finding.topic for finding in findings] == sorted(
        (finding.topic for finding in findings), key=[f.topic for f in findings].index)


def test_nothing_installed(machine: Machine) -> None:
    found = named(examine(machine.system), "v4l2loopback")
    assert found.level == "problem"
    assert found.fix == ("sudo apt install v4l2loopback-dkms linux-headers-$(uname -r)", LOAD)


@pytest.mark.parametrize(("release", "told"), [
    ("ID=debian\nVERSION_CODENAME=bookworm", "sudo apt install -t bookworm-backports v4l2loopback-dkms"),
    ("ID=ubuntu\nID_LIKE=debian", "sudo apt install v4l2loopback-dkms linux-headers-$(uname -r)"),
    ("ID=fedora", "sudo dnf install akmod-v4l2loopback kernel-devel-$(uname -r)"),
    ("ID=manjaro\nID_LIKE=arch", "sudo pacman -S --needed v4l2loopback-dkms linux-headers"),
    ('ID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"', "sudo zypper install v4l2loopback-kmp-default"),
])
def test_every_distribution_has_its_own_commands(machine: Machine, release: str, told: str) -> None:
    machine.write("/etc/os-release", release + "\n")
    assert told in named(examine(machine.system), "v4l2loopback").fix


def test_an_unknown_distribution_gets_an_address(machine: Machine) -> None:
    machine.write("/etc/os-release", "ID=homemade\n")
    assert "https://github.com/v4l2loopback" in named(examine(machine.system), "v4l2loopback").found


def test_built_but_not_loaded(machine: Machine) -> None:
    machine.built()
    found = named(examine(machine.system), "v4l2loopback")
    assert (found.level, found.fix) == ("problem", (LOAD,))
    assert "not loaded" in found.found


def test_built_for_another_kernel(machine: Machine) -> None:
    machine.built("6.1.0-39-amd64")
    found = named(examine(machine.system), "v4l2loopback")
    assert "6.1.0-39-amd64" in found.found
    assert found.fix == ("sudo apt install linux-headers-$(uname -r)", "sudo dkms autoinstall", LOAD)


def test_source_that_was_never_built(machine: Machine) -> None:
    machine.write("/usr/src/v4l2loopback-0.13.2/dkms.conf")
    assert "0.13.2 is installed, but not built" in named(examine(machine.system), "v4l2loopback").found


def test_modules_of_the_running_kernel_gone(machine: Machine) -> None:
    machine.write("/proc/sys/kernel/osrelease", "6.99.0\n")
    assert named(examine(machine.system), "v4l2loopback").fix == ("sudo reboot",)


def test_a_kernel_without_modules_offers_the_way_around(machine: Machine) -> None:
    (machine.root / "proc/modules").unlink()
    found = named(examine(machine.system), "v4l2loopback")
    assert (found.level, found.fix) == ("problem", ())
    assert "without" in found.found


def test_loaded_without_exclusive_caps(machine: Machine) -> None:
    machine.loaded(caps="N,N,N")
    found = named(examine(machine.system), "exclusive_caps")
    assert (found.level, found.fix) == ("problem", (UNLOAD, LOAD))


def test_only_parameters_of_devices_that_exist_count_and_a_reload_keeps_the_numbers(machine: Machine) -> None:
    machine.loaded(caps="Y,N,N", nodes=("video9", "video10"))
    found = named(examine(machine.system), "exclusive_caps")
    assert found.level == "warning"
    assert "video10" in found.found
    assert found.fix[1] == "sudo modprobe v4l2loopback devices=2 video_nr=9,10 exclusive_caps=1,1"


def test_loaded_without_a_device(machine: Machine) -> None:
    machine.loaded(nodes=())
    assert named(examine(machine.system), "devices").level == "problem"


@pytest.mark.parametrize("told", ["0.12.7", ""])
def test_the_version_whose_devices_work_once(machine: Machine, told: str) -> None:
    """Debian's 0.12.7 does not even tell its version."""
    machine.loaded(version=told)
    machine.write("/etc/os-release", "ID=debian\nVERSION_CODENAME=bookworm\n")
    machine.write("/usr/src/v4l2loopback-0.12.7/dkms.conf")
    found = named(examine(machine.system), "version")
    assert found.level == "warning"
    assert found.found.startswith("0.12.7: ")
    assert any("bookworm-backports" in command for command in found.fix)
    assert found.fix[-2:] == (UNLOAD, LOAD)


def test_several_viewers_are_told_of_where_only_one_can_watch(machine: Machine) -> None:
    machine.loaded(version="0.13.2")
    assert named(examine(machine.system), "viewers").level == "ok"
    machine.loaded(version="0.12.7")
    assert "viewers" not in names(examine(machine.system))


def test_missing_after_a_restart(machine: Machine) -> None:
    machine.loaded()
    assert len(named(examine(machine.system), "at start-up").fix) == 2
    machine.kept()
    assert named(examine(machine.system), "at start-up").level == "ok"


def test_secure_boot_refuses_an_unsigned_module(machine: Machine) -> None:
    machine.built()
    machine.secure_boot()
    machine.write("/usr/src/v4l2loopback-0.13.2/dkms.conf")
    system = replace(machine.system, run=lambda words: "filename: x\nvermagic: y\n" if words[0] == "modinfo" else "")
    found = named(examine(system), "Secure Boot")
    assert found.level == "problem"
    assert found.fix == ("sudo apt install mokutil", f"sudo dkms install --force v4l2loopback/0.13.2 -k {KERNEL}",
                         "sudo mokutil --import /var/lib/dkms/mok.pub", "sudo reboot")


@pytest.mark.parametrize(("mokutil", "level"), [("mok.pub is already enrolled", "ok"),
                                                ("mok.pub is not enrolled", "warning"), (None, "warning")])
def test_secure_boot_and_a_signed_module(machine: Machine, mokutil: str | None, level: str) -> None:
    machine.built()
    machine.secure_boot()
    machine.write("/var/lib/dkms/mok.pub")
    answers = {"modinfo": "vermagic: y\nsig_id: PKCS#7\n", "mokutil": mokutil}
    found = named(examine(replace(machine.system, run=lambda words: answers.get(words[0]))), "Secure Boot")
    assert found.level == level


def test_secure_boot_on_a_bare_and_on_a_running_machine(machine: Machine) -> None:
    machine.secure_boot()
    assert named(examine(machine.system), "Secure Boot").level == "warning"
    machine.loaded()
    assert named(examine(machine.system), "Secure Boot").level == "ok"


def refusing(machine: Machine, mode: int = 0o660) -> System:
    (machine.root / "dev/video0").chmod(mode)
    return replace(machine.system, may_use=lambda path: False, groups=lambda: {"ann"})


def test_device_without_permission(machine: Machine) -> None:
    findings = examine(refusing(machine))
    found = named(findings, "video devices")
    assert (found.level, found.fix) == ("problem", ("sudo usermod -aG video ann",))
    assert "permission denied" in named(findings, "camera:0").found


def test_a_group_joined_after_login(machine: Machine) -> None:
    machine.write("/etc/group", "video:x:44:bob,ann\n")
    found = named(examine(refusing(machine)), "video devices")
    assert "log out and in again" in found.found
    assert found.fix == ("sudo setfacl -m u:ann:rw /dev/video0",)


def test_a_device_that_no_group_may_use(machine: Machine) -> None:
    assert "chmod 660 /dev/video0" in named(examine(refusing(machine, 0o600)), "video devices").fix[0]


def test_access_by_the_session_only_is_told(machine: Machine) -> None:
    (machine.root / "dev/video0").chmod(0o660)
    found = named(examine(replace(machine.system, groups=lambda: {"ann"})), "video devices")
    assert found.level == "ok"
    assert "logged in at this machine" in found.found


def test_a_busy_camera_names_who_holds_it(machine: Machine) -> None:
    machine.write("/proc/4242/comm", "zoom\n")
    (machine.root / "proc/4242/fd").mkdir()
    (machine.root / "proc/4242/fd/7").symlink_to(machine.root / "dev/video0")
    found = named(examine(machine.system), "camera:0")
    assert found.level == "warning"
    assert "zoom (pid 4242)" in found.found


def test_a_camera_that_vcam_itself_holds_is_fine(machine: Machine) -> None:
    machine.write("/proc/4243/comm", "vcam\n")
    (machine.root / "proc/4243/fd").mkdir()
    (machine.root / "proc/4243/fd/3").symlink_to(machine.root / "dev/video0")
    assert named(examine(machine.system), "camera:0").level == "ok"


def test_no_camera_and_a_usb_camera_without_driver(machine: Machine) -> None:
    system = replace(machine.system, cameras=list)
    assert named(examine(system), "camera").level == "warning"
    machine.write("/sys/bus/usb/devices/1-2:1.0/bInterfaceClass", "0e\n")
    assert named(examine(system), "camera").fix == ("sudo modprobe uvcvideo",)


def test_desktop_without_pipewire_and_with_it(machine: Machine) -> None:
    desk = replace(machine.system, environment={"XDG_SESSION_TYPE": "wayland", "XDG_RUNTIME_DIR": "/run/user/1000"})
    bare = examine(desk)
    assert named(bare, "PipeWire").fix == ("sudo apt install pipewire", "sudo apt install wireplumber")
    assert named(bare, "tray").level == "skipped"
    assert named(bare, "xdg-desktop-portal").level == "warning"
    machine.write("/run/user/1000/pipewire-0")
    assert named(examine(desk), "wireplumber").level == "warning"
    machine.write("/proc/7/comm", "wireplumber\n")
    machine.write("/proc/8/comm", "xdg-desktop-por\n")
    machine.write("/usr/lib/x86_64-linux-gnu/girepository-1.0/AyatanaAppIndicator3-0.1.typelib")
    full = {finding.name: finding.level for finding in examine(desk) if finding.topic == "Desktop"}
    assert set(full.values()) == {"ok"}
    assert set(full) == {"session", "PipeWire", "wireplumber", "xdg-desktop-portal", "tray"}


@pytest.mark.parametrize(("packages", "module", "stays"), [
    ({"opencv-python": "4.12", "opencv-python-headless": "4.13"}, "cv2", "opencv-python-headless==4.13"),
    ({"opencv-python": "4.12", "opencv-contrib-python": "4.12"}, "cv2", "opencv-python-headless"),
    ({"onnxruntime": "1.30", "onnxruntime-gpu": "1.26"}, "onnxruntime", "onnxruntime-gpu==1.26"),
])
def test_two_owners_of_one_folder(machine: Machine, packages: dict[str, str], module: str, stays: str) -> None:
    found = named(examine(replace(machine.system, packages=lambda: packages)), module)
    assert found.level == "problem"
    uninstall, install = found.fix
    assert set(uninstall.partition("uninstall -y ")[2].split()) == set(packages)
    assert install.endswith(f"install {stays}")


def test_a_native_library_that_does_not_load(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    here = replace(machine.system, packages=lambda: {"pyvirtualcam": "0.15.0"})
    assert "--force-reinstall" in named(examine(here), "pyvirtualcam").fix[0]
    left_out = replace(machine.system, packages=dict)
    assert "pyvirtualcam" not in named(examine(left_out), "native libraries").found
    elsewhere = replace(machine.system, platform="win32", packages=dict)
    assert "--force-reinstall" in named(examine(elsewhere), "pyvirtualcam").fix[0]


def test_a_damaged_network(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VCAM_MODELS", str(tmp_path / "models"))
    machine.write("/models/selfie_multiclass_256x256.tflite", b"half of it")
    found = named(examine(machine.system), "network multiclass")
    assert (found.level, found.fix) == ("problem", ("vcam models fetch multiclass --force",))


def test_a_wrong_configuration(machine: Machine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine.write("/c.toml", "backgorund = 'blur'\n")
    monkeypatch.setenv("VCAM_CONFIG", str(tmp_path / "c.toml"))
    assert "did you mean 'background'" in named(examine(machine.system), "configuration").found


@pytest.mark.parametrize(("measured", "level"), [((4.0, 4.5), "ok"), ((24.0, 25.0), "warning"),
                                                 ((40.0, 41.0), "problem"), (None, "skipped")])
def test_speed(machine: Machine, measured: tuple[float, float] | None, level: str) -> None:
    assert named(examine(replace(machine.system, measure=lambda: measured)), "speed").level == level


def test_cupy_for_a_newer_driver(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    from vcam.ops import probe

    monkeypatch.setattr(probe, "nvidia_gpus", lambda: ["GeForce, 535.1"])
    system = replace(machine.system, packages=lambda: {"cupy-cuda13x": "14.0"},
                     run=lambda words: "| CUDA Version: 12.2  |" if words == ("nvidia-smi",) else None)
    found = named(examine(system), "graphics")
    assert found.level == "warning"
    assert found.fix[-1].endswith("install 'vcam[cuda12]'")


def test_a_gpu_without_a_network_runtime(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    from vcam.ops import pick, probe

    monkeypatch.setattr(probe, "gpu_is_set_up", lambda: True)
    monkeypatch.setattr(probe, "gpu_ops", lambda: (pick("cpu"), "RTX 4060 (CuPy 14.2.0)"))
    monkeypatch.setattr(probe, "network_status", lambda: (False, "ONNX Runtime 1.26 is installed without CUDA"))
    system = replace(machine.system, packages=lambda: {"cupy-cuda12x": "14.2", "onnxruntime": "1.26"})
    findings = examine(system)
    assert named(findings, "graphics").level == "ok"
    assert named(findings, "graphics").found.endswith("RTX 4060 (CuPy 14.2.0) computes as the CPU does")
    pixels = named(findings, "pixels")
    assert pixels.level == "warning"
    assert pixels.found == "on CPU (the GPU is not used: ONNX Runtime 1.26 is installed without CUDA)"
    assert pixels.fix[-1].endswith("install 'vcam[cuda12]'")


def test_a_check_that_raises_is_a_finding(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken_check(system: System) -> Iterator[Finding]:
        yield Finding("Trial", "first", "ok", "seen before the crash")
        raise ValueError("the moon is full")

    monkeypatch.setattr(doctor, "_load", lambda name: Topic("Trial", (broken_check,)))
    monkeypatch.setattr(doctor, "TOPICS", ("trial:TRIAL",))
    (found,) = examine(machine.system)
    assert (found.topic, found.name, found.level) == ("Trial", "broken check", "warning")
    assert found.found == "could not be checked: ValueError: the moon is full"


@pytest.mark.parametrize(("platform", "fix"), [("win32", "winget install OBSProject.OBSStudio"),
                                               ("darwin", "brew install --cask obs")])
def test_elsewhere_than_on_linux(machine: Machine, platform: str, fix: str) -> None:
    system = replace(machine.system, platform=platform, virtual_camera=lambda: (False, "no OBS"),
                     cameras=lambda: [CameraInfo(0, "BRIO", "")])
    findings = examine(system)
    assert named(findings, "virtual camera").fix == (fix,)
    assert named(findings, "camera:0").level == "ok"
    skipped = [finding for finding in findings if finding.name == "all checks"]
    assert {finding.topic for finding in skipped} == {"Virtual camera", "Permissions", "Desktop"}
    assert all(finding.found and finding.level == "skipped" for finding in skipped)
