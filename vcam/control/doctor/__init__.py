"""Checks the machine: what is wrong, and the commands that mend it. Nothing is changed and no connection is made."""

from __future__ import annotations

import importlib
from collections.abc import Iterator

from vcam.control.doctor.finding import Check, Finding, Level, Topic
from vcam.control.doctor.system import System

__all__ = ["TOPICS", "Check", "Finding", "Level", "System", "Topic", "examine", "repairs"]

# In the order of the report, which is that of the picture's way to the other app, backwards.
TOPICS = ("kernel:KERNEL", "cameras:CAMERAS", "permissions:PERMISSIONS", "desktop:DESKTOP",
          "installation:INSTALLATION", "processing:PROCESSING")


def examine(system: System | None = None) -> list[Finding]:
    """Every finding, topic by topic. A check that fails is a finding too; nothing is raised."""
    looked_at = system or System()
    return [finding for topic in TOPICS for finding in _examined(_load(topic), looked_at)]


def repairs(findings: list[Finding]) -> list[Finding]:
    """Those that have commands to run: problems and warnings."""
    return [finding for finding in findings if finding.fix and finding.level in ("problem", "warning")]


def _load(name: str) -> Topic:
    module, _, attribute = name.partition(":")
    topic: Topic = getattr(importlib.import_module(f"{__name__}.{module}"), attribute)
    return topic


def _examined(topic: Topic, system: System) -> Iterator[Finding]:
    if topic.platforms and system.platform not in topic.platforms:
        yield Finding(topic.name, "all checks", "skipped", topic.reason)
        return
    for check in topic.checks:
        yield from _run(check, topic.name, system)


def _run(check: Check, topic: str, system: System) -> list[Finding]:
    try:
        return list(check(system))
    except Exception as error:
        name = getattr(check, "__name__", "check").replace("_", " ")
        return [Finding(topic, name, "warning", f"could not be checked: {type(error).__name__}: {error}")]
