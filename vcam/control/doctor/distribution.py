"""How packages are installed on this Linux."""

from __future__ import annotations

from typing import Final

from vcam.control.doctor.system import System

_FAMILIES: Final = {"debian": "debian", "ubuntu": "debian", "fedora": "fedora", "rhel": "fedora", "arch": "arch",
                    "suse": "suse", "opensuse": "suse"}
_INSTALL: Final = {"debian": "sudo apt install", "fedora": "sudo dnf install", "arch": "sudo pacman -S --needed",
                   "suse": "sudo zypper install"}
_RPM_FUSION: Final = ("sudo dnf install https://mirrors.rpmfusion.org/free/fedora/"
                      "rpmfusion-free-release-$(rpm -E %fedora).noarch.rpm")
# Source and headers: the module is compiled for the running kernel. Only openSUSE ships it compiled.
_HEADERS: Final = "sudo apt install linux-headers-$(uname -r)"
_LOOPBACK: Final = {
    "debian": ("sudo apt install v4l2loopback-dkms linux-headers-$(uname -r)",),
    "fedora": (_RPM_FUSION, "sudo dnf install akmod-v4l2loopback kernel-devel-$(uname -r)", "sudo akmods --force"),
    "arch": ("sudo pacman -S --needed v4l2loopback-dkms linux-headers",),
    "suse": ("sudo zypper install v4l2loopback-kmp-default",),
}
# Debian 12 itself has 0.12.7, whose devices cannot be used twice.
_BACKPORT: Final = (
    "echo 'deb http://deb.debian.org/debian bookworm-backports main' "
    "| sudo tee /etc/apt/sources.list.d/bookworm-backports.list",
    "sudo apt update",
    "sudo apt install -t bookworm-backports v4l2loopback-dkms",
)
_REBUILD: Final = {
    "debian": (_HEADERS, "sudo dkms autoinstall"),
    "fedora": ("sudo dnf install kernel-devel-$(uname -r)", "sudo akmods --force"),
    "arch": ("sudo pacman -S --needed linux-headers", "sudo dkms autoinstall"),
    "suse": ("sudo zypper install --force v4l2loopback-kmp-default",),
}
_PACKAGES: Final[dict[str, dict[str, str]]] = {
    "pipewire": {},
    "wireplumber": {},
    "xdg-desktop-portal": {},
    "mokutil": {},
    "indicator": {"debian": "gir1.2-ayatanaappindicator3-0.1 python3-gi",
                  "fedora": "libayatana-appindicator-gtk3 python3-gobject",
                  "arch": "libayatana-appindicator python-gobject",
                  "suse": "typelib-1_0-AyatanaAppIndicator3-0_1 python3-gobject"},
}


def family(system: System) -> str:
    """``debian``, ``fedora``, ``arch``, ``suse``, or empty for any other."""
    told = _release(system)
    words = f"{told.get('ID', '')} {told.get('ID_LIKE', '')}".split()
    return next((_FAMILIES[part] for word in words for part in (word, word.split("-")[0]) if part in _FAMILIES), "")


def install(system: System, package: str) -> tuple[str, ...]:
    """The command that installs one of the packages known here; nothing on an unknown distribution."""
    kind = family(system)
    return (f"{_INSTALL[kind]} {_PACKAGES[package].get(kind, package)}",) if kind else ()


def install_loopback(system: System) -> tuple[str, ...]:
    """Commands that bring v4l2loopback, in a version that works."""
    if _release(system).get("VERSION_CODENAME") == "bookworm":
        return (_HEADERS, *_BACKPORT)
    return _LOOPBACK.get(family(system), ())


def rebuild_loopback(system: System) -> tuple[str, ...]:
    """Commands that compile the installed source for the running kernel."""
    return _REBUILD.get(family(system), ("sudo dkms autoinstall",))


def _release(system: System) -> dict[str, str]:
    lines = (line.partition("=") for line in system.text("/etc/os-release").splitlines())
    return {key: value.strip("\"'") for key, _, value in lines}
