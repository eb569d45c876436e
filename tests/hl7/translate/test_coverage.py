"""Every field that holds something is mapped or listed. All data are synthetic."""

import re
from collections.abc import Callable

import pytest

from wherry.codec import encode
from wherry.resource import Issue, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
TIME = "20260105113000+0000"

# A value for every field that is mapped; each changes what the message becomes
FULL = {
    "EVN": {2: TIME, 5: "9^Clerk^Casey", 6: "20260105112500+0000"},
    "PID": {
        2: "E1", 3: "1^^^NORTH^MR", 4: "A1", 5: "Doe^Jo", 6: "Maiden^M", 7: "19610402", 8: "F",
        9: "Alias^A", 11: "1 Street", 13: "555-1", 14: "555-2", 15: "es", 16: "M",
        18: "ACC1", 19: "999999999", 24: "Y", 25: "2", 29: "20260104", 30: "Y", 40: "555-3",
    },
    "PV1": {
        2: "I", 3: "W^1", 4: "E", 5: "PRE1", 6: "ED", 7: "11^A", 8: "12^B", 9: "13^C", 10: "MED",
        13: "R", 14: "7", 15: "A0", 16: "V", 17: "14^D", 18: "IP", 19: "V1", 36: "01", 38: "D",
        39: "CLINIC", 44: TIME, 45: "20260106113000+0000", 50: "V2", 52: "15^E",
    },
    "PV2": {3: "R07.9^Chest pain^I10C"},
    "ORC": {2: "P9", 3: "F9"},
    "OBR": {
        2: "P1", 3: "F1", 4: "24323-8^Panel^LN", 7: TIME, 8: "20260105120000+0000",
        22: "20260105123000+0000", 24: "LAB", 25: "F", 32: "16^F",
    },
    "OBX": {
        2: "NM", 3: "718-7^Hb^LN", 4: "1", 5: "14.1", 6: "g/dL", 7: "12-16", 8: "H", 11: "C",
        14: "20260105114500+0000", 15: "LAB1^Lab", 16: "17^G", 17: "MET", 18: "DEV1", 20: "ARM",
        21: "I1", 23: "Core",
    },
    "NTE": {3: "a comment"},
}  # fmt: skip

# Fields that give way to another one: what makes them speak is that the other is empty
STANDS_BACK = {
    ("EVN", 2): {("EVN", 6)},
    ("PID", 24): {("PID", 25)},
    ("PID", 30): {("PID", 29)},
    ("OBX", 15): {("OBX", 23)},
    ("ORC", 2): {("OBR", 2)},
    ("ORC", 3): {("OBR", 3)},
}
ADT = ("EVN", "PID", "PV1", "PV2", "OBX", "NTE")
ORU = ("PID", "PV1", "PV2", "ORC", "OBR", "OBX", "NTE")


def _content(made: Translation) -> bytes:
    """What the message becomes, but for the marks that every change of its bytes leaves."""
    text = encode(made.bundle).decode()
    record = made.bundle["entry"][-1]["resource"]["id"]
    return re.sub(rf"{record}", "", text).encode()


def _segments(names: tuple[str, ...], left_out: set[tuple[str, int]]) -> list[str]:
    return [
        segment(name, {n: v for n, v in FULL[name].items() if (name, n) not in left_out})
        for name in names
    ]


@pytest.mark.parametrize(
    ("kind", "names", "field"),
    [
        (kind, names, (name, number))
        for kind, names in (("ADT^A03", ADT), ("ORU^R01", ORU))
        for name in names
        for number in FULL[name]
    ],
)
def test_what_counts_as_mapped_changes_what_is_made(
    translated: Translated, kind: str, names: tuple[str, ...], field: tuple[str, int]
) -> None:
    silent = STANDS_BACK.get(field, set())

    with_it = translated(*_segments(names, silent), kind=kind)
    without = translated(
        *_segments(names, {*silent, field}), kind=kind
    ) if field != ("PID", 3) else None  # fmt: skip

    assert f"{field[0]}-{field[1]}" not in {issue.at for issue in with_it.unmapped}
    assert without is None or _content(with_it) != _content(without)


def test_what_is_not_mapped_is_listed_once_with_how_often(translated: Translated) -> None:
    made = translated(
        segment("PID", {1: "1", 3: "1^^^NORTH^MR", 33: "20260101", 37: '""'}),
        segment("OBR", {1: "1", 3: "F1", 4: "1^T^L", 21: "1"}),
        segment("OBX", {2: "ST", 3: "1^T^L", 5: "x", 11: "F", 12: "2026", 26: "^~&  "}),
        segment("OBX", {2: "ST", 3: "2^T^L", 5: "x", 11: "F", 12: "2026"}),
        segment("ZPI", {1: "1", 3: "own"}),
        segment("SPM", {2: "S1", 13: "2"}),
    )

    assert made.unmapped == (
        Issue("PID-33", "not mapped"),
        Issue("PID-37", "not mapped"),
        Issue("OBR-21", "not mapped"),
        Issue("OBX-12", "not mapped (2 segments)"),
        Issue("ZPI-1", "not mapped"),
        Issue("ZPI-3", "not mapped"),
        Issue("SPM-13", "not mapped"),
    )


@pytest.mark.parametrize(
    ("second", "field"),
    [(segment("PV1", {2: "O"}), "PV1-2"), (segment("PID", {3: "2^^^NORTH^MR"}), "PID-3")],
)
def test_a_segment_that_is_there_too_often_is_listed_whole(
    translated: Translated, second: str, field: str
) -> None:
    pid = segment("PID", {3: "1^^^NORTH^MR"})

    made = translated(pid, segment("PV1", {2: "I"}), second, kind="ADT^A01")

    assert Issue(field, "not mapped") in made.unmapped
    assert field[:3] in {issue.at for issue in made.warnings}
