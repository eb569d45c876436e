"""POST /v1/sources/<name>: a vendor's payload is kept as it came, then 202."""

from hashlib import sha256

import structlog
from flask import Blueprint, Response, request

from wherry.codec import encode
from wherry.draining import wake
from wherry.errors import Failure, Kind
from wherry.web import caller
from wherry_devices.connectors import MEDIA
from wherry_devices.deps import Deps, deps
from wherry_devices.signature import GOOD, verdict
from wherry_devices.triage import SOURCE, arrival

log = structlog.get_logger()

bp = Blueprint("sources", __name__, url_prefix="/v1/sources")

_CHANNELS = {True: "signed", False: "trusted"}


@bp.post("/<name>")
def receive(name: str) -> Response:
    """Keep the payload, wake a worker, then say 202: whoever hears 202 may forget the payload."""
    needs = deps()
    body = request.get_data()
    admit(name, body, needs)
    compiled = needs.templates.get(name)
    if compiled is None:
        raise Failure(Kind.NOT_FOUND, "no such source", at="source")
    if not _taken(name, request.mimetype):
        also = "".join(f" or {one}" for one in sorted(MEDIA.get(name, ())))
        raise Failure(Kind.UNSUPPORTED, f"send application/json{also}", at="Content-Type")
    if not body:
        raise Failure(Kind.INVALID, "an empty body", at="body")
    signed = name in needs.signatures
    [id_] = needs.inbox.keep([arrival(body, compiled, channel=_CHANNELS[signed])])
    wake(needs.queue, SOURCE)
    needs.metrics.kept(name)
    return Response(encode({"id": id_}), status=202, content_type="application/json")


def _taken(name: str, mimetype: str) -> bool:
    json = mimetype == "application/json" or mimetype.endswith("+json")
    return json or mimetype in MEDIA.get(name, ())


def admit(name: str, body: bytes, needs: Deps) -> None:
    """Let in who signed, where a source signs; everybody else needs what all services ask for.

    Raises: Failure(UNAUTHENTICATED); of the request only its hash is told.
    """
    scheme = needs.signatures.get(name)
    if scheme is None:
        caller.check(needs.token)
        return
    found = verdict(scheme, request.headers, body, now=needs.clock.now())
    needs.metrics.checked(name, found)
    if found != GOOD:
        log.warning(
            "signature_refused", source=name, verdict=found, sha256=sha256(body).hexdigest()
        )
        raise Failure(Kind.UNAUTHENTICATED, "a valid signature is needed")
