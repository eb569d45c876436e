"""POST /convert and /validate: messages become FHIR or findings; nothing is stored or logged."""

import time
from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry.hl7.batch_stream import BatchStream
from wherry.hl7.framing import Block
from wherry_hl7.callers import let_feeds_in, offer_basic
from wherry_hl7.convert import converted
from wherry_hl7.deps import deps
from wherry_hl7.http_body import Sent, pieces, sent
from wherry_hl7.senders import Senders
from wherry_hl7.validate import judged

bp = Blueprint("trying", __name__)
bp.before_request(let_feeds_in)
bp.after_request(offer_basic)

_MOST_BYTES = 32 * 1024 * 1024
_WITHIN_S = 15.0  # for all of hl7apy's part of an answer
_NDJSON = "application/x-ndjson"
_SOURCE = "body"


@bp.post("/convert")
def convert() -> Response:
    """What `wherry hl7 convert` prints of these messages: one JSON object a line."""
    said, senders, now = sent(), _senders(), deps().clock.now()
    lines = (
        encode(
            {
                "source": _SOURCE,
                "index": index,
                **converted(
                    body,
                    senders=senders,
                    received_at=now,
                    charset=said.kept_codec,
                    channel=deps().door.channel,
                ),
            }
        )
        for index, body in enumerate(_bodies(said))
    )
    return Response(b"".join(line + b"\n" for line in lines), content_type=_NDJSON)


@bp.post("/validate")
def validate() -> Response:
    """What in these messages is not as HL7 has it, one JSON object a line; never a value."""
    said, until_s = sent(), time.monotonic() + _WITHIN_S
    lines = (
        encode(
            {
                "index": index,
                **judged(
                    body, charset=said.kept_codec, within_s=max(0.0, until_s - time.monotonic())
                ),
            }
        )
        for index, body in enumerate(_bodies(said))
    )
    return Response(b"".join(line + b"\n" for line in lines), content_type=_NDJSON)


def _senders() -> Senders:
    name, senders = request.args.get("sender"), deps().senders
    if name is not None:
        return Senders(senders.named(name))
    return replace(senders, default=replace(senders.default, unidentified=True))


def _bodies(said: Sent) -> Iterator[bytes]:
    for piece in pieces(said, BatchStream(_MOST_BYTES), _MOST_BYTES):
        if not isinstance(piece, Block):
            raise Failure(Kind.TOO_LARGE, "a message is longer than is tried here")
        yield piece.payload
