"""What happens to a block before anything else. All messages here are synthetic."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.ack import Error
from wherry.ports import Arrival
from wherry_hl7.identity import PatientIdentifier, key
from wherry_hl7.supported import only_kept, supported
from wherry_hl7.triage import Judged, Policy, Verdict, triage

PID = "PID|1||77^^^MAIN^MR"


def message(kind: str = "ADT^A01", tail: str = "P|2.5", *segments: str) -> bytes:
    return "\r".join((f"MSH|^~\\&|APP^X|HOSP|||2024||{kind}|C-1|{tail}", *segments)).encode()


def judge(payload: bytes, policy: Policy | None = None) -> Verdict:
    return triage(payload, channel="mllp", policy=policy or Policy())


@pytest.mark.parametrize("kind", sorted(supported().keys() - only_kept()))
@pytest.mark.parametrize("suffix", ["", "^ADT_A01"])
def test_a_supported_message_is_accepted_with_its_patient_key(kind: str, suffix: str) -> None:
    needed = (name for name in supported()[kind] if name != "PID")
    body = message(kind + suffix, "P|2.5", PID, *needed)

    arrival = Arrival(
        source="hl7",
        body=body,
        channel="mllp",
        sender="APP|HOSP",
        kind=kind,
        control_id="C-1",
        keys=(key(PatientIdentifier("urn:wherry:hl7:HOSP:MAIN", "77", "MR")),),
        answer="AA",
    )
    assert judge(body) == Verdict((Judged(arrival, "AA"),))


# Source: HL7 v2.5.1 §2.9.2 and table 0357
@pytest.mark.parametrize(
    ("payload", "code", "aside", "condition", "at"),
    [
        (b"", "AR", "not_hl7", "100", "MSH"),
        (b"PID|1", "AR", "not_hl7", "100", "MSH"),
        (b"MSH|ADT|1", "AR", "not_hl7", "100", "MSH-2"),
        (message("ADT^A99"), "AR", "unsupported: ADT^A99", "201", "MSH-9"),
        (message("BPS^O29"), "AR", "unsupported: BPS^O29", "200", "MSH-9"),
        (message(""), "AR", "unsupported: no known type", "200", "MSH-9"),
        (message("A NAME^HERE"), "AR", "unsupported: no known type", "200", "MSH-9"),
        (message("ADT^A01", "P|3.0"), "AR", "unsupported: version", "203", "MSH-12"),
        (message("ADT^A01", "X|2.5"), "AR", "unsupported: processing id", "202", "MSH-11"),
        (message("ORU^R01"), "AE", "content: the PID segment is missing", "101", "PID"),
    ],
)
def test_what_cannot_be_translated_is_set_aside_with_a_reason_and_refused(
    payload: bytes, code: str, aside: str, condition: str, at: str
) -> None:
    verdict = judge(payload)

    assert [arrival.aside for arrival in verdict.arrivals] == [aside]
    assert [arrival.body for arrival in verdict.arrivals] == [payload]
    assert verdict.error is not None
    assert (verdict.code, verdict.error.condition, verdict.error.at) == (code, condition, at)


@pytest.mark.parametrize("kind", sorted(only_kept()))
def test_what_is_only_kept_is_acknowledged_and_says_why_it_is_aside(kind: str) -> None:
    verdict = judge(message(kind, "P|2.5", PID))

    assert (verdict.code, verdict.error) == ("AA", None)
    assert verdict.arrivals[0].aside == f"kept: nothing is made of {kind}"


@pytest.mark.parametrize(
    ("said", "segments", "kind"),
    [
        ("adt^a01", (PID,), "ADT^A01"),
        (" Adt ^ a08 ", (PID,), "ADT^A08"),
        ("ADT", ("EVN|A03|2024", PID), "ADT^A03"),
        ("ADT", ("EVN|a03|2024", PID), "ADT^A03"),
        ("ADT_A01", (PID,), "ADT^A01"),
        ("ADT^^ADT_A05", (PID,), "ADT^A05"),
        ("ORU", (PID, "OBR|1"), "ORU^R01"),
        ("oru^^oru_r01", (PID, "OBR|1"), "ORU^R01"),
        ("^A01", (PID,), "ADT^A01"),
    ],
)
def test_the_kind_is_understood_as_sites_write_it(
    said: str, segments: tuple[str, ...], kind: str
) -> None:
    verdict = judge(message(said, "P|2.5", *segments))

    assert (verdict.code, verdict.arrivals[0].kind) == ("AA", kind)


@pytest.mark.parametrize("said", ["ADT", "ADT^", "MDM", ""])
def test_a_kind_without_event_that_could_be_several_is_not_guessed(said: str) -> None:
    verdict = judge(message(said, "P|2.5", PID))

    assert verdict.code == "AR"
    assert verdict.arrivals[0].aside.startswith("unsupported: ")


@pytest.mark.parametrize("code", ["AR", "AE", "AA"])
def test_a_site_decides_how_unsupported_types_are_answered(code: str) -> None:
    verdict = judge(message("ADT^A99"), Policy(unsupported_ack=code))

    assert verdict.code == code
    assert (verdict.error is None) == (code == "AA")
    assert verdict.arrivals[0].aside == "unsupported: ADT^A99"


@pytest.mark.parametrize(("ids", "code"), [("P", "AR"), ("PT", "AA")])
def test_a_site_decides_which_processing_ids_it_takes(ids: str, code: str) -> None:
    payload = message("ADT^A01", "T|2.5", PID)

    assert judge(payload, Policy(processing_ids=frozenset(ids))).code == code


@pytest.mark.parametrize("tail", ["P|2.1", "P|2.5.1", "P|2.8.2^DEU", "|", "T^A|2.3.1", "D|2.7.1"])
def test_every_version_2_and_a_missing_one_are_taken(tail: str) -> None:
    assert judge(message("ADT^A01", tail, PID)).code == "AA"


def test_a_missing_pid_is_said_in_words_without_content() -> None:
    assert judge(message("ADT^A01")).error == Error("101", "PID", "the PID segment is missing")


@pytest.mark.parametrize("pid", ["PID|1", "PID|1||^^^MAIN^MR", 'PID|1||""'])
def test_a_patient_without_any_identifier_is_told_at_once(pid: str) -> None:
    verdict = judge(message("ORU^R01", "P|2.5", pid, "OBR|1"))

    assert verdict.code == "AE"
    assert verdict.error == Error("101", "PID-3", "there is no patient identifier")
    assert verdict.arrivals[0].aside == "content: there is no patient identifier"


def test_each_message_of_a_block_is_kept_by_itself() -> None:
    verdict = judge(message("ADT^A01", "P|2.5", PID) + b"\r" + message("ADT^A99"))

    assert [(a.kind, a.aside) for a in verdict.arrivals] == [
        ("ADT^A01", ""),
        ("ADT^A99", "unsupported: ADT^A99"),
    ]
    assert verdict.code == "AA"


def test_an_acknowledgment_is_kept_and_not_answered() -> None:
    verdict = judge(message("ACK^A01", "P|2.5", "MSA|AA|1"))

    assert (verdict.code, verdict.arrivals[0].aside) == (
        "",
        "acknowledgment: nothing here was waiting for it",
    )


def test_labels_are_short_and_printable() -> None:
    (arrival,) = judge(
        b"MSH|^~\\&|A\x00\xeb" + b"x" * 500 + b"|H|||2024||ADT^A01|\x01" + b"9" * 500 + b"|P|2.5"
    ).arrivals

    assert arrival.sender.startswith("A??xxx")
    assert (len(arrival.sender), len(arrival.control_id)) == (120, 120)


@given(st.binary())
def test_nothing_is_lost_whatever_comes(payload: bytes) -> None:
    verdict = judge(payload)

    found = [arrival.body for arrival in verdict.arrivals]
    assert found == ([] if verdict.header else [payload])


@given(st.binary())
def test_anything_behind_an_msh_is_judged(tail: bytes) -> None:
    verdict = judge(message("ADT^A01", "P|2.5", PID) + tail)

    assert verdict.arrivals
    assert verdict.code in {"AA", "AE", "AR"}
