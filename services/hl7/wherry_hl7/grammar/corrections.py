"""The lines of corrections.txt → a structure with what real feeds do differently."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from wherry_hl7.grammar.notation import Part, parts
from wherry_hl7.grammar.tables import lines

_Edit = Callable[[Part, list[str]], Part]


@dataclass(frozen=True, slots=True)
class Correction:
    """One line: where it applies, what it does and with which words."""

    accepts: bool
    structure: str
    group: str
    operation: str
    words: list[str]

    def fits(self, structure: str) -> bool:
        """Whether it is about this structure."""
        return self.operation in _EDITS and self.structure in ("*", structure)


@cache
def corrections() -> tuple[Correction, ...]:
    """All corrections in the order they are applied."""
    return tuple(_read(line) for line in lines("corrections"))


@cache
def additions() -> dict[str, str]:
    """Structures that the tables do not have, in their notation."""
    return {c.structure: " ".join(c.words) for c in corrections() if c.operation == "is"}


def more_codes(table: str) -> frozenset[str]:
    """Codes that the tables leave out."""
    meant = (c for c in corrections() if c.structure == f"@{table}")
    return frozenset(code for each in meant for code in each.words)


def corrected(structure: Part, *, strict: bool) -> Part:
    """The structure with its corrections; `strict` leaves out what is only accepted."""
    for each in corrections():
        if each.fits(structure.name) and not (strict and each.accepts):
            structure = _apply(each, structure, top=True)
    return structure


def holds(part: Part, segment: str) -> bool:
    """Whether this segment has a place anywhere in the part."""
    if not part.members:
        return segment in part.names
    return any(holds(member, segment) for member in part.members)


def _read(line: str) -> Correction:
    kind, where, operation, *words = line.split()
    structure, _, group = where.partition(":")
    if kind not in ("fix", "accept") or operation not in {*_EDITS, "is", "codes"}:
        raise ValueError(f"corrections.txt: unknown word in {line!r}")
    return Correction(kind == "accept", structure, group, operation, words)


def _apply(correction: Correction, part: Part, *, top: bool = False) -> Part:
    if not part.members:
        return part
    members = tuple(_apply(correction, member) for member in part.members)
    part = replace(part, members=members)
    meant = correction.group == part.name if correction.group else top
    return _EDITS[correction.operation](part, correction.words) if meant else part


def _rename(part: Part, words: list[str]) -> Part:
    return replace(part, names=(words[0],))


def _heads(part: Part, words: list[str]) -> Part:
    return replace(part, heads=part.heads | {word for word in words if holds(part, word)})


def _starts(part: Part, words: list[str]) -> Part:
    return replace(part, heads=frozenset(words), closed=True)


def _before(part: Part, words: list[str]) -> Part:
    return _insert(part, words, 0)


def _after(part: Part, words: list[str]) -> Part:
    return _insert(part, words, 1)


def _insert(part: Part, words: list[str], offset: int) -> Part:
    name, new = words[0], parts(" ".join(words[1:]))
    at = _place(part.members, name) + offset
    return replace(part, members=(*part.members[:at], *new, *part.members[at:]))


def _place(members: Iterable[Part], name: str) -> int:
    return next(at for at, member in enumerate(members) if name in member.names)


_EDITS: dict[str, _Edit] = {
    "rename": _rename,
    "heads": _heads,
    "starts": _starts,
    "before": _before,
    "after": _after,
}
