"""The measuring itself: what it calls equal, lost, listed or broken. All data are synthetic."""

import io
import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from hl7corpus import show
from hl7corpus.compare import NOTHING, Point, points
from hl7corpus.conserve import kept
from hl7corpus.covered import silent
from hl7corpus.exceptions import Listed, listed, reason, unused
from hl7corpus.figures import Figure
from hl7corpus.files import Piece, pieces
from hl7corpus.floors import fallen, floors, written
from hl7corpus.golden import CORE, Golden
from hl7corpus.measure import Measure
from hl7corpus.outcome import Outcome, outcome
from hl7corpus.sound import empty, unresolved
from hl7corpus.values import agree, comparable, shown
from wherry.resource import Bundle, Resource, Translation
from wherry.testing.hl7 import message, segment

PID = segment("PID", {1: "1", 3: "7700123^^^NORTH^MR", 5: "Testperson^Ada"})
OBR = segment("OBR", {1: "1", 3: "F1^LAB", 4: "24323-8^Panel^LN", 25: "F"})
OBX = segment("OBX", {1: "1", 2: "NM", 3: "718-7^Hb^LN", 5: "14.10", 6: "g/dL", 11: "F"})
GOLDEN: Resource = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "718-7"}]},
    "valueQuantity": {"value": Decimal("14.1")},
}


def _outcome(*segments: str) -> Outcome:
    return outcome(Piece("made/up.hl7", 0, message(*segments)))


def _without(one: Outcome, type_: str) -> Outcome:
    """The same outcome as if resources of a type had been forgotten."""
    assert one.made is not None
    entries = [e for e in one.made.bundle["entry"] if e["resource"]["resourceType"] != type_]
    return replace(one, made=replace(one.made, bundle={**one.made.bundle, "entry": entries}))


# Two values as they may stand in an Observation, and whether they say the same
@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ({"valueQuantity": {"value": 5}}, {"valueQuantity": {"value": Decimal("5.00")}}, True),
        ({"valueQuantity": {"value": 5}}, {"valueQuantity": {"value": 6}}, False),
        (
            {"valueQuantity": {"value": 5, "comparator": ">"}},
            {"valueQuantity": {"value": 5}},
            False,
        ),
        (
            {"valueDateTime": "2026-01-05T12:00:00+01:00"},
            {"valueDateTime": "2026-01-05T11:00:00Z"},
            True,
        ),
        ({"valueDateTime": "2026-01-05"}, {"valueDateTime": "2026-01-06"}, False),
        ({"valueString": "a  b\n"}, {"valueString": "a b"}, True),
        ({"valueString": "5"}, {"valueQuantity": {"value": 5}}, False),
        (
            {"valueCodeableConcept": {"coding": [{"code": "A"}, {"code": "B"}]}},
            {"valueCodeableConcept": {"coding": [{"code": "B"}], "text": "x"}},
            True,
        ),
        (
            {"valueCodeableConcept": {"coding": [{"code": "A"}]}},
            {"valueCodeableConcept": {"coding": [{"code": "B"}]}},
            False,
        ),
        ({}, {"valueString": "x"}, False),
        ({}, {}, True),
    ],
)
def test_values_are_compared_by_what_they_say(
    one: dict[str, Any], other: dict[str, Any], same: bool
) -> None:
    assert agree(comparable(one), comparable(other)) is same


def test_a_text_is_shown_without_its_words() -> None:
    assert shown(comparable({"valueString": "Testperson Ada"})) == "text of 14"


def test_a_translation_agrees_with_an_expected_bundle_that_says_the_same() -> None:
    counts = dict.fromkeys(CORE, 0) | {"Patient": 1, "Observation": 1, "DiagnosticReport": 1}
    made = _outcome(PID, OBR, OBX)

    found = points(
        _without(_without(made, "ServiceRequest"), "Specimen"), Golden(counts, (GOLDEN,))
    )

    assert [one for one in found if not one.agreed] == []
    assert len(found) == 8


def test_a_message_that_is_not_translated_agrees_on_nothing() -> None:
    found = points(_outcome("ZZZ|1"), Golden(dict.fromkeys(CORE, 1), (GOLDEN,)))

    assert {(one.ours, one.agreed) for one in found} == {(NOTHING, False)}


POINT = Point("made/up.hl7", "Observation 718-7 status", "final", "unknown", False)


@pytest.mark.parametrize(
    ("line", "covers"),
    [
        (Listed("made/*", "Observation * status", "final", "unknown", "why"), True),
        (Listed("made/*", "*", "*", "*", "why"), True),
        (Listed("other/*", "*", "*", "*", "why"), False),
        (Listed("made/*", "Observation * value", "*", "*", "why"), False),
        (Listed("made/*", "*", "final", "final", "why"), False),
    ],
)
def test_a_line_covers_what_all_its_patterns_fit(line: Listed, covers: bool) -> None:
    assert (reason(POINT, [line]) is line) is covers
    assert unused([POINT], [line]) == ([] if covers else [line])


def test_no_line_covers_a_message_that_is_not_translated() -> None:
    assert reason(replace(POINT, ours=NOTHING), [Listed("*", "*", "*", "*", "why")]) is None


def test_a_line_without_a_reason_is_refused(tmp_path: Path) -> None:
    table = tmp_path / "exceptions.csv"
    table.write_text("message,subject,ours,theirs,reason\n*,*,*,*,\n")

    with pytest.raises(ValueError, match="without a reason"):
        listed(table)


def test_a_percentage_is_never_rounded_up() -> None:
    assert Figure("c", "k", 1998, 0, (POINT,)).percent == 99.9


def test_what_has_no_floor_must_be_whole(tmp_path: Path) -> None:
    table, percents = tmp_path / "floors.csv", {("s", "c", "a"): 50.0, ("s", "c", "b"): 100.0}
    table.write_text(written(percents))

    assert fallen(percents, floors(table)) == {}
    assert fallen({**percents, ("s", "c", "a"): 49.9}, floors(table)) == {("s", "c", "a"): 49.9}
    assert fallen({**percents, ("s", "c", "b"): 99.9}, floors(table)) == {("s", "c", "b"): 99.9}


def _held(found: Outcome, rule: str) -> list[bool]:
    return [one.held for one in kept(found) if one.rule == rule]


def test_a_forgotten_result_is_noticed() -> None:
    made = _outcome(PID, OBR, OBX)

    assert _held(made, "OBX to Observation") == [True]
    assert _held(_without(made, "Observation"), "OBX to Observation") == [False]
    assert _held(_without(made, "Patient"), "PID to Patient") == [False]


def test_lines_of_one_text_may_be_one_result() -> None:
    lines = [segment("OBX", {1: str(n), 2: "TX", 3: "1^T^L", 5: "x", 11: "F"}) for n in (1, 2, 3)]
    [found] = [one for one in kept(_outcome(PID, OBR, *lines)) if one.rule == "OBX to Observation"]

    assert found.expected == "1 to 3"


def test_a_field_that_is_neither_used_nor_listed_is_noticed() -> None:
    made = _outcome(PID, OBR, OBX.replace("|F", "|C"), segment("ZPI", {3: "of its own"}))
    assert made.made is not None
    hushed = replace(made, made=replace(made.made, unmapped=()))

    assert silent(made, set()) == []
    assert silent(hushed, set()) == ["ZPI-3"]


def test_references_that_lead_nowhere_are_found() -> None:
    def pointing(*targets: str) -> Translation:
        of = [{"reference": target} for target in targets]
        resource: Resource = {"resourceType": "List", "contained": [{"id": "a"}], "of": of}
        bundle: Bundle = {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"fullUrl": "urn:uuid:1", "resource": resource}],
        }
        return Translation(bundle)

    assert unresolved(pointing("urn:uuid:1", "#a")) == []
    assert unresolved(pointing("urn:uuid:2", "#b", "Patient/1")) == ["List.of"] * 3


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"a": {"b": ""}}, ["X.a.b"]),
        ({"a": []}, ["X.a"]),
        ({"a": [{}]}, ["X.a"]),
        ({"a": None}, ["X.a"]),
        ({"a": [None, "x"], "_a": [{"id": "1"}, None]}, []),
        ({"a": 0, "b": False}, []),
    ],
)
def test_empty_elements_are_found(value: dict[str, Any], found: Sequence[str]) -> None:
    assert empty(value, "X") == found


def test_the_report_of_a_folder_counts_its_messages_and_quotes_none(tmp_path: Path) -> None:
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "one.hl7").write_bytes(message(PID, OBR, OBX))
    (tmp_path / "corpus" / "two.txt").write_bytes(b"no message of Testperson")
    (tmp_path / "corpus" / "none.hl7").write_bytes(b"\r\n")
    (tmp_path / "corpus" / "SOURCE.txt").write_bytes(b"where it is from")
    measure, out = Measure(tmp_path, []), io.StringIO()

    show.tables(measure, Console(file=out, width=120))
    told = json.loads(show.as_json(measure))

    assert [one.source for one in pieces(tmp_path)] == ["corpus/one.hl7", "corpus/two.txt"]
    assert [(row["type"], row["messages"], row["translated"]) for row in told["rows"]] == [
        ("ORU^R01", 1, 1),
        ("unreadable", 1, 0),
    ]
    assert "Testperson" not in out.getvalue() + json.dumps(told)
