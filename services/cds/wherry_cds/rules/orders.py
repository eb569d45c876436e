"""Draft orders become those that a recent score is worth knowing for, by tables of codes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from wherry.resource import Resource

RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
ATC = "http://www.whocc.no/atc"


@dataclass(frozen=True, slots=True)
class Group:
    """Medicines that act alike: ATC classes by the start of their code, RxNorm ingredients."""

    name: str
    concern: str
    atc: tuple[str, ...]
    rxnorm: frozenset[str]


@dataclass(frozen=True, slots=True)
class Order:
    """One draft order that is in a group; `name` is the order's own text, from outside."""

    name: str
    group: Group


# Sources: ATC classes, WHO Collaborating Centre for Drug Statistics Methodology, by their titles;
# RxNorm (NLM) ingredients, by name. An order by product or pack is found by its ATC code only.
GROUPS = (
    Group(
        "sedating",
        "may depress breathing and consciousness",
        # opioids; antipsychotics; anxiolytics; hypnotics and sedatives; benzodiazepines and
        # barbiturates in epilepsy; general anaesthetics
        ("N02A", "N05A", "N05B", "N05C", "N03AE", "N03AA", "N01A"),
        # morphine, fentanyl, hydromorphone, oxycodone, midazolam, lorazepam, diazepam, zolpidem,
        # haloperidol
        frozenset({"7052", "4337", "3423", "7804", "6960", "6470", "3322", "39993", "5093"}),
    ),
    Group(
        "nephrotoxic",
        "may harm the kidneys",
        # aminoglycosides; glycopeptides; polymyxins; amphotericin B; NSAIDs; calcineurin
        # inhibitors; platinum compounds; iodinated contrast media
        ("J01G", "J01XA", "J01XB", "J02AA01", "M01A", "L04AD", "L01XA", "V08A"),
        # vancomycin, ibuprofen, naproxen, ketorolac, diclofenac, tacrolimus, tobramycin, amikacin
        frozenset({"11124", "5640", "7258", "35827", "3355", "42316", "10627", "641"}),
    ),
)


def asked_orders(context: Mapping[str, Any]) -> tuple[Order, ...]:
    """The medicines of the draft orders that are in a group; of those selected, when some are.

    Source: CDS Hooks library, order-select and order-sign, draftOrders and selections.
    """
    chosen = context.get("selections")
    return tuple(
        Order(_name(resource, coding), group)
        for resource in _drafts(context.get("draftOrders"))
        if chosen is None or f"{resource.get('resourceType')}/{resource.get('id')}" in chosen
        for coding, group in _first(resource)
    )


def _drafts(bundle: Any) -> Iterator[Resource]:
    for entry in bundle.get("entry", ()) if isinstance(bundle, dict) else ():
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict) and resource.get("resourceType") == "MedicationRequest":
            yield resource


def _first(resource: Resource) -> list[tuple[Mapping[str, Any], Group]]:
    """The first coding that is in a group: one order is told once."""
    found = [
        (coding, group)
        for coding in _codings(resource)
        for group in GROUPS
        if _is_in(coding, group)
    ]
    return found[:1]


def _codings(resource: Resource) -> Iterator[Mapping[str, Any]]:
    concept = resource.get("medicationCodeableConcept")
    listed = concept.get("coding") if isinstance(concept, dict) else None
    for coding in listed if isinstance(listed, list) else ():
        if isinstance(coding, dict) and isinstance(coding.get("code"), str):
            yield coding


def _is_in(coding: Mapping[str, Any], group: Group) -> bool:
    if coding.get("system") == RXNORM:
        return coding["code"] in group.rxnorm
    return coding.get("system") == ATC and coding["code"].startswith(group.atc)


def _name(resource: Resource, coding: Mapping[str, Any]) -> str:
    said = resource["medicationCodeableConcept"].get("text") or coding.get("display")
    return said if isinstance(said, str) else f"{coding['code']}"
