"""What a table of commands is made of.

A verb is a function whose signature says all that command line, HTTP API and documentation need to know; its arguments
are checked by a pydantic model made from it. Neither is imported before it is used: a key bound to ``vcam panic`` must
not wait.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin, get_type_hints

from vcam.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError


@dataclass(frozen=True, slots=True)
class Argument:
    """What the table says of an argument beside its type and default.

    ``least``, ``most``: bounds of a number. ``completes``: what a shell or a menu offers: ``background``, ``camera``,
    ``setting``, ``profile``, ``sink`` (that can be started) or ``running sink``. ``is_path``: it may be a relative
    path, which only the front end can resolve.
    """

    help: str
    least: float | None = None
    most: float | None = None
    completes: str = ""
    is_path: bool = False


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of a verb. ``default`` is ``inspect.Parameter.empty`` where it must be given."""

    name: str
    kind: Any
    told: Argument
    default: Any

    @property
    def required(self) -> bool:
        return self.default is inspect.Parameter.empty

    @property
    def choices(self) -> tuple[str, ...]:
        """The words it may be; empty: any."""
        return get_args(self.kind) if get_origin(self.kind) is Literal else ()

    @property
    def metavar(self) -> str:
        """How it is written in a usage line."""
        return "|".join(self.choices) or self.name.upper()


@dataclass(frozen=True, slots=True)
class Verb:
    """A row of the table.

    Attributes:
        word: as typed, with a space between a group and its member: ``profile use``.
        about: what it changes; a success takes back the problem of an earlier failure.
        urgent: it does not wait for commands that are being carried out.
    """

    word: str
    help: str
    parameters: tuple[Parameter, ...]
    action: Callable[..., None]
    about: str
    urgent: bool

    @property
    def usage(self) -> str:
        """How it is typed."""
        words = [parameter.metavar if parameter.required else f"[{parameter.metavar}]"
                 for parameter in self.parameters]
        return " ".join(["vcam", self.word, *words])


@dataclass(frozen=True, slots=True)
class Command:
    """A verb with arguments that were checked: only ``Table.command`` and ``Table.from_json`` make one."""

    word: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """What ``Table.from_json`` turns back into this command."""
        return {"command": self.word, "arguments": dict(self.arguments)}


class Table:
    """Verbs by word, in the order in which they were declared."""

    def __init__(self) -> None:
        self._verbs: dict[str, Verb] = {}

    def verb(self, word: str, about: str = "", urgent: bool = False) -> Callable[[Callable[..., None]],
                                                                               Callable[..., None]]:
        """Declare a function as what ``word`` does: ``function(target, argument, …)``, its docstring being the help."""
        def declare(action: Callable[..., None]) -> Callable[..., None]:
            self._verbs[word] = Verb(word, inspect.getdoc(action) or "", _parameters(action), action, about or word,
                                     urgent)
            return action
        return declare

    def verbs(self) -> Mapping[str, Verb]:
        """The whole table."""
        return self._verbs

    def find(self, word: str) -> Verb:
        """The verb of a word.

        Raises:
            UsageError: there is none (names the nearest).
        """
        if word not in self._verbs:
            close = difflib.get_close_matches(word, self._verbs, 1)
            meant = f"did you mean '{close[0]}'?" if close else f"known: {', '.join(self._verbs)}"
            raise UsageError(f"unknown command '{word}'", meant)
        return self._verbs[word]

    def command(self, word: str, **arguments: object) -> Command:
        """The command of a word and its arguments, as typed or as they are: ``strength="60"`` is 60.

        Raises:
            UsageError: unknown word or argument, or one that is missing or unfit.
        """
        from pydantic import ValidationError

        verb = self.find(word)
        try:
            return Command(word, dict(model(verb).model_validate(arguments)))
        except ValidationError as error:
            raise _explained(verb, error) from error

    def from_json(self, data: object) -> Command:
        """The command that ``{"command": WORD, "arguments": {…}}`` says.

        Raises:
            UsageError: it is of another form; else as ``command``.
        """
        if not isinstance(data, dict) or not isinstance(data.get("command"), str):
            raise UsageError("not a command", 'it looks like {"command": "blur", "arguments": {"strength": 60}}')
        arguments = data.get("arguments", {})
        if not isinstance(arguments, dict) or not all(isinstance(name, str) for name in arguments):
            raise UsageError(f"'{data['command']}' has arguments that are not names and values",
                             self.find(data["command"]).usage)
        return self.command(data["command"], **arguments)


@cache
def model(verb: Verb) -> type[BaseModel]:
    """The pydantic model of a verb's arguments: for checking, and for schemas."""
    from pydantic import ConfigDict, Field, create_model

    fields: dict[str, Any] = {}
    for parameter in verb.parameters:
        told = parameter.told
        bounds: dict[str, Any] = {}
        if parameter.kind is float:
            bounds = {"ge": told.least, "le": told.most, "allow_inf_nan": False}
        default = ... if parameter.required else parameter.default
        fields[parameter.name] = (parameter.kind, Field(default, description=told.help, **bounds))
    name = "".join(part.capitalize() for part in verb.word.split())
    made: type[BaseModel] = create_model(name, __doc__=verb.help, __config__=ConfigDict(extra="forbid"), **fields)
    return made


def _parameters(action: Callable[..., None]) -> tuple[Parameter, ...]:
    hints = get_type_hints(action, include_extras=True)
    found = []
    for name, parameter in list(inspect.signature(action).parameters.items())[1:]:
        hint = hints[name]
        assert get_origin(hint) is Annotated, f"argument '{name}' of {action} says nothing of itself"
        kind, told = get_args(hint)
        found.append(Parameter(name, kind, told, parameter.default))
    return tuple(found)


def _explained(verb: Verb, error: ValidationError) -> UsageError:
    first = error.errors()[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    reason = str(first["msg"])
    reason = reason[0].lower() + reason[1:]
    if first["type"] == "missing":
        return UsageError(f"'{verb.word}' needs {name.upper()}", verb.usage)
    if first["type"] == "extra_forbidden":
        return UsageError(f"'{verb.word}' has no argument '{name}'", verb.usage)
    told = {parameter.name: parameter.told.help for parameter in verb.parameters}
    return UsageError(f"'{verb.word}' cannot take '{first['input']}' as {name.upper()}: {reason}", told.get(name, ""))
