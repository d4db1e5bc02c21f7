"""``vcam models``: the networks, and how to fetch one."""

from __future__ import annotations

import json as json_module
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from vcam.app.console import err, explained, out
from vcam.segmenters import models as catalogue

app = typer.Typer(help="List, fetch and remove networks.", invoke_without_command=True)
Name = Annotated[str, typer.Argument(help="Name of the network, for example multiclass.")]


@app.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        show()


@app.command("list")
@explained
def show(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the networks, where they lie and under which licence."""
    models = catalogue.catalogue().values()
    if json:
        rows = [{"name": m.name, "title": m.title, "licence": m.licence, "bundled": m.bundled, "present": m.present,
                 "url": m.url, "files": {k: str(f.path) for k, f in m.files.items()}} for m in models]
        sys.stdout.write(json_module.dumps(rows, indent=1) + "\n")
        return
    for model in models:
        state = "bundled" if model.bundled else "fetched" if model.present else f"vcam models fetch {model.name}"
        out.print(f"  {model.name:<12} {escape(model.title)} [dim]({model.licence}; {state})[/]", highlight=False)
    out.print("  average      general and landscape together: half the false blobs [dim](bundled)[/]", highlight=False)


@app.command("fetch")
@explained
def fetch(
    name: Name,
    from_file: Annotated[Path | None, typer.Option("--from-file", help="Take it from this file instead of from the "
                                                   "network.", metavar="FILE")] = None,
    force: Annotated[bool, typer.Option("--force", help="Even if it is there.")] = False,
) -> None:
    """Fetch a network: downloaded (or copied) under a temporary name, checked, then put in place."""
    wanted = catalogue.model(name)
    if not wanted.bundled and from_file is None:
        err.print(f"{name}: {wanted.licence}, from {wanted.url}", highlight=False)
    with Progress(console=err, transient=True) as progress:
        task = progress.add_task(name)
        path = catalogue.fetch(name, from_file, force,
                               lambda done, total: progress.update(task, completed=done, total=total))
    out.print(f"{name} is in {path}; use it with --model {name}", highlight=False)


@app.command("remove")
@explained
def remove(name: Name) -> None:
    """Delete a fetched network."""
    out.print(f"{name} removed" if catalogue.remove(name) else f"{name} was not there", highlight=False)
