"""Where each segment goes: as the standard has it, and as senders do."""

from collections.abc import Callable

import pytest

from wherry_hl7.grammar.tree import Grouped, notes_of

Tree = Callable[[str, str], str]
Make = Callable[[str, str], Grouped]

CASES = {
    "a result message as the standard has it": (
        "ORU^R01",
        "PID NTE PV1 ORC OBR NTE OBX NTE OBX SPM OBX",
        "PATIENT_RESULT(PATIENT(PID NTE VISIT(PV1)) ORDER_OBSERVATION(ORC OBR NTE"
        " OBSERVATION(OBX NTE) OBSERVATION(OBX) SPECIMEN(SPM OBX)))",
    ),
    "a second patient begins a group of their own": (
        "ORU^R01",
        "PID OBR OBX PID OBR OBX",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))"
        " PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))",
    ),
    "a result without an order opens an order without segments of its own": (
        "ORU^R01",
        "PID OBX OBX OBR OBX",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBSERVATION(OBX) OBSERVATION(OBX))"
        " ORDER_OBSERVATION(OBR OBSERVATION(OBX)))",
    ),
    "an ORC that results come after still gets its OBR": (
        "ORU^R01",
        "PID ORC OBX OBR OBX",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC OBSERVATION(OBX) OBR OBSERVATION(OBX)))",
    ),
    "one ORC for many OBR: the others have none": (
        "ORU^R01",
        "PID ORC OBR OBX OBR OBX",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC OBR OBSERVATION(OBX))"
        " ORDER_OBSERVATION(OBR OBSERVATION(OBX)))",
    ),
    "a visit after the order does not end it": (
        "ORU^R01",
        "PID OBR PV1 PV2 OBX",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(OBR PV1 PV2 OBSERVATION(OBX)))",
    ),
    "a note between ORC and OBR stays with ORC": (
        "ORU^R01",
        "PID ORC NTE OBR NTE",
        "PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(ORC NTE OBR NTE))",
    ),
    "segments that nobody knows stay where they are": (
        "ORU^R01",
        "PID ZPI OBR ZZZ OBX PRT ABC OBX",
        "PATIENT_RESULT(PATIENT(PID ZPI) ORDER_OBSERVATION(OBR ZZZ OBSERVATION(OBX PRT ABC)"
        " OBSERVATION(OBX)))",
    ),
    "an alarm is grouped as results are": (
        "ORU^R40",
        "PID PV1 OBR OBX",
        "PATIENT_RESULT(PATIENT(PID VISIT(PV1)) ORDER_OBSERVATION(OBR OBSERVATION(OBX)))",
    ),
    "an admission with segments out of order": (
        "ADT^A08",
        "EVN PID NTE PD1 ROL PV1 IN1 IN2 DG1 PR1 ROL",
        "EVN PID NTE PD1 ROL PV1 INSURANCE(IN1 IN2) DG1 PROCEDURE(PR1 ROL)",
    ),
    "a list of merges": (
        "ADT^A40",
        "EVN PID MRG PV1 PID PD1 MRG",
        "EVN PATIENT(PID MRG PV1) PATIENT(PID PD1 MRG)",
    ),
    "a swap of two patients": (
        "ADT^A17",
        "EVN PID PV1 PID PV1",
        "EVN PATIENT(PID PV1) PATIENT(PID PV1)",
    ),
    "orders with and without ORC": (
        "ORM^O01",
        "PID ORC OBR OBX OBR RXO NTE",
        "PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR OBSERVATION(OBX))) ORDER(ORDER_DETAIL(OBR))"
        " ORDER(ORDER_DETAIL(RXO NTE))",
    ),
    "orders for two patients": (
        "ORM^O01",
        "PID ORC OBR PID ORC OBR",
        "PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR)) PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR))",
    ),
    "a patient after the order begins prior results, until another code of order": (
        "OML^O21",
        "PID ORC=NW OBR SPM PID PV1 ORC=PR OBR OBX ORC=PR OBR OBX ORC=NW OBR",
        "PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR SPECIMEN(SPM)"
        " PRIOR_RESULT(PATIENT_PRIOR(PID) PATIENT_VISIT_PRIOR(PV1)"
        " ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX))"
        " ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX)))))"
        " ORDER(ORC OBSERVATION_REQUEST(OBR))",
    ),
    "a prior result by its code, without a patient": (
        "OML^O21",
        "PID ORC=NW OBR ORC=PR OBR OBX",
        "PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR"
        " PRIOR_RESULT(ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX)))))",
    ),
    "prior results by their visit and allergies": (
        "OMG^O19",
        "PID PV1 AL1 ORC=SC OBR OBX PV1 AL1 ORC=SC OBR OBX PV1 ORC=CA OBR OBX",
        "PATIENT(PID PATIENT_VISIT(PV1) AL1) ORDER(ORC OBR OBSERVATION(OBX)"
        " PRIOR_RESULT(PATIENT_VISIT_PRIOR(PV1) AL1 ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX)))"
        " PRIOR_RESULT(PATIENT_VISIT_PRIOR(PV1) ORDER_PRIOR(ORC OBR OBSERVATION_PRIOR(OBX))))",
    ),
    "a visit that no order follows is not the head of prior results": (
        "OML^O21",
        "PID ORC OBR PV1 OBX",
        "PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR PV1 OBSERVATION(OBX)))",
    ),
    "two orders are two orders, not prior results": (
        "OML^O21",
        "PID ORC=NW OBR OBX ORC=NW OBR",
        "PATIENT(PID) ORDER(ORC OBSERVATION_REQUEST(OBR OBSERVATION(OBX)))"
        " ORDER(ORC OBSERVATION_REQUEST(OBR))",
    ),
    "specimens with ORC before and after OBR": (
        "OUL^R22",
        "PID PV1 SPM ORC OBR OBX ORC OBR OBX SPM OBR ORC OBX",
        "PATIENT(PID) VISIT(PV1)"
        " SPECIMEN(SPM ORDER(ORC OBR RESULT(OBX)) ORDER(ORC OBR RESULT(OBX)))"
        " SPECIMEN(SPM ORDER(OBR ORC RESULT(OBX)))",
    ),
    "an encoded order without RXO": (
        "RDE^O11",
        "PID ORC RXE NTE RXR RXC ORC RXO RXR RXE TQ1 RXR",
        "PATIENT(PID) ORDER(ORC RXE NTE RXR RXC) ORDER(ORC ORDER_DETAIL(RXO RXR) RXE"
        " TIMING_ENCODED(TQ1) RXR)",
    ),
    "resources without their RGS, in any order": (
        "SIU^S12",
        "SCH PID PV1 AIS NTE AIL AIS RGS AIP",
        "SCH PATIENT(PID PV1) RESOURCES(SERVICE(AIS NTE) LOCATION_RESOURCE(AIL) SERVICE(AIS))"
        " RESOURCES(RGS PERSONNEL_RESOURCE(AIP))",
    ),
    "vaccinations with and without ORC": (
        "VXU^V04",
        "PID NK1 RXA NTE OBX ORC RXA RXR OBX",
        "PID NK1 ORDER(RXA NTE OBSERVATION(OBX)) ORDER(ORC RXA RXR OBSERVATION(OBX))",
    ),
    "observations about the person before the vaccinations": (
        "VXU^V04",
        "PID OBX NTE ORC RXA OBX",
        "PID PERSON_OBSERVATION(OBX NTE) ORDER(ORC RXA OBSERVATION(OBX))",
    ),
    "a document with its lines": (
        "MDM^T02",
        "EVN PID PV1 TXA OBX OBX NTE",
        "EVN PID PV1 TXA OBSERVATION(OBX) OBSERVATION(OBX NTE)",
    ),
    "charges with orders and procedures": (
        "DFT^P03",
        "EVN PID PV1 FT1 PR1 FT1 DG1 FT1 IN1",
        "EVN PID PV1 FINANCIAL(FT1 FINANCIAL_PROCEDURE(PR1)) FINANCIAL(FT1) DG1 FINANCIAL(FT1)"
        " INSURANCE(IN1)",
    ),
    "a message of a kind that nobody knows": (
        "ABC^X99",
        "PID PV1 ORC OBR OBX SPM",
        "PATIENT_RESULT(PATIENT(PID VISIT(PV1)) ORDER_OBSERVATION(ORC OBR OBSERVATION(OBX)"
        " SPECIMEN(SPM)))",
    ),
}


@pytest.mark.parametrize(("kind", "names", "expected"), CASES.values(), ids=CASES.keys())
def test_segments_go_where_they_belong(tree: Tree, kind: str, names: str, expected: str) -> None:
    assert tree(kind, names) == expected


def test_what_is_out_of_place_is_told_and_z_segments_are_not(grouped: Make) -> None:
    found = grouped("ORU^R01", "PID ZPI OBR PV1 OBX PRT SPM")

    assert [segment.name for segment in found.misplaced] == ["PV1", "PRT"]


@pytest.mark.parametrize(
    ("kind", "names", "asked", "expected"),
    [
        ("ORU^R01", "PID=1 OBR=1 OBX PID=2 OBR=2 OBX", "PID", ["1", "2"]),
        ("ORU^R01", "PID=1 PV1=1 ORC=1 OBR=1 OBX OBR=2 OBX", "PV1", ["1", "1"]),
        ("ORU^R01", "PID=1 ORC=1 OBR=1 OBX OBR=2 OBX", "ORC", ["1", ""]),
        ("ORU^R01", "PID=1 OBR=1 PV1=1 OBX", "PV1", ["1"]),
        ("ORM^O01", "PID=1 ORC=1 OBR OBX PID=2 ORC=2 OBR OBX", "PID", ["1", "2"]),
    ],
)
def test_a_result_finds_the_segments_that_count_for_it(
    grouped: Make, kind: str, names: str, asked: str, expected: list[str]
) -> None:
    results = grouped(kind, names).root.below("OBSERVATION")

    near = [result.near(asked) for result in results]

    assert [segment.field(1) if segment else "" for segment in near] == expected


def test_a_prior_result_finds_its_own_patient(grouped: Make) -> None:
    root = grouped("OML^O21", "PID=now ORC=NW OBR OBX PID=then ORC=PR OBR OBX").root

    now, then = next(root.below("OBSERVATION")), next(root.below("OBSERVATION_PRIOR"))

    assert [group.near("PID").field(1) for group in (now, then)] == ["now", "then"]  # type: ignore[union-attr] # None fails as well


def test_notes_are_those_that_follow_directly(grouped: Make) -> None:
    root = grouped("ADT^A01", "EVN PID NTE=1 NTE=2 PD1 NTE=3 PV1").root
    pid, pv1 = root.first("PID"), root.first("PV1")
    assert pid is not None
    assert pv1 is not None

    assert [note.field(1) for note in notes_of(root, pid)] == ["1", "2"]
    assert notes_of(root, pv1) == []


def test_every_group_knows_its_path(grouped: Make) -> None:
    found = grouped("ORU^R01", "PID PV1 OBR OBX")

    assert [(group.path, segment.name) for group, segment in found] == [
        ("", "MSH"),
        ("PATIENT_RESULT/PATIENT", "PID"),
        ("PATIENT_RESULT/PATIENT/VISIT", "PV1"),
        ("PATIENT_RESULT/ORDER_OBSERVATION", "OBR"),
        ("PATIENT_RESULT/ORDER_OBSERVATION/OBSERVATION", "OBX"),
    ]
