"""Carries commands out on a run: the one place that knows what holds now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from vcam.address import shown_spec, shown_specs
from vcam.config import Settings, changed, fields
from vcam.control.configuration import Configuration
from vcam.control.gallery import Gallery, with_recent
from vcam.control.live_settings import changed_names, is_remembered, plain, plain_settings
from vcam.control.memory import Choice, Remembered
from vcam.control.profiles import Profiles
from vcam.control.rebuild import rebuild
from vcam.control.wiring import Assembly
from vcam.engine.privacy import Privacy
from vcam.errors import BackdropError, UsageError
from vcam.pipeline import Pipeline

_PATHS = ("background", "source", "away_picture", "backgrounds_folder")


class Director:
    """The target of commands (``commands.Target``). One thread at a time, except for privacy and ``quit``.

    Args:
        settings: those that ``assembly`` was made from.
    """

    def __init__(self, assembly: Assembly, settings: Settings, configuration: Configuration, remembered: Remembered,
                 profiles: Profiles) -> None:
        self.assembly = assembly
        self.settings = settings
        self.remembered = remembered
        self.profiles = profiles
        self.gallery = Gallery(settings.backgrounds_folder)
        self._configuration = configuration

    def change(self, **values: object) -> None:
        """Give settings other values; they are remembered.

        Raises:
            VcamError: one is unknown or unfit, or cannot be loaded; nothing has changed.
        """
        if values.get("source") == shown_spec(self.assembly.source):
            values["source"] = self.assembly.source  # chosen where it is shown
        if self._apply(_tidied(values), "the command"):
            self.remembered = replace(self.remembered, profile="")
        self._remember(values)

    def adapt(self, tier: str) -> None:
        """Use a tier because of the CPU budget; it is not remembered as a choice.

        Raises:
            VcamError: it cannot be loaded; nothing has changed.
        """
        self._apply({"tier": tier}, "the CPU budget")

    def step(self, by: int, category: str) -> None:
        """Show the background that many places further on, passing over broken ones.

        Raises:
            UsageError: there are none of that category.
            BackdropError: none can be loaded.
        """
        trouble = None
        for name in self.gallery.following(self.settings.background, by, category):
            try:
                self.change(background=name)
            except BackdropError as error:
                trouble = trouble or error
            else:
                return
        assert trouble is not None
        raise trouble

    def set_privacy(self, privacy: str) -> None:
        """What viewers may see, at once."""
        self.assembly.run.set_privacy(Privacy(privacy))

    def start_sink(self, spec: str) -> None:
        """Feed one more sink.

        Raises:
            VcamError: it is fed already, unknown, or cannot be opened.
        """
        running = self.sinks
        if spec in running:
            raise UsageError(f"sink '{shown_spec(spec)}' is fed already", "vcam sink list")
        self._apply({"sink": [*running, spec]}, "the command")

    def stop_sink(self, spec: str) -> None:
        """Feed a sink no more.

        Args:
            spec: as it was started, or as the state shows it.

        Raises:
            UsageError: it is not fed, or it is the last one.
        """
        shown = shown_specs(self.sinks)
        stopped = [name for name, told in zip(self.sinks, shown, strict=True) if spec == told] or [
            name for name, sink in self.assembly.sinks if spec in (name, name.rstrip(":"), sink.name)]
        left = [name for name in self.sinks if name not in stopped]
        if not stopped:
            raise UsageError(f"sink '{shown_spec(spec)}' is not fed", f"these are: {', '.join(shown)}")
        if not left:
            raise UsageError(f"'{shown_spec(stopped[0])}' is the only sink",
                             "start another one first, or stop vcam: vcam quit")
        self._apply({"sink": left}, "the command")

    def use_profile(self, name: str) -> None:
        """Set everything as it was saved.

        Raises:
            VcamError: there is no such profile, or it cannot be followed; nothing has changed.
        """
        saved = self.profiles.load(name)
        values = {key: saved.get(key, field.default) for key, field in fields().items() if is_remembered(key)} | saved
        self._apply(values, f"profile '{name}'")
        self._remember(values)
        self.remembered = replace(self.remembered, profile=name)

    def save_profile(self, name: str) -> None:
        """Save what holds now.

        Raises:
            VcamError: not a name, or it cannot be written.
        """
        values = {key: value for key, value in plain_settings(self.settings).items() if is_remembered(key)}
        self.profiles.save(name, _tidied(values))
        self.remembered = replace(self.remembered, profile=name)

    def delete_profile(self, name: str) -> None:
        """Forget a profile.

        Raises:
            VcamError: there is none, or the file cannot be written.
        """
        self.profiles.delete(name)
        if self.remembered.profile == name:
            self.remembered = replace(self.remembered, profile="")

    def reload(self) -> None:
        """Follow what has changed in the configuration file since it was read; it is newer than earlier choices.

        Raises:
            VcamError: the file is wrong, or cannot be followed; nothing has changed.
        """
        before, after = self._configuration, self._configuration.read_again()
        names = {name for name in fields() if before.in_file.get(name) != after.in_file.get(name)
                 and not after.is_typed_for_this_run(name)}
        self._apply({name: plain(getattr(after.settings, name)) for name in names}, "the configuration")
        self._configuration = after
        self.remembered = self.remembered.without(names)

    def between_frames(self, work: Callable[[Pipeline], None]) -> None:
        """Have something done with the pipeline between two frames.

        Raises:
            VcamError: the run hangs or is over, or what ``work`` raises.
        """
        self.assembly.run.parts.between_frames(work)

    def quit(self) -> None:
        """Ask the run to end."""
        self.assembly.run.stop()

    @property
    def sinks(self) -> list[str]:
        """The specs of those that are fed."""
        return [spec for spec, _ in self.assembly.sinks]

    def _apply(self, values: Mapping[str, Any], place: str) -> set[str]:
        wanted = changed(self.settings, values, place)
        names = changed_names(self.settings, wanted)
        rebuild(self.assembly, self.settings, wanted)
        self.settings = wanted
        if "backgrounds_folder" in names:
            self.gallery.use(wanted.backgrounds_folder)
        if "background" in names:
            self.remembered = replace(self.remembered, recent=with_recent(self.remembered.recent, wanted.background))
        return names

    def _remember(self, values: Mapping[str, Any]) -> None:
        shows_room = not self.assembly.run.parts.processing.backdrop.replaces
        names = {name for name in values if is_remembered(name) and not (name == "background" and shows_room)}
        chosen = {name: Choice(plain(getattr(self.settings, name)), self._configuration.in_file.get(name))
                  for name in names}
        self.remembered = replace(self.remembered, choices={**self.remembered.choices, **chosen})


def _tidied(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nothing is the default; a file is found again from another folder."""
    tidy = dict(values)
    for name, value in values.items():
        if value in ("", None) and name in fields():
            tidy[name] = plain(fields()[name].default)
        elif name in _PATHS and isinstance(value, str) and Path(value).expanduser().exists():
            tidy[name] = str(Path(value).expanduser().absolute())
    return tidy
