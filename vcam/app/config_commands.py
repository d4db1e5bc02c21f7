"""``vcam config``: show and change the configuration file."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape

from vcam import config
from vcam.app.console import explained, out

app = typer.Typer(help="Show and change the configuration.", invoke_without_command=True)
Name = Annotated[str, typer.Argument(help="Name of the setting, for example background.")]


@app.callback()
def _default(context: typer.Context) -> None:
    if context.invoked_subcommand is None:
        show()


@app.command("show")
@explained
def show() -> None:
    """Show every setting, its value and where it comes from (default, file or environment)."""
    resolved = config.resolve({})
    for name in config.fields():
        value = getattr(resolved.settings, name)
        shown = ", ".join(value) if isinstance(value, tuple) else "" if value is None else str(value)
        out.print(f"  {name:<20} {escape(shown) or '–':<24} [dim]{resolved.origins[name]}[/]", highlight=False)
    out.print(f"[dim]{escape(str(config.config_path()))}[/]", highlight=False)


@app.command("path")
@explained
def path() -> None:
    """Print where the configuration file is, or would be."""
    typer.echo(config.config_path())


@app.command("set")
@explained
def set_setting(name: Name, value: Annotated[str, typer.Argument(help="Its value.")]) -> None:
    """Change one setting in the configuration file; comments in it stay."""
    from vcam.config_file import set_value

    out.print(f"{name} = {escape(value)} in {set_value(name, value)}", highlight=False)


@app.command("unset")
@explained
def unset_setting(name: Name) -> None:
    """Remove one setting from the configuration file."""
    from vcam.config_file import unset_value

    out.print(f"{name} removed from {unset_value(name)}", highlight=False)
