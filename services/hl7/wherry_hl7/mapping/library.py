"""Map files become the maps they hold, by name, each with the file and line it stands in."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec

from wherry.errors import Failure, Kind
from wherry_hl7.mapping.reading import Read, read, shaped
from wherry_hl7.mapping.rule import DatatypeMap, Rule, SegmentMap, Structure

_Map = TypeVar("_Map", SegmentMap, DatatypeMap)


@dataclass(frozen=True, slots=True)
class Placed:
    """A map and where it and its rules stand; a rule put over it by a sender stands elsewhere."""

    said: Any
    lines: tuple[str, ...]
    line: str

    def at(self, number: int) -> str:
        """file:line of the nth rule, of the map itself for -1."""
        return self.line if number < 0 else self.lines[number]


@dataclass(frozen=True, slots=True)
class Library:
    """All maps by name: PID.Patient, XPN.HumanName, and the structures."""

    segments: Mapping[str, Placed] = field(default_factory=dict)
    datatypes: Mapping[str, Placed] = field(default_factory=dict)
    structures: Mapping[str, Placed] = field(default_factory=dict)


def library(texts: Mapping[str, str]) -> Library:
    """Read map files by path (segments/PID.yaml, …). Raises: Failure(INVALID) at file:line."""
    kinds: dict[str, dict[str, Placed]] = {"segments": {}, "datatypes": {}, "structures": {}}
    for path, text in sorted(texts.items()):
        layer = path.split("/")[-2] if "/" in path else ""
        if layer not in kinds:
            raise Failure(Kind.INVALID, "maps are in segments, datatypes or structures", at=path)
        found = read(text, path)
        for name, data in found.data.items():
            if name in kinds[layer]:
                raise Failure(Kind.INVALID, f"{name} is defined twice", at=found.at(name))
            kinds[layer][name] = _PLACED[layer](found, name, data)
    return Library(**kinds)


def rules(found: Read, steps: tuple[str | int, ...], data: Any) -> tuple[tuple[Rule, str], ...]:
    """A list of rules, each with its file:line. Raises: Failure(INVALID) at file:line."""
    if not isinstance(data, list):
        raise Failure(Kind.INVALID, "a list of rules is wanted", at=found.at(*steps))
    return tuple(
        (shaped(found, (*steps, n), one, Rule), found.at(*steps, n)) for n, one in enumerate(data)
    )


def placed_map(found: Read, steps: tuple[str | int, ...], data: Any, shape: type[_Map]) -> Placed:
    """A segment or datatype map with the lines of its rules. Raises: Failure(INVALID)."""
    if not isinstance(data, dict):
        raise Failure(Kind.INVALID, "a map is wanted", at=found.at(*steps))
    placed = rules(found, (*steps, "rules"), data.get("rules", []))
    bare = shaped(found, steps, {k: v for k, v in data.items() if k != "rules"}, shape)
    whole = msgspec.structs.replace(bare, rules=tuple(rule for rule, _ in placed))
    return Placed(whole, tuple(line for _, line in placed), found.at(*steps))


def _ruled(shape: type[_Map]) -> Callable[[Read, str, Any], Placed]:
    return lambda found, name, data: placed_map(found, (name,), data, shape)


def _structure(found: Read, name: str, data: Any) -> Placed:
    return Placed(shaped(found, (name,), data, Structure), (), found.at(name))


_PLACED: dict[str, Callable[[Read, str, Any], Placed]] = {
    "segments": _ruled(SegmentMap),
    "datatypes": _ruled(DatatypeMap),
    "structures": _structure,
}
