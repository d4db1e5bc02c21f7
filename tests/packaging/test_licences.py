"""Every licence of what is installed is known and fits; and one that does not is found."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.packaging.conftest import ROOT

pytest.importorskip("license_expression", reason="license-expression is not installed")


def licences(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, str(ROOT / "packaging/licences"), *words], capture_output=True, text=True,
                          timeout=60, check=False)


@pytest.mark.parametrize("work", ["program", "tray"])
def test_every_licence_is_known_and_fits(work: str) -> None:
    if work == "tray":
        pytest.importorskip("desktop_notifier", reason="the extra tray is not installed")
    done = licences("check", "--work", work)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[1]) > 20


def copied(folder: Path, name: str, text: str) -> Path:
    """An environment of the running one's packages, with the metadata of one replaced."""
    from importlib.metadata import distributions

    for dist in distributions():
        place = folder / f"{dist.name}-{dist.version}.dist-info"
        if not place.exists():
            place.mkdir()
            place.joinpath("METADATA").write_text(text if dist.name == name else dist.read_text("METADATA") or "")
    return folder


@pytest.mark.parametrize(("licence", "problem"), [
    ("", "its licence is unknown"),
    ("License-Expression: AGPL-3.0-only\n", "AGPL-3.0-only does not fit"),
    ("License-Expression: GPL-2.0-only\n", "GPL-2.0-only does not fit"),
    ("License-Expression: MIT AND CC-BY-NC-4.0\n", "does not fit"),
    ("License: Do What You Like\n", "its licence is unknown"),
])
def test_one_that_does_not_fit_is_found(tmp_path: Path, licence: str, problem: str) -> None:
    told = f"Metadata-Version: 2.4\nName: tomlkit\nVersion: 9\n{licence}"
    done = licences("check", "--work", "program", "--path", str(copied(tmp_path, "tomlkit", told)))
    assert done.returncode == 1
    assert "tomlkit" in done.stderr
    assert problem in done.stderr


def test_a_choice_of_licences_fits_if_one_does(tmp_path: Path) -> None:
    told = "Metadata-Version: 2.4\nName: tomlkit\nVersion: 9\nLicense-Expression: AGPL-3.0-only OR MIT\n"
    done = licences("check", "--work", "program", "--path", str(copied(tmp_path, "tomlkit", told)))
    assert (done.returncode, done.stderr) == (0, "")


def test_what_is_not_installed_is_not_passed_over(tmp_path: Path) -> None:
    done = licences("check", "--work", "program", "--path", str(tmp_path))
    assert done.returncode == 1
    assert "not installed" in done.stderr


@pytest.mark.release
def test_the_bill_of_materials_names_packages_and_networks() -> None:
    pytest.importorskip("cyclonedx_py", reason="cyclonedx-bom is not installed")
    first, second = (subprocess.run([sys.executable, str(ROOT / "packaging/sbom")], capture_output=True, text=True,
                                    timeout=120, check=True).stdout for _ in range(2))
    assert first == second
    bill = json.loads(first)
    parts = {part["name"]: part for part in bill["components"]}
    assert {"numpy", "av", "numba", "selfie_segmentation.onnx", "selfie_segmentation.tflite"} <= set(parts)
    assert bill["metadata"]["component"]["name"] == "vcam"
    assert bill["specVersion"] >= "1.5"
    assert len(parts["selfie_segmentation.onnx"]["hashes"][0]["content"]) == 64
