"""What a client sent for a prefetch key becomes the next step: use it, read it, or refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from wherry.resource import Resource
from wherry_cds.protocol.catalogue import Key
from wherry_cds.protocol.subject import is_about, is_about_another


class Received(Enum):
    """What stands under a prefetch key."""

    ABSENT = auto()
    NULL = auto()
    OUTCOME = auto()
    EMPTY = auto()
    DATA = auto()
    PAGE = auto()
    WRONG = auto()
    ANOTHER = auto()


class Step(Enum):
    """What to do about it."""

    READ = auto()
    GO_WITHOUT = auto()
    UNMET = auto()
    USE = auto()
    USE_AND_FOLLOW = auto()
    REFUSE = auto()
    REFUSE_AND_NOTE = auto()


class Obtained(Enum):
    """What is known under a key in the end; cards tell these apart."""

    DATA = auto()
    NONE = auto()
    """Looked for, and there is nothing on record."""
    UNAVAILABLE = auto()
    """The client tried and failed."""
    NOT_OBTAINED = auto()
    """Neither sent nor read."""


# Source: CDS Hooks 2.0, Prefetch Template and Providing FHIR Resources
STEPS: Mapping[Received, Step] = {
    Received.ABSENT: Step.READ,  # the client did not try
    Received.NULL: Step.GO_WITHOUT,  # the client looked and found nothing: not asked again
    Received.OUTCOME: Step.UNMET,  # the client tried and failed: not asked again
    Received.EMPTY: Step.USE,  # no matches, but perhaps warnings
    Received.DATA: Step.USE,
    Received.PAGE: Step.USE_AND_FOLLOW,
    Received.WRONG: Step.REFUSE,  # another type: nothing is scored
    Received.ANOTHER: Step.REFUSE_AND_NOTE,  # another patient: nothing is scored, and it is noted
}


@dataclass(frozen=True, slots=True)
class Content:
    """The resources of one answer; `partial` when the server says that it left something out."""

    resources: tuple[Resource, ...] = ()
    next: str = ""
    partial: bool = False


def received(key: Key, prefetch: Mapping[str, Any], *, patient_id: str, base: str) -> Received:
    """What the client sent for this key, judged for this patient."""
    if key.name not in prefetch:
        return Received.ABSENT
    return judged(key, prefetch[key.name], patient_id=patient_id, base=base)


def judged(key: Key, value: Any, *, patient_id: str, base: str) -> Received:
    """What this value is, as an answer to the key's template."""
    if value is None:
        return Received.NULL
    if not isinstance(value, dict):
        return Received.WRONG
    if value.get("resourceType") == "OperationOutcome":
        return Received.OUTCOME
    if key.many:
        return _judged_bundle(key, value, patient_id, base)
    if not _fits(value, key.type):
        return Received.WRONG
    return _whose([value], patient_id, base) or Received.DATA


def _judged_bundle(key: Key, value: Resource, patient_id: str, base: str) -> Received:
    if not _is_bundle(value) or not _all_fit(value, key.type):
        return Received.WRONG
    concerned = [
        each for each in _resources(value) if each["resourceType"] in (key.type, "Patient")
    ]
    if mixed_up := _whose(concerned, patient_id, base):
        return mixed_up
    if _next(value):
        return Received.PAGE
    return Received.DATA if content(key, value).resources else Received.EMPTY


def content(key: Key, value: Resource) -> Content:
    """The resources in a value that was judged to be data."""
    if not key.many:
        return Content((value,))
    entries = [entry for entry in value.get("entry", []) if "resource" in entry]
    return Content(
        resources=tuple(
            entry["resource"] for entry in entries if _fits(entry["resource"], key.type)
        ),
        next=_next(value),
        partial=any(_says_error(entry["resource"]) for entry in entries),
    )


def _fits(value: Any, type_: str) -> bool:
    return isinstance(value, dict) and value.get("resourceType") == type_


def _is_bundle(value: Resource) -> bool:
    entries = value.get("entry", [])
    return (
        value.get("resourceType") == "Bundle"
        and isinstance(entries, list)
        and all(isinstance(entry, dict) for entry in entries)
        and isinstance(value.get("link", []), list)
    )


def _all_fit(bundle: Resource, type_: str) -> bool:
    """Whether entries are resources, and matches of this type."""
    for entry in bundle.get("entry", []):
        resource = entry.get("resource")
        if not isinstance(resource, dict):
            return False
        kind = resource.get("resourceType")
        if not isinstance(kind, str):
            return False
        if kind not in (type_, "OperationOutcome") and _mode(entry) != "include":
            return False
    return True


def _whose(resources: Sequence[Resource], patient_id: str, base: str) -> Received | None:
    """What is wrong when these are not all about this patient; None when they are."""
    strangers = [each for each in resources if not is_about(each, patient_id, base)]
    if any(is_about_another(each, patient_id, base) for each in strangers):
        return Received.ANOTHER
    return Received.WRONG if strangers else None


def _resources(bundle: Resource) -> list[Resource]:
    return [entry["resource"] for entry in bundle.get("entry", [])]


def _mode(entry: Mapping[str, Any]) -> str:
    search = entry.get("search")
    return str(search.get("mode", "match")) if isinstance(search, dict) else "match"


def _next(bundle: Resource) -> str:
    links: Sequence[Any] = bundle.get("link", [])
    for link in links:
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(link.get("url", ""))
    return ""


def _says_error(resource: Resource) -> bool:
    """Whether a Bundle entry is an OperationOutcome that tells of an error."""
    issues = resource.get("issue", []) if resource.get("resourceType") == "OperationOutcome" else []
    return any(
        isinstance(issue, dict) and issue.get("severity") in {"error", "fatal"} for issue in issues
    )
