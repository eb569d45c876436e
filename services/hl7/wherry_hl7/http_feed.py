"""POST /hl7v2: messages are kept, then acknowledged in the body of the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import structlog
from flask import Blueprint, Response, current_app

from wherry.adapters.clock import new_id
from wherry.draining import wake
from wherry.errors import Failure
from wherry.hl7 import batch_ack
from wherry.hl7 import head as heads
from wherry.hl7.ack import Error, build
from wherry.hl7.ack_mode import levels
from wherry.hl7.batch_stream import BatchStream, Piece
from wherry.hl7.framing import Oversize
from wherry.ports import Arrival
from wherry_hl7.callers import let_feeds_in, offer_basic
from wherry_hl7.deps import Deps, deps
from wherry_hl7.http_body import Sent, pieces, sent
from wherry_hl7.http_metrics import metrics
from wherry_hl7.mllp import FAULT, TOO_LARGE
from wherry_hl7.triage import SOURCE, aside, triage

log = structlog.get_logger()

bp = Blueprint("feed", __name__)
bp.before_request(let_feeds_in)
bp.after_request(offer_basic)

_MOST_MESSAGES = 200
_MOST_BYTES = 8 * 1024 * 1024
_TOO_LONG = Error("207", "MSH", "the message is longer than this receiver takes")
_CRASHED = Error("207", "", "internal error; the message was kept for a person")

# With http_status_from_ack. Source: early drafts of HL7 over HTTP
_STATUS = {"E": 500, "R": 400}


@dataclass(frozen=True, slots=True)
class _Judged:
    payload: bytes = field(repr=False)
    arrivals: tuple[Arrival, ...]
    code: str
    error: Error | None = None


@dataclass(slots=True)
class _Answers:
    acks: list[bytes] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)


@bp.post("/hl7v2")
def receive() -> Response:
    """Keep the messages of the body, a group at a time, and answer each; a batch with a batch.

    Source: HL7 over HTTP (HAPI's specification): every acknowledgment code is a 200; other
    statuses are for when none can be made, as when the inbox is away.
    """
    needs, said, answers = deps(), sent(), _Answers()
    stream = BatchStream(needs.door.max_message_bytes)
    group: list[_Judged] = []
    size = 0
    for piece in pieces(said, stream, needs.door.max_file_bytes):
        group.append(_judged(piece, needs, said))
        size += len(group[-1].payload)
        if len(group) >= _MOST_MESSAGES or size >= _MOST_BYTES:
            _keep(group, needs, answers)
            group, size = [], 0
    _keep(group, needs, answers)
    return _answer(needs, said, stream.header, answers)


def _judged(piece: Piece, needs: Deps, said: Sent) -> _Judged:
    """The verdict of triage; what it cannot judge is kept for a person."""
    channel = needs.door.channel
    if isinstance(piece, Oversize):
        log.warning("http_message_too_large", size_bytes=piece.size_bytes)
        kept = aside(piece.head, TOO_LARGE, channel=channel)
        return _Judged(piece.head, (kept,), "AR", _TOO_LONG)
    try:
        verdict = triage(piece.payload, channel=channel, policy=needs.policy)
    except Exception as error:  # the edge: kept for a person, and said
        log.error("triage_crashed", error=type(error).__name__)
        return _Judged(
            piece.payload, (aside(piece.payload, FAULT, channel=channel),), "AE", _CRASHED
        )
    arrivals = tuple(replace(one, charset=said.kept_codec) for one in verdict.arrivals)
    return _Judged(piece.payload, arrivals, verdict.code, verdict.error)


def _keep(group: Sequence[_Judged], needs: Deps, answers: _Answers) -> None:
    """One commit, then the answers of its messages. Raises: Failure(UNAVAILABLE): none was kept."""
    arrivals = [arrival for one in group for arrival in one.arrivals]
    if not arrivals:
        return
    needs.inbox.keep(arrivals)
    wake(needs.queue, SOURCE)
    for one in group:
        code = _spoken(one)
        metrics(current_app).answers.labels(code or "none").inc()
        if not code:
            continue
        text = one.error.text if one.error else ""
        ack = build(
            one.payload, code, at=needs.clock.now(), id_=new_id(), text=text, error=one.error
        )
        answers.acks.append(ack)
        answers.codes.append(code)


def _spoken(one: _Judged) -> str:
    """The one code that goes into the body: of the application level where it is wanted."""
    try:
        wanted = levels(heads.read(one.payload), one.code)
    except Failure:
        return one.code
    return wanted.application or wanted.accept


def _answer(needs: Deps, said: Sent, header: bytes, answers: _Answers) -> Response:
    if not answers.acks and not header:
        return Response(status=204)
    body = b"".join(answers.acks)
    if header:
        body = batch_ack.build(header, answers.acks, at=needs.clock.now(), id_=new_id())
    ends = [_STATUS.get(code[1], 200) for code in answers.codes]
    status = max(ends, default=200) if needs.door.status_from_ack else 200
    return Response(said.answered(body), status=status, content_type=said.content_type)
