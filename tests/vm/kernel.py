"""A Debian kernel with v4l2loopback for the guest, downloaded and built once into a cache folder; nothing is installed.

The kernel is always that of Debian 12: its headers fit every v4l2loopback tried here, whatever the host runs.
"""

from __future__ import annotations

import hashlib
import lzma
import os
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

KERNEL_SUITE = "bookworm"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
# What the initial file system needs to reach the host's files.
EARLY_MODULES = ("virtio_pci", "9pnet_virtio", "9p", "overlay", "virtio_console")
INIT = Path(__file__).with_name("init.sh")


@dataclass(frozen=True, slots=True)
class Kernel:
    """A kernel that is ready to boot: ``root`` holds ``lib/modules/RELEASE``, ``image`` is an uncompressed ELF."""

    root: Path
    release: str
    image: Path
    initrd: Path

    @property
    def packed(self) -> Path:
        """The kernel as it came: it takes longer to boot, but finds its way back after it slept."""
        return self.root / f"boot/vmlinuz-{self.release}"


def cache() -> Path:
    """The folder that outlives a test run."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "/var/tmp") / "vcam-tests"


def prepare() -> Kernel:
    """The kernel; a minute for its first download, then nothing.

    Raises:
        subprocess.CalledProcessError: a download or a step of the build failed (its output is in the error).
    """
    done = cache() / "kernel"
    if not done.exists():
        fresh = _emptied(cache() / "kernel.part")
        _unpack_kernel(fresh)
        release = _release(fresh)
        _output("depmod", "-b", str(fresh), release)
        (fresh / "vmlinux").write_bytes(_uncompressed((fresh / f"boot/vmlinuz-{release}").read_bytes()))
        fresh.rename(done)
    return Kernel(done, _release(done), done / "vmlinux", _initrd(done, _release(done)))


def loopback_module(kernel: Kernel, suite: str) -> Path:
    """``v4l2loopback.ko`` as Debian ``suite`` ships its source, built for ``kernel``.

    Raises:
        subprocess.CalledProcessError: as ``prepare``.
    """
    folder = cache() / f"v4l2loopback-{suite}-{kernel.release}"
    built = folder / "v4l2loopback.ko"
    if not built.exists():
        shutil.rmtree(folder, ignore_errors=True)
        unpacked = _emptied(cache() / f"v4l2loopback-{suite}.part")
        _download(suite, ["v4l2loopback-dkms"], unpacked)
        [source] = (unpacked / "usr/src").glob("v4l2loopback-*")
        headers = kernel.root / f"usr/src/linux-headers-{kernel.release}"
        _output("make", "KERNELRELEASE=", "-C", str(headers), f"M={source}", "modules")
        source.rename(folder)
        shutil.rmtree(unpacked)
    return built


def _unpack_kernel(root: Path) -> None:
    image, headers = (next(name for name in _depends(KERNEL_SUITE, meta) if name.startswith(meta.removesuffix("amd64")))
                      for meta in ("linux-image-amd64", "linux-headers-amd64"))
    parts = [name for name in _depends(KERNEL_SUITE, headers) if name.startswith(("linux-headers-", "linux-kbuild-"))]
    _download(KERNEL_SUITE, [image, headers, *parts], root)
    # The headers refer to each other by the place they would be installed in.
    makefile = root / "usr/src" / headers / "Makefile"
    makefile.write_text(makefile.read_text().replace("/usr/src/", f"{cache() / 'kernel'}/usr/src/"))
    shutil.rmtree(root / "usr/share", ignore_errors=True)


def _release(root: Path) -> str:
    return next((root / "lib/modules").iterdir()).name


def _apt(suite: str) -> dict[str, str]:
    """The environment in which apt knows this suite only, and changes nothing of the host."""
    home = cache() / f"apt-{suite}"
    config = home / "apt.conf"
    if not config.exists():
        (home / "lists/partial").mkdir(parents=True, exist_ok=True)
        (home / "archives/partial").mkdir(parents=True, exist_ok=True)
        (home / "status").touch()  # nothing is installed, as far as this apt knows
        (home / "sources.list").write_text(f"deb [signed-by={KEYRING}] http://deb.debian.org/debian {suite} main\n")
        (home / "apt.conf.part").write_text(
            f'Dir::Etc::sourcelist "{home}/sources.list";\nDir::Etc::sourceparts "/dev/null";\n'
            f'Dir::State::lists "{home}/lists";\nDir::State::status "{home}/status";\nDir::Cache "{home}";\n'
            'APT::Sandbox::User "root";\n'
            'Acquire::Languages "none";\nAcquire::Retries "3";\n')
        _output("apt-get", "update", "-qq", environment={"APT_CONFIG": f"{home}/apt.conf.part"})
        (home / "apt.conf.part").rename(config)
    return {"APT_CONFIG": str(config)}


def _depends(suite: str, package: str) -> list[str]:
    lines = _output("apt-cache", "depends", package, environment=_apt(suite)).splitlines()
    return [line.split(": ")[1] for line in lines if line.strip().startswith("Depends: ")]


def _download(suite: str, packages: list[str], root: Path) -> None:
    """Unpack ``packages`` under ``root``."""
    folder = _emptied(root / "debs")
    _output("apt-get", "download", "-qq", *packages, environment=_apt(suite), folder=folder)
    for package in folder.glob("*.deb"):
        _output("dpkg-deb", "-x", str(package), str(root))
    shutil.rmtree(folder)


def _uncompressed(image: bytes) -> bytes:
    """The kernel inside a bzImage (Documentation/x86/boot.rst): unpacking it here saves the guest four seconds."""
    sectors = image[0x1F1] or 4
    start, length = struct.unpack_from("<II", image, 0x248)
    kernel = lzma.LZMADecompressor().decompress(image[(sectors + 1) * 512 + start:][:length])
    assert kernel[:4] == b"\x7fELF"
    return kernel


def _initrd(root: Path, release: str) -> Path:
    """The first file system, made anew whenever what it is made of has changed."""
    made_of = hashlib.sha256(INIT.read_bytes() + repr(EARLY_MODULES).encode()).hexdigest()[:12]
    initrd = root / f"initrd-{made_of}.gz"
    if not initrd.exists():
        part = initrd.with_suffix(".part")
        _make_initrd(root, release, part)
        part.rename(initrd)
    return initrd


def _make_initrd(root: Path, release: str, initrd: Path) -> None:
    """A file system of busybox and a few modules that hands over to the host's files."""
    tree = _emptied(root / "initrd")
    for folder in ("bin", "proc", "sys", "dev", "modules", "host", "changes", "newroot"):
        (tree / folder).mkdir()
    shutil.copy2("/bin/busybox", tree / "bin/busybox")
    order: list[str] = []
    for module in EARLY_MODULES:
        for line in _output("modprobe", "-d", str(root), "-S", release, "--show-depends", module).splitlines():
            kind, _, path = line.strip().partition(" ")
            name = Path(path.strip()).name
            if kind == "insmod" and name not in order:
                shutil.copy(path.strip(), tree / "modules" / name)
                order.append(name)
    loads = "\n".join(f"insmod /modules/{name}" for name in order)
    init = tree / "init"
    init.write_text(INIT.read_text().replace("@LOAD_MODULES@", loads))
    init.chmod(0o755)
    _output("sh", "-c", f"find . | cpio -o -H newc --quiet | gzip -1 > {initrd}", folder=tree)
    shutil.rmtree(tree)


def _emptied(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def _output(*command: str, environment: dict[str, str] | None = None, folder: Path | None = None) -> str:
    """What a command prints; an error carries all of it."""
    done = subprocess.run(command, env=os.environ | (environment or {}), cwd=folder, text=True, check=False,
                          capture_output=True)
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, f"{' '.join(command)}\n{done.stdout}{done.stderr}")
    return done.stdout
