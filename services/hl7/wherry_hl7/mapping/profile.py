"""A sender's profile lays its own rules, maps and codes over the shipped ones."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import msgspec

from wherry.errors import Failure, Kind
from wherry_hl7.grammar.check import RULES
from wherry_hl7.mapping.library import Library, Placed, placed_map, rules
from wherry_hl7.mapping.options import OPTIONS
from wherry_hl7.mapping.reading import Read, read, shaped
from wherry_hl7.mapping.rule import Rule, SegmentMap, Structure, Texts
from wherry_hl7.mapping.tables import Table, overlaid

Level = Literal["off", "warn", "error"]


class Acknowledge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How this sender is answered. Empty: as the service's settings say.

    `batch` is how a block of several messages is: in one block, or in one for each message.
    """

    on: Literal["", "received", "converted", "stored"] = ""
    content_error: Literal["", "AE", "AA"] = ""
    unsupported: Literal["", "AR", "AE", "AA"] = ""
    batch: Literal["", "together", "each"] = ""


class Trust(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which identifiers are trusted first: MR, MR@NORTH or @NORTH."""

    patient: tuple[str, ...] = ()


class Profile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a senders/*.yaml may say.

    `match` is by MSH-3, MSH-4, MSH-5, MSH-6 (first components) and `channel`: all must be as said.
    `rules` lays rules over a map by their key, `maps` adds maps (for Z-segments), `make` says where
    they run. `conformance` is by rule name of the checker. `duplicates` is what becomes of a
    message whose MSH-10 stood for other content before; the same again is always just answered.
    """

    match: dict[str, Texts] = {}
    zone: str = ""
    unidentified: bool = False
    systems: dict[str, str] = {}
    identity: Trust = Trust()
    tables: dict[str, dict[str, str]] = {}
    rules: dict[str, list[Any]] = {}
    maps: dict[str, Any] = {}
    make: dict[str, Texts] = {}
    acknowledge: Acknowledge = Acknowledge()
    duplicates: Literal["", "process", "replay", "reject"] = ""
    conformance: dict[str, Level] = {}
    options: dict[str, str] = {}
    why: str = ""


MATCHED = frozenset({"MSH-3", "MSH-4", "MSH-5", "MSH-6", "channel"})


def profile(text: str, path: str) -> tuple[Profile, Read]:
    """Read a profile. Raises: Failure(INVALID) at file:line."""
    found = read(text, path)
    said = shaped(found, (), found.data, Profile)
    for name in said.match:
        if name not in MATCHED:
            raise Failure(Kind.INVALID, f"matched by {name}", at=found.at("match", name))
    for name, value in said.options.items():
        if value not in OPTIONS.get(name, ()):
            raise Failure(Kind.INVALID, f"no option {name}: {value}", at=found.at("options", name))
    for name in said.conformance:
        if name not in RULES:
            at = found.at("conformance", name)
            raise Failure(Kind.INVALID, f"no conformance rule is called {name}", at=at)
    return said, found


def own_maps(
    said: Profile, found: Read, shipped: Library, tables: Mapping[str, Table]
) -> tuple[Library, Mapping[str, Table]]:
    """The maps and tables with a profile's changes.

    Raises: Failure(INVALID) at file:line.
    """
    segments, datatypes = dict(shipped.segments), dict(shipped.datatypes)
    for name, data in said.maps.items():
        segments[name] = placed_map(found, ("maps", name), data, SegmentMap)
    for name in said.rules:
        layer = segments if name in segments else datatypes
        if name not in layer:
            at = found.at("rules", name)
            raise Failure(Kind.INVALID, f"there is no map {name}", at=at)
        own = rules(found, ("rules", name), said.rules[name])
        layer[name] = _laid_over(layer[name], own)
    structures = {
        name: _making(placed, said.make) if placed.said.messages else placed
        for name, placed in shipped.structures.items()
    }
    return Library(segments, datatypes, structures), overlaid(tables, said.tables, path=found.path)


def changes_maps(said: Profile) -> bool:
    """Whether a profile needs plans of its own."""
    return bool(said.rules or said.maps or said.make or said.tables)


def _laid_over(under: Placed, own: Sequence[tuple[Rule, str]]) -> Placed:
    """The rules of a map, those of the same key replaced where they stood, new ones at the end."""
    mine: dict[str, list[tuple[Rule, str]]] = {}
    for rule, line in own:
        mine.setdefault(rule.key, []).append((rule, line))
    out: list[tuple[Rule, str]] = []
    for rule, line in zip(under.said.rules, under.lines, strict=True):
        if rule.key not in mine:
            out.append((rule, line))
        else:
            out += mine[rule.key]
            mine[rule.key] = []
    out += [one for left in mine.values() for one in left]
    kept = [(rule, line) for rule, line in out if not rule.drop]
    whole = msgspec.structs.replace(under.said, rules=tuple(rule for rule, _ in kept))
    return Placed(whole, tuple(line for _, line in kept), under.line)


def _making(placed: Placed, make: Mapping[str, Texts]) -> Placed:
    said: Structure = placed.said
    return Placed(msgspec.structs.replace(said, make={**said.make, **make}), (), placed.line)
