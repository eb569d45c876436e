"""MLLP blocks out of byte streams. All payloads here are synthetic."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wherry.hl7.framing import Block, Broken, Deframer, Event, Oversize, Place, Stray, frame

A, B = b"MSH|^~\\&|A\rPID|1", b"MSH|^~\\&|B\rPID|2"


def events(*pieces: bytes, max_bytes: int = 1000) -> list[Event]:
    deframer = Deframer(max_bytes)
    return [event for piece in pieces for event in deframer.feed(piece)]


@pytest.mark.parametrize(
    "stream",
    [
        frame(A) + frame(B),
        b"\x0b" + A + b"\x1c" + frame(B),
        b"\x0b" + A + b"\x1c\n" + frame(B),
        b"\x0b" + A + b"\x1c\x00\r\n" + frame(B),
        b"\r\n\x00 \t" + frame(A) + b"\r\n\x00\x1c\r" + frame(B) + b"\n",
    ],
)
def test_blocks_come_out_whatever_stands_around_them(stream: bytes) -> None:
    assert events(stream) == [Block(A), Block(B)]


@pytest.mark.parametrize(
    "payload", [b"", b"\x06", b"a\x1cb", b"a\x0bb", b"a\x1c\x1cb", b"\x1c\x1c"]
)
def test_a_payload_may_hold_frame_bytes_that_do_not_end_it(payload: bytes) -> None:
    assert events(frame(payload)) == [Block(payload)]


def test_an_end_without_cr_is_the_end_when_nothing_follows() -> None:
    deframer = Deframer()

    before = deframer.feed(b"\x0b" + A + b"\x1c")

    assert (before, deframer.place) == ([], Place.ENDING)
    assert deframer.flush() == [Block(A)]
    assert (deframer.place, deframer.flush()) == (Place.OUTSIDE, [])


def test_a_block_over_the_limit_is_named_and_the_next_one_is_read() -> None:
    assert events(frame(b"x" * 1001) + frame(A)) == [Oversize(b"x" * 1001, 1001), Block(A)]


def test_a_block_at_the_limit_is_read() -> None:
    assert events(frame(b"x" * 1000)) == [Block(b"x" * 1000)]


def test_of_an_oversize_block_only_the_head_is_held() -> None:
    pieces = [b"\x0b"] + [b"x" * 50_000] * 100 + [b"\x1c\r"]

    (event,) = events(*pieces, max_bytes=1_000_000)

    assert isinstance(event, Oversize)
    assert (len(event.head), event.size_bytes) == (65_536, 5_000_000)


def test_a_message_that_starts_inside_an_unfinished_block_is_read_and_the_other_dropped() -> None:
    assert events(b"\x0bMSH|broken" + frame(A)) == [Broken(10), Block(A)]


@pytest.mark.parametrize("stray", [b"GET / HTTP/1.1\r\n\r\n", b"MSH|^~\\&|no frame\r", b"?"])
def test_bytes_without_a_frame_are_given_out_when_the_sender_pauses(stray: bytes) -> None:
    deframer = Deframer()

    before = deframer.feed(b"\r\n" + stray)

    assert (before, deframer.place) == ([], Place.STRAY)
    assert deframer.flush() == [Stray(stray, block_follows=False)]
    assert deframer.place is Place.OUTSIDE


def test_bytes_before_a_block_are_given_out_and_the_block_is_read() -> None:
    assert events(b"hello " + frame(A)) == [Stray(b"hello ", block_follows=True), Block(A)]


def test_bytes_without_a_frame_are_bounded() -> None:
    assert events(b"x" * 70_000) == [Stray(b"x" * 65_536, block_follows=False)]


def test_a_flush_inside_a_block_gives_nothing_and_loses_nothing() -> None:
    deframer = Deframer()
    deframer.feed(b"\x0bMSH|")

    assert deframer.flush() == []
    assert deframer.feed(b"^~\x1c\r") == [Block(b"MSH|^~")]


def test_finished_blocks_are_counted() -> None:
    deframer = Deframer()
    deframer.feed(frame(A) + frame(B) + b"\x0bMSH")

    assert (deframer.finished, deframer.place) == (2, Place.INSIDE)


PIECES = st.sampled_from(
    [A, B, b"x" * 40, b"\x0b", b"\x1c", b"\r", b"\n", b"\x00", b"\x1c\r", b"\x0bMSH", b"junk", b" "]
)


@given(st.lists(PIECES).map(b"".join), st.lists(st.integers(0, 400)))
def test_any_split_of_a_stream_gives_the_same_events(stream: bytes, cuts: list[int]) -> None:
    places = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(places)]

    assert events(*pieces, max_bytes=60) == events(stream, max_bytes=60)


@given(st.lists(st.binary(max_size=60).filter(lambda p: b"\x1c" not in p and b"\x0b" not in p)))
def test_what_was_framed_comes_out_again_byte_by_byte(payloads: list[bytes]) -> None:
    stream = b"".join(frame(payload) for payload in payloads)

    assert events(*(bytes((byte,)) for byte in stream)) == [Block(p) for p in payloads]


def test_a_large_block_in_small_pieces_is_read_once() -> None:
    payload = b"QUJD" * 1_000_000
    stream = frame(payload)

    got = events(*(stream[at : at + 100] for at in range(0, len(stream), 100)), max_bytes=2**23)

    assert got == [Block(payload)]
