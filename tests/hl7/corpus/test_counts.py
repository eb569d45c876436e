"""How many of each resource whole messages become. Source: the messages' own segments."""

from base64 import b64decode
from collections import Counter

import pytest

from hl7corpus.measure import Measure
from hl7corpus.outcome import Outcome
from wherry.codec import encode

ORU, CDC = "microsoft/messages/", "cdc-reportstream/mappinginventory/orur01/"


def _found(measure: Measure, name: str) -> Outcome:
    found = [one for one in measure.outcomes if one.piece.source == name]
    if not found:
        pytest.skip(f"{name} is not in the corpora")
    return found[0]


def _counts(one: Outcome, *types: str) -> dict[str, int]:
    counts = Counter(resource["resourceType"] for resource in one.resources)
    return {type_: counts[type_] for type_ in types}


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (
            f"{ORU}LRI_2.0-NG_CBC_Typ_Message.hl7",
            {"Patient": 1, "Observation": 28, "DiagnosticReport": 1},
        ),
        (f"{ORU}LAB-ORU-1.hl7", {"Observation": 10, "DiagnosticReport": 2}),
        (f"{ORU}LAB-ORU-2.hl7", {"Observation": 10, "DiagnosticReport": 2}),
        (f"{ORU}ORU-R01-RMGEAD.hl7", {"Observation": 1, "DiagnosticReport": 1}),
        (f"{CDC}oru_r01-full.hl7", {"Observation": 5, "DiagnosticReport": 2, "Encounter": 1}),
    ],
)
def test_results_reports_and_patients_are_as_many_as_their_segments(
    measure: Measure, name: str, counts: dict[str, int]
) -> None:
    assert _counts(_found(measure, name), *counts) == counts


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (f"{ORU}LRI_2.0-NG_CBC_Typ_Message.hl7", {"ServiceRequest": 1, "Specimen": 1}),
        # Both SPM carry the same number: one specimen of two orders.
        (f"{ORU}LAB-ORU-1.hl7", {"ServiceRequest": 2, "Specimen": 1}),
        (f"{ORU}LAB-ORU-2.hl7", {"ServiceRequest": 2, "Specimen": 1}),
        (f"{ORU}ORU-R01-RMGEAD.hl7", {"ServiceRequest": 1}),
        (f"{CDC}oru_r01-full.hl7", {"ServiceRequest": 2, "Specimen": 1}),
    ],
)
def test_orders_and_specimens_are_as_many_as_their_numbers(
    measure: Measure, name: str, counts: dict[str, int]
) -> None:
    assert _counts(_found(measure, name), *counts) == counts


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        (f"{CDC}oru_r01-full.hl7", {"RelatedPerson": 2}),
        (f"{ORU}MDM-T02-03.hl7", {"DocumentReference": 1}),
        (
            f"{ORU}IZ_1_1.1_Admin_Child_Max_Message.hl7",
            {"Immunization": 1, "RelatedPerson": 1},
        ),
        *(
            (f"{ORU}SIU-S{event}-0{n}.hl7", {"Appointment": 1, "Patient": 1})
            for event in (12, 13, 14, 15, 16, 17, 26)
            for n in (1, 2)
        ),
    ],
)
def test_orders_specimens_and_all_else_are_as_many_as_their_segments(
    measure: Measure, name: str, counts: dict[str, int]
) -> None:
    assert _counts(_found(measure, name), *counts) == counts


@pytest.mark.parametrize(
    ("code", "value"), [("26453-1", "4.41"), ("718-7", "12.5"), ("20570-8", "41")]
)
def test_a_blood_count_keeps_its_numbers(measure: Measure, code: str, value: str) -> None:
    found = _found(measure, f"{ORU}LRI_2.0-NG_CBC_Typ_Message.hl7")
    values = [
        encode(one["valueQuantity"]["value"]).decode()
        for one in found.resources
        if one["resourceType"] == "Observation"
        and any(coding.get("code") == code for coding in one.get("code", {}).get("coding", ()))
        and "valueQuantity" in one
    ]

    assert values == [value]


def test_every_comment_of_a_full_result_message_is_kept(measure: Measure) -> None:
    found = _found(measure, f"{CDC}oru_r01-full.hl7")
    assert found.message is not None
    assert found.made is not None
    text = encode(found.made.bundle).decode()
    comments = [segment.text(3) for segment in found.message.all("NTE")]

    assert len(comments) > 3
    assert [one for one in comments if encode(one).decode().strip('"') not in text] == []


def test_the_lines_of_a_document_are_kept_in_their_order(measure: Measure) -> None:
    found = _found(measure, f"{ORU}MDM-T02-03.hl7")
    assert found.message is not None
    lines = [segment.text(5) for segment in found.message.all("OBX")]
    [document] = [one for one in found.resources if one["resourceType"] == "DocumentReference"]
    text = b64decode(document["content"][0]["attachment"]["data"]).decode()

    assert len(lines) == 29
    assert [line.strip() for line in text.splitlines()] == [line.strip() for line in lines]
