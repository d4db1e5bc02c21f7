"""Build the documentation's site: python packaging/docs [folder, else build/site]

Pages that tell what the program says of itself (commands, settings, HTTP, licences, figures) are written here; the
others lie in ``pages``. A warning is an error.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import figures
import reference

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def main() -> int:
    out = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build/site").resolve()
    work = out.parent / f"{out.name}.work"
    shutil.rmtree(work, ignore_errors=True)
    write_pages(work / "pages")
    shutil.copy(HERE / "zensical.toml", work)
    (work / "root").symlink_to(ROOT)
    done = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict", "--clean"], cwd=work, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    print(done.stdout, end="", file=sys.stderr)
    if done.returncode == 0:
        shutil.rmtree(out, ignore_errors=True)
        shutil.move(work / "site", out)
        print(out)
    shutil.rmtree(work)
    return done.returncode


def write_pages(pages: Path) -> None:
    """Everything that the site is made of."""
    shutil.copytree(HERE / "pages", pages)
    shutil.copytree(ROOT / "packaging/adr", pages / "adr")
    for source, name in ((ROOT / "packaging/keys.md", "keys.md"), (ROOT / "CHANGELOG.md", "changelog.md"),
                         (ROOT / "packaging/screenshots/before-after.jpg", "before-after.jpg"),
                         (ROOT / "vcam/app/web/static/icon.svg", "icon.svg")):
        shutil.copy(source, pages / name)
    written: dict[str, Callable[[], str]] = {
        "reference/commands.md": reference.commands, "reference/settings.md": reference.settings,
        "reference/http.md": reference.http, "performance.md": lambda: figures.performance(HERE / "figures"),
        "quality.md": lambda: figures.quality(HERE / "figures"), "licences.md": licences, "adr/index.md": decisions}
    for name, write in written.items():
        (pages / name).write_text(write(), encoding="utf-8")


def licences() -> str:
    """Fails where one is unknown or does not fit."""
    return subprocess.run([sys.executable, str(ROOT / "packaging/licences"), "page"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def decisions() -> str:
    rows = []
    for path in sorted((ROOT / "packaging/adr").glob("*.md")):
        title, status = (line for line in path.read_text(encoding="utf-8").splitlines()[:3] if line)
        rows.append(f"| [{title.removeprefix('# ')}]({path.name}) | {status.removeprefix('Status: ')} |")
    head = ["# Decisions", "", "Why it is so, and what was rejected.", "", "| decision | status |", "|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
