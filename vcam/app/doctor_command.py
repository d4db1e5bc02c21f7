"""``vcam doctor``: what is wrong with this machine, and what to type."""

from __future__ import annotations

import dataclasses
import json as json_module
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from vcam import __version__
from vcam.app.console import err, explained, out
from vcam.errors import UsageError

if TYPE_CHECKING:
    from vcam.control.doctor import Finding, Level

_SIGNS: dict[Level, str] = {"ok": "[green]✓[/]", "warning": "[yellow]![/]", "problem": "[bold red]✗[/]",
                            "skipped": "[dim]–[/]"}
_PLAIN = str.maketrans({"✓": "+", "✗": "x", "–": "-"})
_FIX_INDENT = 6
_RESTART = "sudo reboot"


@explained
def doctor(
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Print the commands that mend what was found, as a shell script; "
                                      "none is run.")] = False,
) -> None:
    """Check cameras, virtual camera, desktop, installation and speed, and say what to type where something is wrong.

    Ends with 1 if there is a problem. Changes nothing and opens no connection.
    """
    from vcam.control.doctor import examine

    if json and fix:
        raise UsageError("--json and --fix exclude each other", "the JSON contains the commands, too")
    with err.status("looking around …"):
        findings = examine()
    if json:
        _print_json(findings)
    elif fix:
        sys.stdout.write("\n".join(_script(findings)) + "\n")
    else:
        _report(findings)
    if _count(findings, "problem"):
        raise typer.Exit(1)


def _print_json(findings: list[Finding]) -> None:
    told = {"vcam": __version__, "problems": _count(findings, "problem"), "warnings": _count(findings, "warning"),
            "findings": [dataclasses.asdict(finding) for finding in findings]}
    sys.stdout.write(json_module.dumps(told, indent=1, ensure_ascii=False) + "\n")


def _count(findings: list[Finding], level: Level) -> int:
    return sum(finding.level == level for finding in findings)


def _script(findings: list[Finding]) -> Iterator[str]:
    """A script whose comments say why. What mends two things stands once, and starting again comes last.

    Commands are left out only where a whole repair was there before: loading a module again after an upgrade is not
    loading it again before.
    """
    from vcam.control.doctor import repairs

    if sys.platform != "win32":
        yield "#!/bin/sh"
    yield "# What would mend this machine, as `vcam doctor` sees it. Read it before you run it."
    seen: set[str] = set()
    for finding in repairs(findings):
        commands = [command for command in finding.fix if command != _RESTART]
        if not seen.issuperset(commands):
            yield f"\n# {finding.topic}, {finding.name}: {' '.join(finding.found.split())}"
            yield from commands
            seen.update(commands)
    if any(_RESTART in finding.fix for finding in repairs(findings)):
        yield f"\n# then start the machine again\n{_RESTART}"
    elif not seen:
        yield "# There is nothing to mend."


def _report(findings: list[Finding]) -> None:
    # The shared console never wraps, so that its lines can be piped; here long sentences want to be wrapped.
    console = Console(file=out.file, highlight=False)
    width = max(len(finding.name) for finding in findings)
    for topic, group in groupby(findings, key=lambda finding: finding.topic):
        console.print(f"[bold]{escape(topic)}[/]")
        for finding in group:
            _print_finding(console, finding, width)
        console.print()
    console.print(_summary(findings))


def _print_finding(console: Console, finding: Finding, width: int) -> None:
    sign = _SIGNS[finding.level]
    style = "dim" if finding.level == "skipped" else ""
    row = Table.grid(padding=(0, 2, 0, 0))
    row.add_column(width=1)
    row.add_column(width=width, style=style)
    row.add_column(ratio=1, style=style, overflow="fold")
    row.add_row(sign if _can_show(console) else sign.translate(_PLAIN), escape(finding.name), escape(finding.found))
    console.print(Padding(row, (0, 0, 0, 2), expand=False))
    for command in finding.fix:
        # Never wrapped: a command must survive being copied.
        console.print(f"{' ' * _FIX_INDENT}[cyan]{escape(command)}[/]", soft_wrap=True)


def _can_show(console: Console) -> bool:
    return console.encoding.startswith("utf")


def _summary(findings: list[Finding]) -> str:
    from vcam.control.doctor import repairs

    problems, warnings = _count(findings, "problem"), _count(findings, "warning")
    if not problems and not warnings:
        return "[green]Everything is in order.[/]"
    counted = [f"{number} {word}{'' if number == 1 else 's'}"
               for number, word in ((problems, "problem"), (warnings, "warning")) if number]
    told = f"[bold]{' and '.join(counted)}.[/]"
    return f"{told} [dim]The commands alone, as a script: vcam doctor --fix[/]" if repairs(findings) else told
