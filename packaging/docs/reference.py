"""Reference pages, from the tables that the program itself is made of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from vcam.app.cli import app
from vcam.app.web.openapi import description
from vcam.config import extra, fields


def commands() -> str:
    """Every command with its arguments and flags."""
    head = ["# Command line", "", "Written from the program itself; `--help` behind any of them says the same.",
            "Exit codes: 0 done, 1 failure, 2 the command was not understood."]
    return "\n".join([*head, *_commands(get_command(app), "vcam")]) + "\n"


def _commands(command: Any, path: str) -> Iterator[str]:
    context = typer.Context(command, info_name=path)
    for name in command.list_commands(context):
        part = command.get_command(context, name)
        if part.hidden:
            continue
        if hasattr(part, "list_commands"):
            yield from _commands(part, f"{path} {name}")
            continue
        yield from ("", f"## `{path} {name}`", "", _sentence(part.help), "")
        rows = [row for parameter in part.params if not getattr(parameter, "hidden", False)
                for row in _parameter(parameter)]
        yield from (["| | | |", "|---|---|---|", *rows] if rows else [])


def _parameter(parameter: Any) -> Iterator[str]:
    if "--help" in parameter.opts:
        return
    names = [*parameter.opts, *parameter.secondary_opts]
    shown = " ".join(f"`{name}`" for name in names) if parameter.param_type_name == "option" \
        else f"`{_cell(parameter.metavar or parameter.name.upper())}`"
    kind = "" if parameter.param_type_name == "argument" else parameter.metavar
    yield f"| {shown} | {_cell(kind)} | {_cell(_sentence(parameter.help))} |"


def settings() -> str:
    """The settings table: flag, environment and key at once."""
    lines = ["# Settings", "", "One table makes flags, environment, configuration file and the panel's form. A flag "
             "wins over the environment, which wins over the file (`vcam config path`)."]
    shown = ""
    for name, field in fields().items():
        panel = str(extra(field, "panel"))
        if panel != shown:
            lines += ["", f"## {panel}", "", "| key in the file | flag | environment | default | |",
                      "|---|---|---|---|---|"]
            shown = panel
        flags = " ".join(f"`{flag}`" for flag in extra(field, "flags"))
        default = "" if field.default in (None, "", ()) else f"`{field.default}`"
        lines.append(f"| `{name}` | {flags} | `VCAM_{name.upper()}` | {_cell(default)} | {_cell(field.description)} |")
    return "\n".join(lines) + "\n"


def http() -> str:
    """The HTTP interface, from its OpenAPI description."""
    told = description()
    lines = ["# HTTP", "", str(told["info"]["description"]), "",
             "The running vcam gives this description as OpenAPI 3.1 at `/openapi.json`. Where a token is set, send "
             "it as `Authorization: Bearer TOKEN`.", "", "| | | what it does |", "|---|---|---|"]
    bodies: list[str] = []
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            lines.append(f"| {method.upper()} | `{path}` | {_cell(operation.get('summary', ''))} |")
            bodies += _body(path, operation, told)
    return "\n".join([*lines, "", "## What commands take", "", "A JSON object with these names; those in bold are "
                      "required.", "", "| command | names |", "|---|---|", *bodies]) + "\n"


def _body(path: str, operation: dict[str, Any], told: dict[str, Any]) -> Iterator[str]:
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    if "$ref" in schema:
        schema = told["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    names = [f"**`{name}`**" if name in schema.get("required", ()) else f"`{name}`"
             for name in schema.get("properties", {})]
    if names:
        yield f"| `{path}` | {', '.join(names)} |"


def _sentence(text: str | None) -> str:
    """Without the marks that only a terminal understands."""
    return re.sub(r"\[/?(?:bold|dim|italic|cyan|green|yellow|red)\]", "", " ".join((text or "").split()))


def _cell(text: Any) -> str:
    return str(text or "").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")
