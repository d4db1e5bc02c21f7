"""What is installed, and under which licence: what a package says in a form that can be read, or policy.toml says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from typing import Any

from license_expression import ExpressionError, get_spdx_licensing
from packaging.requirements import Requirement

_SPDX = get_spdx_licensing()
# Words of the old field that mean one thing only.
_WORDS = {
    "mit": "MIT", "mit license": "MIT", "apache 2.0": "Apache-2.0", "apache license, version 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0", "isc license": "ISC", "bsd 2-clause license": "BSD-2-Clause",
    "3-clause bsd license": "BSD-3-Clause", "bsd-3-clause": "BSD-3-Clause",
}
_CLASSIFIERS = {
    "MIT License": "MIT", "Apache Software License": "Apache-2.0", "ISC License (ISCL)": "ISC",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0", "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
}


class Unfit(Exception):
    """A licence is unknown, or may not be in this work."""


@dataclass(frozen=True)
class Part:
    """One package. ``carries``: licences of libraries inside it; ``why``: how we know, where it does not say."""

    name: str
    version: str
    licence: str
    carries: str
    why: str
    author: str
    folder: str


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


class Finder:
    """Reads one environment.

    Args:
        policy: policy.toml.
        project: pyproject.toml.
        path: its site-packages; None is the running one.
    """

    def __init__(self, policy: dict[str, Any], project: dict[str, Any], path: str | None = None) -> None:
        self._policy, self._project = policy, project
        found = distributions(path=[path]) if path else distributions()
        self._installed = {canonical(dist.name): dist for dist in found}

    def parts(self, work: str) -> list[Part]:
        """Every package of a work, by name.

        Raises:
            Unfit: one is unknown, does not fit, or is here although it is to be left out.
        """
        rules = self._policy["works"][work]
        left_out = set(rules.get("left_out", ()))
        names = sorted(self._closure(set(rules["extras"]), left_out))
        allowed = set(self._policy["allowed"]) | set(rules.get("allowed", ()))
        parts = [self._part(self._installed[name]) for name in names]
        problems = [problem for part in parts for problem in _problems(part, allowed)]
        if problems:
            raise Unfit("\n".join(f"{work}: {problem}" for problem in problems))
        return parts

    def _closure(self, extras: set[str], left_out: set[str]) -> set[str]:
        """The names of what vcam needs with these extras, and what that needs, and so on."""
        waiting = list(_named(self._required(extras), frozenset()))
        done: set[tuple[str, frozenset[str]]] = set()
        while waiting:
            item = waiting.pop()
            if item in done or item[0] in left_out:
                continue
            if item[0] not in self._installed:
                raise Unfit(f"{item[0]} is not installed, so its licence cannot be read: install vcam with its extras")
            done.add(item)
            waiting += _named(self._installed[item[0]].requires or (), item[1])
        return {name for name, _ in done}

    def _required(self, extras: set[str]) -> list[str]:
        project = self._project["project"]
        return project["dependencies"] + [line for extra in extras for line in project["optional-dependencies"][extra]]

    def _part(self, dist: Distribution) -> Part:
        facts = self._policy["packages"].get(canonical(dist.name), {})
        meta = dist.metadata
        author = meta.get("Author") or meta.get("Author-email") or meta.get("Maintainer") or "its authors"
        return Part(canonical(dist.name), dist.version, facts.get("licence") or stated(dist), facts.get("carries", ""),
                    facts.get("why", ""), " ".join(author.split()), _folder(dist))


def stated(dist: Distribution) -> str:
    """What a package says of itself as an SPDX expression; empty where that is not clear."""
    meta = dist.metadata
    if expression := meta.get("License-Expression"):
        return str(expression)
    told = (meta.get("License") or "").strip().lower()
    if told in _WORDS:
        return _WORDS[told]
    try:
        if told:
            return str(_SPDX.parse(meta["License"].strip(), validate=True))
    except ExpressionError:
        pass
    classifiers = [line.rpartition(" :: ")[2] for line in meta.get_all("Classifier", ()) if line.startswith("License")]
    named = {_CLASSIFIERS.get(name, "") for name in classifiers if name != "DFSG approved"}
    return named.pop() if len(named) == 1 else ""


def fits(expression: str, allowed: set[str]) -> bool:
    """Whether one may choose so that every part of the expression is allowed.

    Raises:
        ExpressionError: it is no SPDX expression.
    """
    return _fits(_SPDX.parse(expression, validate=True), allowed)


def _fits(node: Any, allowed: set[str]) -> bool:
    if isinstance(node, _SPDX.OR):
        return any(_fits(part, allowed) for part in node.args)
    if isinstance(node, _SPDX.AND):
        return all(_fits(part, allowed) for part in node.args)
    return str(node) in allowed


def _problems(part: Part, allowed: set[str]) -> Iterator[str]:
    for expression in (part.licence, *([part.carries] if part.carries else [])):
        try:
            if not expression:
                yield f"{part.name} {part.version}: its licence is unknown; find it out and write it into policy.toml"
            elif not fits(expression, allowed):
                yield f"{part.name} {part.version}: {expression} does not fit"
        except ExpressionError as error:
            yield f"{part.name} {part.version}: {expression!r} is no SPDX expression: {error}"


def _named(requirements: Iterable[str], extras: frozenset[str]) -> Iterator[tuple[str, frozenset[str]]]:
    """Name and extras of the requirements that hold here, for who is wanted with ``extras``."""
    for line in requirements:
        requirement = Requirement(line)
        environments = [{"extra": extra} for extra in extras] or [{"extra": ""}]
        if requirement.marker is None or any(requirement.marker.evaluate(given) for given in environments):
            yield canonical(requirement.name), frozenset(requirement.extras)


def _folder(dist: Distribution) -> str:
    top = (dist.read_text("top_level.txt") or "").split()
    return top[0] if top else dist.name.replace("-", "_")
