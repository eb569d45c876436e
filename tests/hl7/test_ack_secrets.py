"""No answer tells a sender, or whoever reads along, what is in a message. Synthetic messages."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wherry.hl7 import ack
from wherry.ports import Receipt, Standing, State
from wherry_hl7.answering import Reply
from wherry_hl7.converting import converted
from wherry_hl7.triage import Policy, triage

AT = datetime(2026, 1, 5, tzinfo=UTC)
CANARY = "CANARY"
ROUTES = {1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 15, 16, 18}
"""Fields of MSH that are echoed, or that say how to answer."""
KINDS = ("ADT^A01", "ADT^A40", "ORU^R01", "ORM^O01", "SIU^S12", "MDM^T02", "VXU^V04", "ZZZ^Z01")
SEGMENTS = ("EVN", "PID", "PV1", "OBR", "OBX", "MRG", "ORC", "SCH", "TXA", "RXA", "NK1", "DSC")


def answers(payload: bytes, policy: Policy, state: State) -> list[bytes]:
    """All that a sender may be told of a message, however it ends."""
    verdict = converted(triage(payload, channel="mllp", policy=policy), received_at=AT)
    receipts = [Receipt(n, one.arrival.answer) for n, one in enumerate(verdict.messages)]
    reply = Reply(
        verdict,
        receipts,
        make=lambda head, code, error: ack.of(
            head, code, at=AT, id_="W1", text=error.text if error else "", error=error
        ),
        wrap=lambda header, acks, remarks: b"".join(acks),
    )
    reason = f"invalid: {CANARY} at PID-5: {CANARY}"
    ends = {id_: Standing(state, reason) for id_ in reply.waits_for}
    return [*reply.when_kept(), *reply.when_stored(ends)]


def said(payload: bytes, **policy: str) -> str:
    told = answers(payload, Policy(**policy), State.ASIDE)  # type: ignore[arg-type]  # texts alone
    return "".join(
        line
        for answer in told
        for line in answer.decode("latin-1").split("\r")
        if line[:3] in {"MSA", "ERR"}
    )


def full(name: str, value: str) -> str:
    """A segment with a patient's name in each of its fields."""
    return "|".join([name, *[value] * 45])


@pytest.mark.parametrize("on", ["received", "converted", "stored"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_name_in_every_field_is_in_no_answer(kind: str, on: str) -> None:
    head = f"MSH|^~\\&|A|B|C|D|{CANARY}|{CANARY}|{kind}|1|P|2.5.1||{CANARY}|||{CANARY}||{CANARY}"
    for segments in ((), SEGMENTS, *[(one,) for one in SEGMENTS]):
        lines = [head, *(full(one, f"{CANARY}^{CANARY}&{CANARY}~{CANARY}") for one in segments)]

        assert CANARY not in said("\r".join(lines).encode(), on=on)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(KINDS),
    st.lists(
        st.tuples(
            st.sampled_from(SEGMENTS),
            st.dictionaries(
                st.integers(min_value=1, max_value=40),
                st.sampled_from([CANARY, f"{CANARY}^A", f"1^^^{CANARY}^MR", f"\\X{CANARY}\\", "1"]),
            ),
        ),
        max_size=8,
    ),
    st.sampled_from(["received", "converted", "stored"]),
)
def test_whatever_is_wrong_with_a_message_no_answer_repeats_it(
    kind: str, parts: list[tuple[str, dict[int, str]]], on: str
) -> None:
    lines = [f"MSH|^~\\&|A|B|C|D|2024||{kind}|1|P|2.5.1"]
    for name, fields in parts:
        lines.append("|".join([name, *(fields.get(n, "") for n in range(1, 41))]))

    assert CANARY not in said("\r".join(lines).encode(), on=on)


@given(st.binary(max_size=60))
def test_bytes_that_are_no_message_are_not_repeated(tail: bytes) -> None:
    assert CANARY not in said(f"PID|1||{CANARY}\r".encode() + tail)
