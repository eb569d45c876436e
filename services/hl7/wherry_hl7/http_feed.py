"""POST /hl7v2: messages are kept, then acknowledged in the body of the answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import structlog
from flask import Blueprint, Response, current_app

from wherry.adapters.clock import new_control_id
from wherry.draining import wake
from wherry.errors import Failure, Kind
from wherry.hl7 import ack, batch_ack
from wherry.hl7.ack import Error
from wherry.hl7.batch_stream import BatchStream, Piece
from wherry.hl7.framing import Oversize
from wherry.hl7.head import Head
from wherry.ports import Standing, State
from wherry_hl7.answering import Reply
from wherry_hl7.callers import let_feeds_in, offer_basic
from wherry_hl7.converting import converted
from wherry_hl7.deps import Deps, deps
from wherry_hl7.http_body import Sent, pieces, sent
from wherry_hl7.http_metrics import metrics
from wherry_hl7.intake import CRASHED, FAULT
from wherry_hl7.mllp import TOO_LARGE
from wherry_hl7.triage import SOURCE, Judged, Verdict, aside, triage

log = structlog.get_logger()

bp = Blueprint("feed", __name__)
bp.before_request(let_feeds_in)
bp.after_request(offer_basic)

_MOST_MESSAGES = 200
_MOST_BYTES = 8 * 1024 * 1024
_STEP_S = 0.05
_ENDED = frozenset({State.DONE, State.ASIDE})
_TOO_LONG = Error("207", "MSH", "the message is longer than this receiver takes")

# With http_status_from_ack. Source: early drafts of HL7 over HTTP
_STATUS = {"E": 500, "R": 400}


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
    group: list[Judged] = []
    size = 0
    for piece in pieces(said, stream, needs.door.max_file_bytes):
        verdict = _verdict(piece, needs, said.kept_codec)
        group += converted(verdict, received_at=needs.clock.now()).messages
        size += sum(len(one.arrival.body) for one in verdict.messages)
        if len(group) >= _MOST_MESSAGES or size >= _MOST_BYTES:
            _keep(group, needs, answers)
            group, size = [], 0
    _keep(group, needs, answers)
    return _answer(needs, said, stream.header, answers)


def _verdict(piece: Piece, needs: Deps, charset: str) -> Verdict:
    """The verdict of triage; what it cannot judge is kept for a person."""
    channel = needs.door.channel
    if isinstance(piece, Oversize):
        log.warning("http_message_too_large", size_bytes=piece.size_bytes)
        return Verdict((Judged(aside(piece.head, TOO_LARGE, channel=channel), "AR", _TOO_LONG),))
    try:
        return triage(
            piece.payload,
            channel=channel,
            policy=needs.policy,
            senders=needs.senders,
            charset=charset,
        )
    except Exception as error:  # the edge: kept for a person, and said
        log.error("triage_crashed", error=type(error).__name__)
        return Verdict((Judged(aside(piece.payload, FAULT, channel=channel), "AE", CRASHED),))


def _keep(group: Sequence[Judged], needs: Deps, answers: _Answers) -> None:
    """One commit, then the answers of its messages.

    Raises: Failure(UNAVAILABLE) when none was kept, or a sender waits for what takes too long.
    """
    if not group:
        return
    receipts = needs.inbox.receive([one.arrival for one in group])
    wake(needs.queue, SOURCE)
    counted = metrics(current_app)

    def make(head: Head, code: str, error: Error | None) -> bytes:
        codes.append(code)
        text = error.text if error else ""
        return ack.of(
            head, code, at=needs.clock.now(), id_=new_control_id(), text=text, error=error
        )

    replies = [
        Reply(Verdict((one,)), [receipt], make=make, wrap=lambda *_: b"")
        for one, receipt in zip(group, receipts, strict=True)
    ]
    standings = _stored([id_ for reply in replies for id_ in reply.waits_for], needs)
    for one, receipt, reply in zip(group, receipts, replies, strict=True):
        codes: list[str] = []
        said = reply.when_kept()
        said += reply.when_stored(standings) if reply.waits_for else []
        head = ack.head_of(one.arrival.body)
        counted.answered(head, codes[-1] if said else "none")
        if receipt.repeated:
            counted.came_again(head)
        answers.acks += said[-1:]  # one fits: of the application level where that is wanted
        answers.codes += codes[-1:] if said else []


def _stored(ids: Sequence[int], needs: Deps) -> Mapping[int, Standing]:
    """Where these messages stand once a worker has finished with all of them."""
    until_s = time.monotonic() + needs.door.stored_timeout_s
    while True:
        found = needs.inbox.standing(ids) if ids else {}
        if all(one.state in _ENDED for one in found.values()):
            return found
        if time.monotonic() > until_s:
            raise Failure(Kind.UNAVAILABLE, "kept, but not stored in time: send it again")
        time.sleep(_STEP_S)


def _answer(needs: Deps, said: Sent, header: bytes, answers: _Answers) -> Response:
    if not answers.acks and not header:
        return Response(status=204)
    body = b"".join(answers.acks)
    if header:
        body = batch_ack.build(header, answers.acks, at=needs.clock.now(), id_=new_control_id())
    ends = [_STATUS.get(code[1], 200) for code in answers.codes]
    status = max(ends, default=200) if needs.door.status_from_ack else 200
    return Response(said.answered(body), status=status, content_type=said.content_type)
