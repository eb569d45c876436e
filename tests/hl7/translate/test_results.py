"""Orders and results keep their number, their place and their names. All data are synthetic."""

from collections import Counter
from collections.abc import Callable

import pytest

from wherry.errors import Failure, Kind
from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment
from wherry_hl7.translate import Sender

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
PID = segment("PID", {3: "1^^^NORTH^MR"})


def _obr(n: int, **more: str) -> str:
    fields = {1: str(n), 3: f"F{n}^LAB", 4: "24323-8^Panel^LN", 25: "F"}
    return segment("OBR", {**fields, **{int(k[1:]): v for k, v in more.items()}})


def _obx(code: str, value: str = "1", sub: str = "", **more: str) -> str:
    fields = {2: "NM", 3: f"{code}^{code}^LN", 4: sub, 5: value, 11: "F"}
    return segment("OBX", {**fields, **{int(k[1:]): v for k, v in more.items()}})


def _keys(resources: list[Resource]) -> list[str]:
    return [one["identifier"][0]["value"] for one in resources]


def test_a_result_has_the_same_key_whatever_its_value_time_status_or_message(
    translated: Translated, of_type: OfType
) -> None:
    first = translated(PID, _obr(1), _obx("718-7", "14.1"))
    corrected = translated(
        PID,
        _obr(1, f25="C", f7="20260105"),
        _obx("718-7", "9.9", f11="C", f14="20260106"),
        control_id="C-2",
        time="20260106120000+0000",
    )

    assert _keys(of_type(first, "Observation")) == ["filler/F1/LAB/24323-8/718-7/"]
    assert _keys(of_type(corrected, "Observation")) == _keys(of_type(first, "Observation"))
    assert _keys(of_type(corrected, "DiagnosticReport")) == ["filler/F1/LAB/24323-8"]


def test_sub_ids_and_equal_siblings_stay_apart(translated: Translated, of_type: OfType) -> None:
    made = translated(
        PID, _obr(1), _obx("718-7", sub="1"), _obx("718-7", sub="2"), *[_obx("22634-0")] * 3
    )

    assert [key.rpartition("24323-8/")[2] for key in _keys(of_type(made, "Observation"))] == [
        "718-7/1",
        "718-7/2",
        "22634-0/",
        "22634-0/#2",
        "22634-0/#3",
    ]


def test_one_filler_number_for_two_services_is_two_reports(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(PID, _obr(1), _obr(2, f3="F1^LAB", f4="4544-3^Hct^LN"), _obr(3, f3="F1^LAB"))

    assert _keys(of_type(made, "DiagnosticReport")) == [
        "filler/F1/LAB/24323-8",
        "filler/F1/LAB/4544-3",
        "filler/F1/LAB/24323-8#2",
    ]


def test_the_numbers_of_an_order_may_stand_in_orc(translated: Translated, of_type: OfType) -> None:
    made = translated(PID, segment("ORC", {1: "RE", 2: "P9^ORD", 3: "F9^LAB"}), _obr(1, f3=""))

    report = of_type(made, "DiagnosticReport")[0]
    assert [one["value"] for one in report["identifier"]] == ["filler/F9/LAB/24323-8", "P9", "F9"]


def test_every_obr_and_every_obx_comes_out_once_wherever_it_stands(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        _obx("1-0"),
        PID,
        _obx("1-1"),
        _obr(1),
        _obx("1-2"),
        segment("PV1", {2: "O"}),
        _obx("1-3"),
        segment("SPM", {1: "1"}),
        _obx("1-4"),
        segment("PID", {3: "2^^^NORTH^MR"}),
        _obr(2),
        _obr(3),
        _obx("1-5"),
    )

    counts = Counter(entry["resource"]["resourceType"] for entry in made.bundle["entry"])
    codes = [one["code"]["coding"][0]["code"] for one in of_type(made, "Observation")]
    linked = [len(one.get("result", [])) for one in of_type(made, "DiagnosticReport")]
    assert (counts["DiagnosticReport"], counts["Patient"]) == (3, 2)
    assert codes == ["1-0", "1-1", "1-2", "1-3", "1-4", "1-5"]
    assert linked == [2, 0, 1]  # 1-4 is about the specimen, no result that was ordered


def test_results_are_about_the_patient_above_them(translated: Translated, of_type: OfType) -> None:
    other = segment("PID", {3: "2^^^NORTH^MR"})

    made = translated(PID, _obr(1), _obx("1-1"), other, _obr(2), _obx("1-2"))

    patients = [
        entry["fullUrl"] for entry in made.bundle["entry"] if "Patient?" in entry["request"]["url"]
    ]
    subjects = [one["subject"]["reference"] for one in of_type(made, "Observation")]
    assert subjects == patients
    assert len(set(patients)) == 2


def test_one_patient_twice_in_a_message_is_one_patient(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(PID, _obr(1), segment("PID", {3: "1^^^NORTH^MR", 8: "F"}), _obr(2))

    assert [one.get("gender") for one in of_type(made, "Patient")] == ["female"]


# Source: table 0085, with the blanks of the v2-to-FHIR map decided
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("A", "amended"),
        ("D", "entered-in-error"), ("W", "entered-in-error"), ("X", "cancelled"),
        ("I", "registered"), ("N", "registered"), ("O", "registered"), ("R", "preliminary"),
        ("S", "preliminary"), ("U", "final"), ("B", "final"), ("V", "final"), ("Q", "unknown"),
        ("", "corrected"),
    ],
)  # fmt: skip
def test_the_status_of_a_result(
    translated: Translated, of_type: OfType, code: str, status: str
) -> None:
    made = translated(PID, _obr(1, f25="C"), _obx("1-1", f11=code))

    assert of_type(made, "Observation")[0]["status"] == status


# Source: table 0123, with the blanks of the v2-to-FHIR map decided
@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("X", "cancelled"),
        ("I", "registered"), ("O", "registered"), ("S", "registered"), ("R", "partial"),
        ("A", "partial"), ("Y", "unknown"), ("Z", "unknown"), ("", "unknown"),
    ],
)  # fmt: skip
def test_the_status_of_a_report(
    translated: Translated, of_type: OfType, code: str, status: str
) -> None:
    made = translated(PID, _obr(1, f25=code))

    assert of_type(made, "DiagnosticReport")[0]["status"] == status


@pytest.mark.parametrize(
    ("code", "section", "category"),
    [
        ("8867-4", "", "vital-signs"),
        ("8867-4", "LAB", "vital-signs"),
        ("718-7", "HM", "laboratory"),
        ("718-7", "RAD", "imaging"),
        ("718-7", "", None),
        ("718-7", "EC", "procedure"),
        ("718-7", "OTH", None),
    ],
)
def test_a_category_is_known_and_never_supposed(
    translated: Translated, of_type: OfType, code: str, section: str, category: str | None
) -> None:
    made = translated(PID, _obr(1, f24=section), _obx(code))

    found = of_type(made, "Observation")[0].get("category", [])
    assert [one["coding"][0]["code"] for one in found] == ([category] if category else [])


def test_the_time_of_a_result_is_its_own_else_its_orders_and_never_the_messages(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        PID,
        _obr(1, f7="20260101100000+0000"),
        _obx("1-1", f14="20260102100000+0000"),
        _obx("1-2"),
        _obr(2),
        _obx("1-3"),
    )

    assert [one.get("effectiveDateTime") for one in of_type(made, "Observation")] == [
        "2026-01-02T10:00:00+00:00",
        "2026-01-01T10:00:00+00:00",
        None,
    ]


def test_the_record_of_the_message_names_everything_in_it_and_who_sent_it(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(PID, _obr(1), _obx("1-1"))

    record = of_type(made, "Provenance")[0]
    others = [e["fullUrl"] for e in made.bundle["entry"] if e["resource"] is not record]
    assert [one["reference"] for one in record["target"]] == others
    assert record["entity"][0]["what"]["identifier"]["value"] == "C-1"
    assert record["agent"][0]["who"]["display"] == "LABSYS, LAB"
    assert record["recorded"] == "2026-01-05T18:00:00+00:00"
    assert made.bundle["entry"][-1]["request"]["url"] == f"Provenance/{record['id']}"


def test_results_about_nobody_are_refused_unless_asked_for(
    translated: Translated, of_type: OfType
) -> None:
    with pytest.raises(Failure) as failed:
        translated(_obr(1), _obx("1-1"))
    made = translated(_obr(1), _obx("1-1"), sender=Sender(unidentified=True))

    assert (failed.value.kind, failed.value.at) == (Kind.UNPROCESSABLE, "PID")
    assert ["subject" in one for one in of_type(made, "Observation")] == [False]


@pytest.mark.parametrize("kind", ["ADT^A99", "MDM^T99", "MDM", "", "ORU^R99"])
def test_other_types_are_not_translated(translated: Translated, kind: str) -> None:
    with pytest.raises(Failure) as failed:
        translated(PID, kind=kind)

    assert (failed.value.kind, failed.value.at) == (Kind.UNSUPPORTED, "MSH-9")
