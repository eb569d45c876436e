"""POST [type]/$validate: whether a resource could be written, without writing it."""

from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry.fhir.outcome import outcome
from wherry.resource import Issue
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.shape import LENIENT
from wherry_ehr.interactions.validity import issues_of, problems_of
from wherry_ehr.search.results import check_format
from wherry_ehr.search.values import safe
from wherry_ehr.write.told import Told, told_in

MODES = frozenset({"", "create", "update", "delete"})
_BASE = "http://hl7.org/fhir/StructureDefinition/"


def validate(ask: Ask, deps: Deps) -> Answer:
    """200 with an OperationOutcome, whatever it finds. Source: FHIR R4 resource-operation-validate.

    Raises: Failure(INVALID) when the request itself makes no sense.
    """
    mode, profile, resource = _read(ask)
    if mode not in MODES:
        raise Failure(Kind.INVALID, "mode is create, update or delete", at="mode")
    if profile and profile != f"{_BASE}{ask.type}":
        text = "only R4's own definition of the type is checked"
        raise Failure(Kind.UNPROCESSABLE, text, at="profile")
    if resource is None:
        if mode != "delete":
            raise Failure(Kind.INVALID, "a resource is needed", at="resource")
        return _fine()
    issues = problems_of(resource, ask.type, deps.check) + _of_mode(mode, resource, ask)
    if not issues:
        return _fine()
    return Answer(200, encode(issues_of(issues)).decode())


def _of_mode(mode: str, resource: Told, ask: Ask) -> list[Issue]:
    """Source: FHIR R4 http, 3.1.0.4: an update carries the id of its address."""
    held = resource.resource.get("id")
    if (mode == "update" or ask.id) and (held is None or (ask.id and held != ask.id)):
        return [Issue(f"{ask.type}.id", "the resource must carry the id of its address")]
    return []


def _fine() -> Answer:
    body = outcome("informational", "all is well", severity="information")
    return Answer(200, encode(body).decode())


def _read(ask: Ask) -> tuple[str, str, Told | None]:
    """Mode, profile and resource, out of a Parameters resource or the body itself."""
    asked = {"mode": "", "profile": ""}
    for name, value in ask.params:
        if name == "_format":
            check_format(value)
        elif name in asked:
            asked[name] = value
        elif LENIENT not in ask.prefer:
            text = f"parameter {safe(name)} is not supported"
            raise Failure(Kind.INVALID, text, at="$validate")
    if not ask.text:
        return asked["mode"], asked["profile"], None
    body = decode(ask.text)
    if not isinstance(body, dict) or not isinstance(body.get("resourceType"), str):
        raise Failure(Kind.INVALID, "the body must be a resource", at="resourceType")
    if body.get("resourceType") != "Parameters" or ask.type == "Parameters":
        return asked["mode"], asked["profile"], told_in(ask.text)
    listed = body.get("parameter", [])
    if not isinstance(listed, list):
        raise Failure(Kind.INVALID, "a list is needed", at="Parameters.parameter")
    resource = None
    for one in [each for each in listed if isinstance(each, dict)]:
        if one.get("name") == "resource" and isinstance(one.get("resource"), dict):
            resource = told_in(encode(one["resource"]))
        elif one.get("name") == "mode":
            asked["mode"] = str(one.get("valueCode", ""))
        elif one.get("name") == "profile":
            asked["profile"] = str(one.get("valueUri") or one.get("valueCanonical") or "")
    return asked["mode"], asked["profile"], resource
