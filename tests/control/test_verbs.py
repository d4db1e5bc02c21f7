"""The table of commands: what is typed or sent is a command or one clear error, whatever it is."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcam.control.commands import TABLE
from vcam.control.verbs import Argument, Table, model
from vcam.errors import UsageError

WORDS = list(TABLE.verbs())
ANYTHING = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
                        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
                        max_leaves=8)
ARGUMENTS = sorted({parameter.name for verb in TABLE.verbs().values() for parameter in verb.parameters})
LIKELY = st.fixed_dictionaries({"command": st.sampled_from(WORDS)},
                               optional={"arguments": st.dictionaries(st.sampled_from(ARGUMENTS), ANYTHING)})


@given(ANYTHING | LIKELY)
def test_whatever_is_sent_is_a_command_or_a_clear_error(data: Any) -> None:
    try:
        command = TABLE.from_json(data)
    except UsageError as error:
        assert error.message
        assert "\n" not in error.message.replace(str(data), "")
        return
    assert command.word in TABLE.verbs()
    again = TABLE.from_json(json.loads(json.dumps(command.as_json())))
    assert again == command


@given(st.sampled_from(WORDS), st.data())
def test_every_well_formed_command_is_understood(word: str, data: st.DataObject) -> None:
    arguments: dict[str, object] = {}
    for parameter in TABLE.find(word).parameters:
        if parameter.choices:
            arguments[parameter.name] = data.draw(st.sampled_from(parameter.choices))
        elif parameter.kind is float:
            arguments[parameter.name] = data.draw(st.floats(parameter.told.least, parameter.told.most))
        else:
            arguments[parameter.name] = data.draw(st.text())
        if not parameter.required and data.draw(st.booleans()):
            del arguments[parameter.name]
    command = TABLE.command(word, **arguments)
    assert {name: command.arguments[name] for name in arguments} == arguments
    assert set(command.arguments) == {parameter.name for parameter in TABLE.find(word).parameters}


@given(st.floats() | st.integers())
def test_bounds_hold_for_every_number(strength: float) -> None:
    inside = 1 <= strength <= 100
    try:
        assert TABLE.command("blur", strength=strength).arguments["strength"] == strength
    except UsageError:
        assert not inside
    else:
        assert inside


@pytest.mark.parametrize(("data", "told"), [
    ("blur", "not a command"), ({"command": 3}, "not a command"), ({"command": "blurr"}, "did you mean 'blur'"),
    ({"command": "blur", "arguments": [60]}, "not names and values"), ({"command": "bg"}, "'bg' needs NAME"),
    ({"command": "blur", "arguments": {"strength": "much"}}, "'much' as STRENGTH"),
    ({"command": "blur", "arguments": {"strenght": 5}}, "no argument 'strenght'"),
    ({"command": "mirror", "arguments": {"to": "left"}}, "'on', 'off' or 'toggle'"),
    ({"command": "xyzzy"}, "known: bg, blur")])
def test_errors_name_what_is_wrong_and_what_would_be_right(data: object, told: str) -> None:
    with pytest.raises(UsageError) as caught:
        TABLE.from_json(data)
    assert told in str(caught.value)


def test_a_new_command_is_a_function() -> None:
    table, done = Table(), []

    @table.verb("lamp on", about="lamp")
    def lamp(target: object, colour: Annotated[Literal["red", "green"], Argument("Its colour.")],
             power: Annotated[float, Argument("In watts.", least=0, most=60)] = 40) -> None:
        """Light a lamp."""
        done.append((target, colour, power))

    command = table.command("lamp on", colour="red", power="12.5")
    table.find("lamp on").action("desk", **command.arguments)
    assert done == [("desk", "red", 12.5)]
    assert table.find("lamp on").usage == "vcam lamp on red|green [POWER]"
    schema = model(table.find("lamp on")).model_json_schema()
    assert schema["description"] == "Light a lamp."
    assert schema["required"] == ["colour"]
    assert schema["properties"]["power"] | {"title": ""} == {
        "default": 40, "description": "In watts.", "maximum": 60, "minimum": 0, "title": "", "type": "number"}


def test_every_command_says_what_it_does() -> None:
    for verb in TABLE.verbs().values():
        assert verb.help.endswith("."), verb.word
        assert "\n" not in verb.help
        for parameter in verb.parameters:
            assert parameter.told.help.endswith("."), (verb.word, parameter.name)
        assert model(verb).model_json_schema()["additionalProperties"] is False
