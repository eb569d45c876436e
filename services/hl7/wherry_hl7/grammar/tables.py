"""The text tables beside this module → one definition by name and HL7 version."""

from collections.abc import Mapping
from functools import cache
from importlib import resources

NEWER = "2.8.2"
_NEWER_FROM = (2, 7)  # 2.7 brought PRT, CWE for CE and the longer coded types: read as 2.8.2


def is_newer(version: str) -> bool:
    """Whether this version is judged by the 2.8.2 tables; any other is by those of 2.5.1."""
    numbers = version.strip().split(".")[:2]
    return all(n.isdecimal() for n in numbers) and tuple(map(int, numbers)) >= _NEWER_FROM


def definition(table: str, name: str, *, newer: bool = False) -> str | None:
    """What the table says of a name; the 2.8.2 text where it differs and `newer` is wanted."""
    found = definitions(table).get(name)
    if found is None:
        return None
    return found.get(NEWER) if newer and NEWER in found else next(iter(found.values()))


@cache
def definitions(table: str) -> Mapping[str, Mapping[str, str]]:
    """Every definition of structures, segments, datatypes or codes, by name and version."""
    found: dict[str, dict[str, str]] = {}
    held: list[str] = []
    for line in lines(table):
        if line[0] != " ":
            name, version = line.split()
            held = []
            found.setdefault(name, {})[version] = ""
        else:
            held.append(line.strip())
            found[name][version] = " ".join(held)
    return found


def lines(table: str) -> list[str]:
    """The lines of a table without comments and blank lines."""
    text = (resources.files(__package__) / f"{table}.txt").read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]
