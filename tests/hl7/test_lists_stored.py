"""Allergies, diagnoses and kin sent again and again: sparse ones wipe nothing. All synthetic."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from wherry.hl7.message import Message
from wherry.landing import Landed, land
from wherry.resource import Resource
from wherry.testing.fhir import FakeFhir
from wherry.testing.hl7 import message, segment
from wherry_hl7.translate import DEFAULT, translate

RECEIVED_AT = datetime(2026, 1, 5, 18, tzinfo=UTC)
PID = segment("PID", {3: "7700123^^^NORTH^MR", 5: "Testperson^Ada"})
PV1 = segment("PV1", {2: "I", 19: "V1^^^NORTH"})
PENICILLIN = segment("AL1", {1: "1", 2: "DA", 3: "7980^Penicillin^RXNORM", 5: "Hives"})
Send = Callable[..., list[int]]


@pytest.fixture
def fhir() -> FakeFhir:
    return FakeFhir()


@pytest.fixture
def send(fhir: FakeFhir) -> Send:
    """Land one message an hour, each of these segments; how many resources each one changed."""
    hours = iter(range(8, 18))

    def of(*segments: str, kind: str = "ADT^A08", times: int = 1) -> list[int]:
        at = f"20260105{next(hours):02}0000+0000"
        body = message(PID, *segments, kind=kind, time=at, control_id=at)
        made = translate(Message.parse(body), sender=DEFAULT, received_at=RECEIVED_AT)
        written = []
        for _ in range(times):
            [landed] = land([made], fhir)
            assert isinstance(landed, Landed)
            written.append(landed.written)
        return written

    return of


def _code(concept: Resource) -> str:
    return str(concept["coding"][0]["code"])


def test_the_same_message_twice_adds_no_version(send: Send) -> None:
    segments = (
        PV1,
        PENICILLIN,
        segment("NK1", {1: "1", 2: "Kin^Kim", 3: "SPO", 5: "555"}),
        segment("DG1", {1: "1", 3: "R07.9^Chest pain^I10C", 6: "A", 15: "1"}),
        segment("PR1", {1: "1", 3: "1^Something^L", 5: "20260105"}),
        segment("GT1", {1: "1", 3: "Kin^Kim", 11: "SPO"}),
        segment("IN1", {1: "1", 2: "P", 3: "9^^^PAYERS", 4: "Payer", 16: "Kin^Kim", 17: "SPO"}),
    )

    first, again = send(*segments, times=2)

    assert first > 8
    assert again == 0


def test_what_a_later_message_does_not_mention_stays(send: Send, fhir: FakeFhir) -> None:
    send(PENICILLIN, segment("AL1", {1: "2", 3: "^Peanuts"}))

    send(segment("AL1", {1: "1", 2: "DA", 3: "7980^Penicillin^RXNORM"}))

    penicillin, peanuts = fhir.all("AllergyIntolerance")
    assert penicillin["reaction"] == [{"manifestation": [{"text": "Hives"}]}]
    assert peanuts["code"] == {"text": "Peanuts"}


def test_a_deleted_allergy_is_an_error_without_clinical_status(send: Send, fhir: FakeFhir) -> None:
    send(PENICILLIN)

    send(segment("IAM", {1: "1", 3: "7980^Penicillin^RXNORM", 6: "D"}))

    [allergy] = fhir.all("AllergyIntolerance")
    assert _code(allergy["verificationStatus"]) == "entered-in-error"
    assert "clinicalStatus" not in allergy


def test_an_allergy_said_again_after_its_deletion_is_one_again(send: Send, fhir: FakeFhir) -> None:
    send(segment("IAM", {1: "1", 3: "7980^Penicillin^RXNORM", 6: "D"}))

    send(PENICILLIN)

    [allergy] = fhir.all("AllergyIntolerance")
    assert _code(allergy["clinicalStatus"]) == "active"
    assert "verificationStatus" not in allergy


@pytest.mark.parametrize("action", ["A", "U", "X"])
def test_an_action_that_deletes_nothing_leaves_the_diagnosis(
    send: Send, fhir: FakeFhir, action: str
) -> None:
    diagnosis = {1: "1", 3: "R07.9^Chest pain^I10C", 6: "F", 20: "D1^NORTH"}
    send(PV1, segment("DG1", diagnosis))

    send(PV1, segment("DG1", {**diagnosis, 21: action}))

    [condition] = fhir.all("Condition")
    assert _code(condition["verificationStatus"]) == "confirmed"


def test_a_diagnosis_keeps_its_place_at_the_visit_beside_a_later_one(
    send: Send, fhir: FakeFhir
) -> None:
    send(PV1, segment("DG1", {1: "1", 3: "R07.9^Chest pain^I10C", 6: "A"}))

    send(PV1, segment("DG1", {1: "1", 3: "I21.9^Infarction^I10C", 6: "F", 15: "1"}))

    [visit] = fhir.all("Encounter")
    uses = [_code(one["use"]) for one in visit["diagnosis"]]
    assert uses == ["AD", "DD"]


def test_a_deleted_procedure_is_an_error(send: Send, fhir: FakeFhir) -> None:
    procedure = {1: "1", 3: "1^Something^L", 5: "20260105", 19: "P1^NORTH"}
    send(PV1, segment("PR1", procedure))

    send(PV1, segment("PR1", {**procedure, 20: "D"}))

    assert [one["status"] for one in fhir.all("Procedure")] == ["entered-in-error"]


def test_a_problem_follows_its_actions(send: Send, fhir: FakeFhir) -> None:
    problem = {3: "I10^Hypertension^I10C", 4: "PB-1^NORTH", 14: "Active", 16: "20200101"}
    send(segment("PRB", {**problem, 1: "AD"}), kind="PPR^PC1")

    send(segment("PRB", {1: "DE", 3: problem[3], 4: problem[4]}), kind="PPR^PC3")

    [condition] = fhir.all("Condition")
    assert _code(condition["verificationStatus"]) == "entered-in-error"
    assert "clinicalStatus" not in condition
    assert condition["onsetDateTime"] == "2020-01-01"


def test_kin_and_how_to_reach_them_survive_a_message_that_says_less(
    send: Send, fhir: FakeFhir
) -> None:
    send(segment("NK1", {1: "1", 2: "Kin^Kim", 3: "SPO", 5: "555", 7: "EP"}))

    send(segment("NK1", {1: "1", 2: "KIN^KIM", 3: "SPO"}))

    [kin] = fhir.all("RelatedPerson")
    assert [point["value"] for point in kin["telecom"]] == ["555"]
    assert [_code(role) for role in kin["relationship"]] == ["SPS", "EP"]


def test_a_security_label_alone_is_a_change(send: Send, fhir: FakeFhir) -> None:
    send()

    [written] = send(segment("PD1", {12: "Y"}))

    [patient] = fhir.all("Patient")
    assert written > 0
    assert [label["code"] for label in patient["meta"]["security"]] == ["R"]
