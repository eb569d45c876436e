"""What is stored and what a message says become what is to be written, or nothing."""

from collections.abc import Sequence
from typing import Any

from wherry.fhir import clinical, snapshot, visit
from wherry.fhir.interval import interval
from wherry.fhir.parts import PARTS, VERSIONED, joined
from wherry.fhir.systems import DEVICE_QUALITY, SOURCE_TIME
from wherry.resource import Resource

SNAPSHOTS = frozenset(
    {
        "Account",
        "AllergyIntolerance",
        "Appointment",
        "CareTeam",
        "ChargeItem",
        "Condition",
        "Coverage",
        "DocumentReference",
        "Device",
        "Encounter",
        "EpisodeOfCare",
        "Goal",
        "Flag",
        "Location",
        "MedicationRequest",
        "NutritionOrder",
        "Organization",
        "Patient",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "RelatedPerson",
        "ServiceRequest",
        "SupplyRequest",
        "Specimen",
    }
)
"""Types that many messages describe in part; all others are statements that replace each other."""

ALL = "*"
# What a statement's later version adds to and never takes from.
_GROWING = ("identifier", "result")
_SERVER_SET = frozenset({"versionId", "lastUpdated"})


def merge(
    stored: Resource,
    incoming: Resource,
    deletes: Sequence[str] = (),
    weak: Sequence[str] = (),
    *,
    resent: bool = False,
) -> Resource | None:
    """What to write over `stored`; None when the message changes nothing.

    A snapshot is laid over: what it says is set, what it deletes goes, the rest stays. `weak`
    elements only fill gaps; ("*",) says it of all unless the same source wrote what is stored.
    A statement replaces its earlier version. An older one never overwrites: it may only add a
    place to an Encounter's history or a result to a report. One that is `resent` after another
    message wrote says nothing new, even in the same second. References are already resolved.
    A statement of which `weak` names the parts (`wherry.fhir.parts.PARTS`) is joined with what
    other messages said of it. When it is `VERSIONED`, a later version that says the same is kept
    too: a version between the two that comes last must not replace it.

    `meta.source` is the sender, then # and the message.
    """
    if resent and _source(stored) != _source(incoming):
        return None
    if PARTS in weak and incoming["resourceType"] not in SNAPSHOTS:
        merged = joined(stored, incoming)
    elif _older(incoming, stored):
        merged = stored if ALL in weak else _history(stored, incoming)
    elif incoming["resourceType"] not in SNAPSHOTS:
        merged = _statement(stored, incoming)
    elif ALL in weak and _sender(stored) != _sender(incoming):
        merged = snapshot.filled(stored, incoming)
    else:
        merged = _laid_over(stored, incoming, deletes, weak)
    again = VERSIONED in weak and source_time(incoming) and _older(stored, incoming)
    return None if _same(stored, merged) and not again else merged


def source_time(resource: Resource) -> str:
    """When the message that this resource last came from was sent; empty when it does not say."""
    for extension in resource.get("extension", ()):
        if extension.get("url") == SOURCE_TIME:
            return str(extension.get("valueDateTime", ""))
    return ""


def _older(incoming: Resource, stored: Resource) -> bool:
    said, kept = source_time(incoming), source_time(stored)
    return bool(said and kept) and interval(said)[1] <= interval(kept)[0]


def _history(stored: Resource, incoming: Resource) -> Resource:
    """What an older message may still add without contradicting what is stored."""
    if incoming["resourceType"] == "Encounter":
        return visit.with_past(stored, incoming)
    if incoming["resourceType"] == "DiagnosticReport" and "result" in incoming:
        return {**stored, "result": _union(stored.get("result", []), incoming["result"])}
    return stored


def _statement(stored: Resource, incoming: Resource) -> Resource:
    merged = {**incoming, "meta": _meta(stored, incoming)}
    if tags := merged["meta"].pop("tag", None):
        said = incoming.get("meta", {}).get("tag", ())
        # what an earlier version was marked with, as unusual, does not hold for this one
        kept = [one for one in tags if one in said or one.get("system") != DEVICE_QUALITY]
        merged["meta"] |= {"tag": kept} if kept else {}
    if "id" in stored:
        merged["id"] = stored["id"]
    for name in _GROWING:
        if name in stored:
            merged[name] = _union(stored[name], incoming.get(name, []))
    return merged


def _laid_over(
    stored: Resource, incoming: Resource, deletes: Sequence[str], weak: Sequence[str]
) -> Resource:
    if incoming["resourceType"] == "Encounter":
        merged = visit.laid_over(stored, incoming, deletes, weak)
    else:
        merged = snapshot.laid_over(stored, incoming, deletes, weak)
        clinical.settle(merged, incoming)
    merged["meta"] = _meta(stored, incoming)
    return merged


def _meta(stored: Resource, incoming: Resource) -> dict[str, Any]:
    kept = {k: v for k, v in stored.get("meta", {}).items() if k not in _SERVER_SET}
    return {**kept, **incoming.get("meta", {})}


def _source(resource: Resource) -> str:
    return str(resource.get("meta", {}).get("source", ""))


def _sender(resource: Resource) -> str:
    return _source(resource).partition("#")[0]


def _union(kept: list[Any], said: list[Any]) -> list[Any]:
    return [*kept, *(one for one in said if one not in kept)]


def _same(stored: Resource, merged: Resource) -> bool:
    """Whether both say the same, digit for digit; when it was said does not count."""
    if merged is stored:
        return True
    return _content(stored) == _content(merged) and _digits(stored) == _digits(merged)


def _content(resource: Resource) -> Resource:
    content = {k: v for k, v in resource.items() if k not in {"meta", "text", "extension"}}
    others = [one for one in resource.get("extension", ()) if one.get("url") != SOURCE_TIME]
    if labels := resource.get("meta", {}).get("security"):
        content["meta"] = labels
    return {**content, "extension": others} if others else content


def _digits(resource: Resource) -> str:
    return str(resource.get("valueQuantity", {}).get("value", ""))
