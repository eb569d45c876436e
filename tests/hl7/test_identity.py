"""Which identifier a patient is known by. All identifiers here are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.message import Message
from wherry.hl7.segment import Segment
from wherry_hl7.identity import (
    Naming,
    PatientIdentifier,
    facility,
    identifiers,
    key,
    merged_away,
    patient_keys,
    prime,
)

MR, PI, SS = "5^^^MAIN^MR", "3^^^EPI^PI", "1^^^USA^SS"


def message(pid: str, *more: str, facility: str = "HOSP") -> Message:
    msh = f"MSH|^~\\&|APP|{facility}|||2024||ADT^A01|1|P|2.5"
    return Message.parse("\r".join((msh, pid, *more)))


def pid(fields: str) -> Segment:
    return message(f"PID|{fields}").segments[1]


@pytest.mark.parametrize(
    ("authority", "system"),
    [
        ("MAIN", "urn:wherry:hl7:HOSP:MAIN"),
        ("A B:C", "urn:wherry:hl7:HOSP:A%20B%3AC"),
        ("MAIN&2.16.840.1.113883.19.5&ISO", "urn:oid:2.16.840.1.113883.19.5"),
        ("&2.16.840.1.113883.19.5&ISO", "urn:oid:2.16.840.1.113883.19.5"),
        ("&2.16.840.1.113883.19.5", "urn:oid:2.16.840.1.113883.19.5"),
        ("2.16.840.1.113883.19.5", "urn:oid:2.16.840.1.113883.19.5"),
        (
            "X&6F9619FF-8B86-D011-B42D-00C04FC964FF&UUID",
            "urn:uuid:6f9619ff-8b86-d011-b42d-00c04fc964ff",
        ),
        ("X&https://example.org/mrn&URI", "https://example.org/mrn"),
        ("X&urn:example:mrn&URI", "urn:example:mrn"),
        ("X&not an oid&ISO", "urn:wherry:hl7:HOSP:X"),
        ("&hospital.example.org&DNS", "urn:wherry:hl7:HOSP:hospital.example.org"),
        ("", "urn:wherry:hl7:HOSP:patient"),
    ],
)
def test_the_system_of_an_identifier_is_its_authority(authority: str, system: str) -> None:
    assert identifiers(pid(f"1||7^^^{authority}^MR"), naming=Naming("HOSP")) == [
        PatientIdentifier(system, "7", "MR")
    ]


def test_two_facilities_that_use_the_same_name_mean_different_patients() -> None:
    first = patient_keys(message("PID|1||7^^^MRN^MR", facility="NORTH"))
    second = patient_keys(message("PID|1||7^^^MRN^MR", facility="SOUTH"))

    assert first != second


@pytest.mark.parametrize(
    ("cx", "value"),
    [
        (f"{SS}~{PI}~{MR}", "5"),
        (f"{SS}~{PI}", "3"),
        (f"9^^^INS^XX~{SS}", "9"),
        ("9^^^INS^XX~8^^^MAIN", "8"),
        ("9^^^INS^XX~8^^^MAIN^PT", "8"),
        ("7^^^B^MR~8^^^A^MR", "8"),
        ("8^^^A^MR~7^^^A^MR", "7"),
        (f"^^^MAIN^MR~{PI}", "3"),
        (f'""^^^MAIN^MR~{PI}', "3"),
    ],
)
def test_the_most_trusted_identifier_is_the_prime_one(cx: str, value: str) -> None:
    found = prime(pid(f"1||{cx}"), naming=Naming("HOSP"))

    assert found is not None
    assert found.value == value


@given(st.permutations([MR, PI, SS, "6^^^MAIN^MR", "9", "4^^^INS^XX"]))
def test_the_order_of_repetitions_does_not_matter(order: list[str]) -> None:
    assert patient_keys(message(f"PID|1||{'~'.join(order)}")) == patient_keys(
        message(f"PID|1||{MR}~{PI}~{SS}~6^^^MAIN^MR~9~4^^^INS^XX")
    )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("1|2^^^X|3|4||||||||||||||18", ["3", "2", "4", "18"]),
        ("1|2||4||||||||||||||18", ["2", "4", "18"]),
        ("1|||4||||||||||||||18", ["4", "18"]),
        ("1|||||||||||||||||18", ["18"]),
        ("1", []),
    ],
)
def test_older_fields_stand_in_for_pid_3(fields: str, expected: list[str]) -> None:
    assert [one.value for one in identifiers(pid(fields), naming=Naming("HOSP"))] == expected


def test_a_number_without_authority_is_of_its_own_kind_at_its_facility() -> None:
    found = identifiers(pid("1|2|3~33^^^^SS~34^^^^DL|4||||||||||||||18"), naming=Naming("HOSP"))

    assert [one.system for one in found] == [
        "urn:wherry:hl7:HOSP:patient",
        "http://hl7.org/fhir/sid/us-ssn",
        "urn:wherry:hl7:HOSP:patient-dl",
        "urn:wherry:hl7:HOSP:patient-external",
        "urn:wherry:hl7:HOSP:patient-alternate",
        "urn:wherry:hl7:HOSP:account",
    ]


def test_a_merge_has_both_keys_and_a_message_about_two_patients_too() -> None:
    merge = message("PID|1||5^^^MAIN^MR", "MRG|4^^^MAIN^MR")
    results = message("PID|1||5^^^MAIN^MR", "OBX|1", "PID|2||4^^^MAIN^MR", "PID|3||5^^^MAIN^MR")

    assert patient_keys(merge) == patient_keys(results)
    assert len(patient_keys(merge)) == 2
    assert [one.value for one in merged_away(merge.segments[2], naming=Naming("HOSP"))] == ["4"]


def test_a_key_is_opaque_and_stable() -> None:
    assert key(PatientIdentifier("urn:oid:1.2.3", "77", "MR")) == (
        "a343b50295a9f80b694cf40489cae0c0"
    )


def test_a_message_without_patient_has_no_key() -> None:
    assert patient_keys(message("EVN|A01")) == ()


@pytest.mark.parametrize(
    ("msh", "expected"),
    [("HOSP^1.2^ISO", "HOSP"), ("^1.2^ISO", "1.2"), ("", "APP"), ('""', "APP")],
)
def test_the_facility_is_msh_4_else_msh_3(msh: str, expected: str) -> None:
    assert facility(message("PID|1", facility=msh)) == expected
