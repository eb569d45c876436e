"""Turns hl7apy's definitions of HL7 v2 into the text tables of wherry_hl7.grammar.

Usage: scripts/generate_hl7_grammar.py [FOLDER]

hl7apy (MIT) holds what HL7's standards 2.1 to 2.8.2 define. Each definition is written as 2.5.1 has
it, and once more as 2.8.2 has it where that differs; what only other versions know is written as
the newest of them has it. Field lengths are not in hl7apy: corrections.txt holds those that matter.
"""

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "services/hl7/wherry_hl7/grammar"
BASE, NEWER = "2.5.1", "2.8.2"
# Newest first behind the two main ones: who defines what neither of them knows.
VERSIONS = (BASE, NEWER, "2.8.1", "2.8", "2.7", "2.6", "2.5", "2.4", "2.3.1", "2.3", "2.2", "2.1")
SUFFIX = {(1, 1): "", (0, 1): "?", (0, -1): "*", (1, -1): "+", (0, 0): "-"}
PREFIX = re.compile(r"[A-Z]{3}_[A-Z][A-Za-z0-9]{2}_")
WITHDRAWN = "WD"
MAX_CODES = 60  # longer tables are vocabularies (countries, languages, code systems)

HEADER = """\
# HL7 v2: {what}.
# Source: HL7 v2.5.1 and v2.8.2, out of the definitions in hl7apy (MIT, (c) 2012-2018 CRS4).
# Written by scripts/generate_hl7_grammar.py: do not edit; README.md explains the format.
"""

Tables = dict[str, dict[str, Any]]


def load() -> dict[str, Tables]:
    """Everything hl7apy knows, by version and kind of definition."""
    found: dict[str, Tables] = {}
    for version in VERSIONS:
        package = f"hl7apy.v{version.replace('.', '_')}"
        found[version] = {
            "messages": import_module(f"{package}.messages").MESSAGES,
            "groups": import_module(f"{package}.groups").GROUPS,
            "segments": import_module(f"{package}.segments").SEGMENTS,
            "fields": import_module(f"{package}.fields").FIELDS,
            "datatypes": import_module(f"{package}.datatypes").DATATYPES_STRUCTS,
        }
    for version in (BASE, NEWER):
        tables = import_module(f"hl7apy.v{version.replace('.', '_')}.tables")
        found[version]["codes"] = tables.TABLES
    return found


def limit(bounds: Iterable[int]) -> str:
    """How often a part may come, as one character; any other figure in braces."""
    low, high = bounds
    return SUFFIX.get((low, high)) or ("" if (low, high) == (1, 1) else f"{{{low},{high}}}")


def parts(members: Iterable[Any], groups: dict[str, Any]) -> str:
    """The members of a structure or group in the notation of the tables."""
    return " ".join(part(member, groups) for member in members)


def part(member: Any, groups: dict[str, Any]) -> str:
    """One segment, group or choice."""
    name, _, bounds, kind = member
    if kind == "SEG":
        return f"{name}{limit(bounds)}"
    how, members = groups[name]
    plain = all(each[3] == "SEG" for each in members)
    if how == "choice" and plain:
        return f"<{' '.join(each[0] for each in members)}>{limit(bounds)}"
    if how == "choice":  # alternatives that are groups themselves: any of them, in any order
        members = [(each[0], each[1], (0, 1), each[3]) for each in members]
    return f"{PREFIX.sub('', name)}{limit(bounds)}({parts(members, groups)})"


def structures(known: dict[str, Tables]) -> Iterator[tuple[str, str, str]]:
    """(name, version, parts) of every message structure."""
    for name, version in chosen(known, "messages"):
        tables = known[version]
        yield name, version, parts(tables["messages"][name][1], tables["groups"])


def chosen(known: dict[str, Tables], kind: str) -> Iterator[tuple[str, str]]:
    """(name, version) of all definitions that are written, in the order of their names."""
    names = sorted({name for tables in known.values() for name in tables[kind]})
    for name in names:
        having = [version for version in VERSIONS if name in known[version][kind]]
        yield name, having[0]
        if having[:2] == [BASE, NEWER]:
            yield name, NEWER


def fields(known: dict[str, Tables]) -> Iterator[tuple[str, str, str]]:
    """(segment, version, its fields) of every segment."""
    for name, version in chosen(known, "segments"):
        tables = known[version]
        members = tables["segments"][name][1]
        named = all(member[0].startswith(f"{name}_") for member in members)
        if members and named:  # not "any segment", nor one that a version lists without fields
            yield name, version, numbered((m[0], field(m, tables)) for m in members)


def field(member: Any, tables: Tables) -> str:
    """One field: data type, how often, table."""
    name, definition, bounds, _ = member
    definition = definition or tables["fields"][name]
    return word(definition[2], bounds, definition[4])


def components(known: dict[str, Tables]) -> Iterator[tuple[str, str, str]]:
    """(data type, version, its components) of every data type that has components."""
    for name, version in chosen(known, "datatypes"):
        members = known[version]["datatypes"][name]
        yield name, version, numbered((m[0], word(m[1][2], m[2], m[1][4])) for m in members)


def numbered(named: Iterable[tuple[str, str]]) -> str:
    """Words in the order of their numbers; a number that is not defined any more is withdrawn."""
    by_number = {0: ""} | {int(name.rpartition("_")[2]): text for name, text in named}
    return " ".join(by_number.get(n, f"{WITHDRAWN}-") for n in range(1, max(by_number) + 1))


def word(datatype: str, bounds: Iterable[int], table: str | None) -> str:
    """A data type with how often it may come and the table of its codes."""
    marked = f"{datatype or 'varies'}{limit(bounds)}"
    return f"{marked}@{table.removeprefix('HL7')}" if table else marked


def codes(known: dict[str, Tables]) -> Iterator[tuple[str, str, str]]:
    """(table, version, its codes) of every short table with codes."""
    wanted = set(re.findall(r"\bID[?*+]?@(\w+)", " ".join(t for _, _, t in everything(known))))
    for version in (BASE, NEWER):
        for name, (_, values) in known[version]["codes"].items():
            if name.removeprefix("HL7") in wanted and plain(values):
                yield name.removeprefix("HL7"), version, " ".join(values)


def plain(values: Iterable[str] | None) -> bool:
    """Whether these are codes, few of them and all in full: no ranges, no words about codes."""
    listed = list(values or ())
    return 0 < len(listed) <= MAX_CODES and all(re.fullmatch(r"[\w.<>+\-/*]+", v) for v in listed)


def everything(known: dict[str, Tables]) -> Iterator[tuple[str, str, str]]:
    yield from fields(known)
    yield from components(known)


def text(what: str, blocks: Iterable[tuple[str, str, str]]) -> str:
    """A table: per definition a headline and its wrapped parts; a repeated one is left out."""
    lines = [HEADER.format(what=what)]
    before: tuple[str, str] = ("", "")
    for name, version, words in sorted(blocks):
        if (name, words) == before:
            continue
        lines.append(f"{name} {version}")
        lines += textwrap.wrap(
            words, 98, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
        )
        before = (name, words)
    return "\n".join(lines) + "\n"


def main(target: Path) -> None:
    """Write structures.txt, segments.txt, datatypes.txt and codes.txt."""
    known = load()
    made = {
        "structures": text("message structures, segments by their groups", structures(known)),
        "segments": text("fields of every segment", fields(known)),
        "datatypes": text("components of every data type that has some", components(known)),
        "codes": text("codes of the short tables that ID fields are bound to", codes(known)),
    }
    for name, content in made.items():
        (target / f"{name}.txt").write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TARGET)
