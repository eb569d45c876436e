"""RQD, ODS and ODT become what is to be delivered: supplies, diets, supplements and trays."""

from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON, v2_table
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.functions.amounts import amount
from wherry_hl7.translate.functions.order import order_status

# What a request's status is called for supplies. Source: FHIR R4 supplyrequest-status
_SUPPLY = {"on-hold": "suspended", "revoked": "cancelled"}
_UNKNOWN = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}


@function("supply_status")
def supply_status(rqd: Segment, out: Resource, at: At) -> None:
    """As of any order, in the words that R4 has for supplies."""
    order_status(rqd, out, at)
    out["status"] = _SUPPLY.get(out["status"], out["status"])


@function("supply_quantity")
def supply_quantity(rqd: Segment, out: Resource, at: At) -> None:
    """RQD-5 in the unit of RQD-6; said to be unknown without it."""
    out["quantity"] = amount(rqd, 5, 6, at) or _UNKNOWN


@function("diet")
def diet(ods: Segment, out: Resource, at: At) -> None:
    """A diet (D), a supplement (S) or a preference (P) by ODS-1. Source: HL7 table 0159."""
    codes = [said for rep in ods[3].reps if (said := concept(rep, at.scope))]
    text = "\n".join(rep.whole for rep in ods[4].reps if rep.raw)
    texts = {"instruction": text} if text else {}
    kind = ods.text(1).strip().upper()
    if kind == "P" and codes:
        out["foodPreferenceModifier"] = codes
        if text:
            out["note"] = [{"text": text}]
    elif kind == "S":
        out["supplement"] = [{"type": code, **texts} for code in codes] or [texts]
    else:
        types: dict[str, Any] = {"type": codes} if codes else {}
        out["oralDiet"] = {**types, **texts}
    _periods(ods, 2, out, at)


@function("tray")
def tray(odt: Segment, out: Resource, at: At) -> None:
    """ODT-1, the kind of tray, as a diet; ODT-3 as its instruction. Source: HL7 table 0160."""
    kind = concept(odt[1].first, at.scope, table=v2_table("0160"))
    text = odt[3].first.whole
    out["oralDiet"] = {
        **({"type": [kind]} if kind else {}),
        **({"instruction": text} if text else {}),
    }
    _periods(odt, 2, out, at)


def _periods(segment: Segment, number: int, out: Resource, at: At) -> None:
    """The meals that it is for, as the text of a schedule."""
    meals = [
        said.get("text") or said["coding"][0]["code"]
        for rep in segment[number].reps
        if (said := concept(rep, at.scope))
    ]
    if not meals:
        return
    schedule = [{"code": {"text": ", ".join(meals)}}]
    if "supplement" in out:
        out["supplement"] = [{**one, "schedule": schedule} for one in out["supplement"]]
    elif "oralDiet" in out:
        out["oralDiet"] = {**out["oralDiet"], "schedule": schedule}
    else:
        at.scope.warn(f"{segment.name}-{number}", "a preference has no schedule; left out")
