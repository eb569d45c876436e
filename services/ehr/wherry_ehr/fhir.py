"""/fhir: HTTP requests become asks, answers become HTTP responses."""

import re
from collections.abc import Callable
from time import perf_counter

from flask import Blueprint, Response, g, request

from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry.web.outcome import FHIR_JSON
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import deps
from wherry_ehr.here import PREFIX, here
from wherry_ehr.interactions.capabilities import capabilities
from wherry_ehr.interactions.limited import limited
from wherry_ehr.interactions.table import INTERACTIONS, Interaction
from wherry_ehr.search.types import types

FORM = "application/x-www-form-urlencoded"

METADATA = Interaction("capabilities", "GET", "/metadata", capabilities)

bp = Blueprint("fhir", __name__, url_prefix=PREFIX)

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def _view(interaction: Interaction) -> Callable[..., Response]:
    def view(**names: str) -> Response:
        start = perf_counter()
        status = 500
        try:
            answer = _answer(interaction, _ask(interaction, names))
            status = answer.status
            return _response(answer, here().fhir)
        except Failure as failure:
            status = failure.kind.http
            raise
        finally:
            deps().metrics.answered(interaction.name, status, perf_counter() - start)

    return view


def _answer(interaction: Interaction, ask: Ask) -> Answer:
    """An app's token is held to what it allows; the suite's own callers are not."""
    rights = g.get("rights")
    if rights is None or interaction is METADATA:
        return interaction.answer(ask, deps())
    return limited(interaction.name, ask, deps(), rights)


def _ask(interaction: Interaction, names: dict[str, str]) -> Ask:
    """Read the request. Raises: Failure for what no interaction could take."""
    type_, id_ = names.get("type", ""), names.get("id", "")
    if type_ and type_ not in types():
        raise Failure(Kind.NOT_FOUND, "no such resource type")
    if id_ and not _ID.fullmatch(id_):
        raise Failure(Kind.NOT_FOUND, "not a FHIR id", at=type_)
    params = [*request.args.items(multi=True)]
    if interaction.body == "form":
        if request.mimetype != FORM:
            raise Failure(Kind.UNSUPPORTED, f"send {FORM}", at="Content-Type")
        params += request.form.items(multi=True)
    return Ask(
        type=type_,
        id=id_,
        vid=names.get("vid", ""),
        params=tuple(params),
        resource=json_object() if interaction.body == "json" else {},
        text=request.get_data() if interaction.body == "json" else b"",
        if_match=request.headers.get("If-Match", ""),
        if_none_exist=request.headers.get("If-None-Exist", ""),
        prefer=_prefer(),
        base=here().fhir,
    )


def _prefer() -> frozenset[str]:
    parts = re.split(r"[;,]", ",".join(request.headers.getlist("Prefer")))
    return frozenset(part.strip() for part in parts if part.strip())


def _response(answer: Answer, base: str) -> Response:
    response = Response(answer.body, status=answer.status)
    if answer.body:
        response.content_type = f"{FHIR_JSON}; charset=utf-8"
    if version := answer.version:
        response.headers["ETag"] = version.etag
        response.headers["Last-Modified"] = version.last_modified
        if answer.status == 201:
            response.headers["Location"] = f"{base}/{version.location}"
    return response


for _interaction in (METADATA, *INTERACTIONS):
    bp.add_url_rule(
        _interaction.path,
        endpoint=_interaction.name,
        view_func=_view(_interaction),
        methods=[_interaction.method],
    )
