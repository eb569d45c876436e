"""/fhir: HTTP requests become asks, answers become HTTP responses."""

import re
from collections.abc import Callable
from time import perf_counter

from flask import Blueprint, Response, g, request
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BaseConverter

from wherry.errors import Failure, Kind
from wherry.web.body import json_text
from wherry.web.outcome import FHIR_JSON
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import deps
from wherry_ehr.here import PREFIX, fhir_base, here
from wherry_ehr.interactions.capabilities import capabilities
from wherry_ehr.interactions.limited import limited
from wherry_ehr.interactions.table import INTERACTIONS, Interaction
from wherry_ehr.search.types import types
from wherry_ehr.twice import refuse_repeated_keys
from wherry_ehr.write.told import NOTHING, told_in

FORM = "application/x-www-form-urlencoded"

METADATA = Interaction("capabilities", "GET", "/metadata", capabilities)

bp = Blueprint("fhir", __name__, url_prefix=PREFIX)


class TypeName(BaseConverter):
    """A resource type in an address: neither metadata nor any operation looks like one."""

    regex = "[A-Z][A-Za-z]+"


class LogicalId(BaseConverter):
    """A resource's id in an address. Source: FHIR R4 datatypes, id."""

    regex = "[A-Za-z0-9.-]{1,64}"


@bp.record_once
def _know_names(state: BlueprintSetupState) -> None:
    state.app.url_map.converters.update(fhir_type=TypeName, fhir_id=LogicalId)


def _view(interaction: Interaction) -> Callable[..., Response]:
    def view(**names: str) -> Response:
        start = perf_counter()
        status = 500
        try:
            answer = _answer(interaction, _ask(interaction, names))
            status = answer.status
            return _response(answer, _base())
        except Failure as failure:
            status = failure.kind.http
            raise
        except HTTPException as error:
            status = error.code or status
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
    type_ = names.get("type", "")
    if type_ and type_ not in types():
        raise Failure(Kind.NOT_FOUND, "no such resource type")
    params = [*request.args.items(multi=True)]
    if interaction.body == "form":
        if request.content_length and request.mimetype != FORM:
            raise Failure(Kind.UNSUPPORTED, f"send {FORM}", at="Content-Type")
        params += request.form.items(multi=True)
    return Ask(
        type=type_,
        id=names.get("id", ""),
        vid=names.get("vid", ""),
        params=tuple(params),
        told=told_in(_json()) if interaction.body == "resource" else NOTHING,
        text=json_text() if interaction.body == "bundle" else b"",
        if_match=_condition("If-Match", "an ETag is needed"),
        if_none_exist=_condition("If-None-Exist", "a search is needed"),
        prefer=_prefer(),
        base=_base(),
    )


def _json() -> bytes:
    """The body. Raises: Failure(UNSUPPORTED, INVALID) for another type, and for repeated keys."""
    text = json_text()
    refuse_repeated_keys(text)
    return text


def _base() -> str:
    """An app gets the address that it was launched with, the suite's own parts the one they use."""
    return here().fhir if g.get("rights") else fhir_base()


def _prefer() -> frozenset[str]:
    parts = re.split(r"[;,]", ",".join(request.headers.getlist("Prefer")))
    return frozenset(part.strip() for part in parts if part.strip())


def _condition(header: str, needed: str) -> str:
    """What this header asks for. Raises: Failure(INVALID) when it is there and says nothing."""
    given = request.headers.get(header)
    if given == "":
        raise Failure(Kind.INVALID, needed, at=header)
    return given or ""


def _response(answer: Answer, base: str) -> Response:
    response = Response(answer.body, status=answer.status)
    if answer.body:
        response.content_type = f"{FHIR_JSON}; charset=utf-8"
    else:
        del response.headers["Content-Type"]
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
