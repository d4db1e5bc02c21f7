"""Secure Boot: a kernel that was started under it loads only modules signed with a key it knows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from vcam.control.doctor import loopback
from vcam.control.doctor.distribution import install
from vcam.control.doctor.finding import Finding
from vcam.control.doctor.system import System

_TOPIC: Final = "Virtual camera"
_NAME: Final = "Secure Boot"
_VARIABLE: Final = "/sys/firmware/efi/efivars/SecureBoot-*"
# Public halves of the machine's own signing keys, where distributions put them.
_KEYS: Final = ("/var/lib/shim-signed/mok/MOK.der", "/var/lib/dkms/mok.pub", "/etc/pki/akmods/certs/public_key.der")


def secure_boot(system: System) -> Iterator[Finding]:
    """Whether it is on, and if so, whether the module is signed with an enrolled key."""
    if not _is_on(system):
        yield Finding(_TOPIC, _NAME, "ok", "off: the module needs no signature")
        return
    built = loopback.files(system, system.kernel())
    if loopback.is_loaded(system):
        yield Finding(_TOPIC, _NAME, "ok", "on, and the kernel accepted the module")
    elif not built:
        yield Finding(_TOPIC, _NAME, "warning", "on: once built, the module has to be signed with a key that you "
                      f"enroll{loopback.instead()}")
    else:
        yield _judged(system, built[0])


def _is_on(system: System) -> bool:
    """Four bytes of attributes, then the value."""
    for path in system.glob(_VARIABLE):
        try:
            return path.read_bytes()[4:5] == b"\1"
        except OSError:
            continue
    return False


def _judged(system: System, module: Path) -> Finding:
    key = next((name for name in _KEYS if system.path(name).exists()), "")
    told = system.run(("modinfo", str(module))) or ""
    # Without a sensible answer (no modinfo, or it cannot unpack the file) nothing is proven.
    if "vermagic:" in told and "sig_id:" not in told:
        return Finding(_TOPIC, _NAME, "problem", f"on, and {module.name} is not signed, so the kernel refuses it"
                       f"{loopback.instead()}", (*install(system, "mokutil"), *_sign(system, module, key)))
    enrolled = system.run(("mokutil", "--test-key", str(system.path(key)))) if key else None
    if enrolled and "already enrolled" in enrolled:
        return Finding(_TOPIC, _NAME, "ok", "on, and the module's key is enrolled")
    return Finding(_TOPIC, _NAME, "warning", "on: if loading says “Key was rejected by service”, enroll the module's "
                   f"key, restart and confirm it on the blue screen{loopback.instead()}",
                   (*install(system, "mokutil"), *_enroll(key or _KEYS[1])))


def _sign(system: System, module: Path, key: str) -> tuple[str, ...]:
    """DKMS makes a key of its own if there is none; building again signs with it."""
    kernel, told = system.kernel(), loopback.version(system)
    build = f"sudo dkms install --force v4l2loopback/{told} -k {kernel}" if told else "sudo dkms autoinstall --force"
    if key == _KEYS[2] or "extra" in module.parts:
        return "sudo kmodgenca", "sudo akmods --force --rebuild", *_enroll(_KEYS[2])
    return build, *_enroll(key or _KEYS[1])


def _enroll(key: str) -> tuple[str, ...]:
    return f"sudo mokutil --import {key}", "sudo reboot"

