"""Licences of everything that vcam is made of, read from what is installed.

    python packaging/licences check                    # exit 1 where one is unknown or does not fit
    python packaging/licences page >licences.md        # the page of the documentation
    python packaging/licences copyright >copyright     # for a Debian package
    --path FOLDER: packages of another environment; --work NAME: only one of program, tray, added
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from finding import Finder, Part, Unfit

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MODELS = ROOT / "vcam/assets/models/manifest.toml"

PICTURES = (("demo_person.webp", "LicenseRef-public-domain", "NASA, see vcam/assets/NOTICE.md"),
            ("demo_room.jpg", "GPL-2.0-or-later", "drawn by packaging/draw_demo.py"),
            ("backgrounds/", "GPL-2.0-or-later OR CC0-1.0", "drawn by packaging/draw_backgrounds"))
WORKS = {
    "program": ("The program", "Shipped in the Debian package and in the folder that PyInstaller makes. pyvirtualcam "
                "(GPL-2.0-only) is left out of them: on Linux vcam feeds virtual cameras itself."),
    "tray": ("What the tray adds, in a process of its own", "See [the decision](adr/006-tray.md)."),
    "added": ("What other extras add", "Installed by the user's own pip; never shipped by us."),
}


def main() -> int:
    parser = argparse.ArgumentParser(description="Licences of everything that vcam is made of.")
    parser.add_argument("what", choices=["check", "page", "copyright"])
    parser.add_argument("--path", help="site-packages of another environment")
    parser.add_argument("--work", choices=["program", "tray", "added"], help="only this one")
    given = parser.parse_args()
    policy = tomllib.loads((HERE / "policy.toml").read_text(encoding="utf-8"))
    finder = Finder(policy, tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8")), given.path)
    works = [given.work] if given.work else list(policy["works"])
    try:
        found = {work: finder.parts(work) for work in works}
        check_networks(policy["allowed"])
    except Unfit as error:
        print(error, file=sys.stderr)
        return 1
    if given.what == "page":
        print("\n".join(page(found, policy)))
    elif given.what == "copyright":
        print("\n".join(copyright_file(found[works[0]])))
    else:
        print(", ".join(f"{work}: {len(parts)} packages fit" for work, parts in found.items()))
    return 0


def networks() -> dict[str, dict[str, Any]]:
    return tomllib.loads(MODELS.read_text(encoding="utf-8"))


def check_networks(allowed: list[str]) -> None:
    for name, network in networks().items():
        if network.get("licence") not in allowed:
            raise Unfit(f"network {name}: licence {network.get('licence')!r} is unknown or does not fit")


def page(found: dict[str, list[Part]], policy: dict[str, Any]) -> Iterator[str]:
    """In Markdown."""
    yield from ("# Licences", "", "vcam itself is GPL-2.0-or-later. This page is written by `packaging/licences` from "
                "what is installed where it is built, and the build fails if a licence is unknown or does not fit.", "")
    yield from ("## Networks and pictures", "", "| what | licence | where from |", "|---|---|---|")
    for name, network in networks().items():
        origin = "comes with vcam" if network["bundled"] else "fetched on request"
        yield f"| network `{name}` | {network['licence']} | {origin} |"
    yield from (f"| `{name}` | {licence} | {origin} |" for name, licence, origin in PICTURES)
    seen: set[str] = set()
    for work, parts in found.items():
        title, note = WORKS[work]
        yield from ("", f"## {title}", "", note, "", "| package | version | licence | carries | note |",
                    "|---|---|---|---|---|")
        yield from (f"| {part.name} | {part.version} | {part.licence} | {part.carries} | {part.why} |"
                    for part in parts if part.name not in seen)
        seen |= {part.name for part in parts}
    yield from ("", "## Fetched from their makers by extras, never shipped", "", "| package | licence | what for |",
                "|---|---|---|")
    yield from (f"| {row['name']} | {row['licence']} | {row['what']} |" for row in policy["mentioned"])


def copyright_file(parts: list[Part]) -> Iterator[str]:
    """In Debian's machine-readable form; the full texts lie in the packages' own dist-info folders."""
    yield from ("Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/", "Upstream-Name: vcam",
                "Comment: The texts of all licences: /usr/lib/vcam/lib/python3*/site-packages/*.dist-info/", "",
                "Files: *", "Copyright: The vcam authors", "License: GPL-2.0-or-later", "",
                "Files: usr/lib/vcam/lib/python3*/site-packages/vcam/assets/models/*",
                "Copyright: The MediaPipe Authors", "License: Apache-2.0", "")
    for part in parts:
        yield from (f"Files: usr/lib/vcam/lib/python3*/site-packages/{part.folder}/*",
                    f"Copyright: {part.author}", f"License: {part.licence}",
                    *([f"Comment: carries libraries under {part.carries}"] if part.carries else []), "")
    for name in sorted({part.licence for part in parts} | {"Apache-2.0", "GPL-2.0-or-later"}):
        yield from (f"License: {name}", " " + _where(name), "")


def _where(name: str) -> str:
    common = {"Apache-2.0": "Apache-2.0", "GPL-2.0-or-later": "GPL-2", "LGPL-3.0-or-later": "LGPL-3",
              "LGPL-2.1-or-later": "LGPL-2.1", "MPL-2.0": "MPL-2.0", "CC0-1.0": "CC0-1.0"}
    if name in common:
        return f"The text is in /usr/share/common-licenses/{common[name]}."
    return f"The text is at https://spdx.org/licenses/ and in the package's own folder: {name}."


if __name__ == "__main__":
    sys.exit(main())
