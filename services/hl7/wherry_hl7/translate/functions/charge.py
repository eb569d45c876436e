"""What FT1 says of a charge that a line of a map cannot."""

from decimal import Decimal
from typing import Any

from wherry.fhir.identity import key
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import converter, function
from wherry_hl7.mapping.values import decimal
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, token
from wherry_hl7.translate.converters.money import money
from wherry_hl7.translate.functions.clinical import own_identity

_BILLED = ("Account", "Encounter", "Patient")
_CPT = "http://www.ama-assn.org/go/cpt"


@function("charge_identity")
def charge_identity(ft1: Segment, at: At) -> Identifier | None:
    """The charge by its transaction number (FT1-2), else as one of this message.

    The same service is charged again on another day: without a number nothing but the message
    tells one charge from the next.
    """
    if number := ft1.text(2).strip():
        return own_identity(at, "charge", key("id", number), within=_BILLED, apart=True)
    if not any(ft1.text(number) for number in (7, 8, 25)):
        return None
    at.scope.warn("FT1-2", "no transaction number; this charge is known by its message only")
    value = key("message", at.scope.message_key, token(ft1.text(7) or ft1.text(25)))
    return own_identity(at, "charge", value, apart=True)


@function("charge_code")
def charge_code(ft1: Segment, out: Resource, at: At) -> None:
    """FT1-7, with the procedure (FT1-25 and its modifiers, FT1-26) as a further coding."""
    said: dict[str, Any] = dict(concept(ft1[7].first, at.scope))
    procedure = concept(ft1[25].first, at.scope)
    codings = [*said.get("coding", ())]
    for one in procedure.get("coding", ()):
        if one.get("system") == _CPT and (modifiers := _modifiers(ft1)):
            codings.append({"system": _CPT, "code": f"{one['code']}:{modifiers}"})
        if one not in codings:
            codings.append(one)
    if codings:
        said["coding"] = codings
    text = ft1[8].first.whole.strip() or said.get("text", "") or procedure.get("text", "")
    if text:
        said["text"] = text
    if said:
        out["code"] = said


@function("charge_time")
def charge_time(ft1: Segment, out: Resource, at: At) -> None:
    """FT1-4 as a time, as a period when it has two."""
    rep = ft1[4].first
    if rep[2] and (period := at.scope.period(rep[1], rep[2], "FT1-4")):
        out["occurrencePeriod"] = period
    else:
        at.scope.set_date_time(out, "occurrenceDateTime", rep[1], "FT1-4")


@function("charge_price")
def charge_price(ft1: Segment, out: Resource, at: At) -> None:
    """FT1-11, the amount of the whole transaction, else FT1-12 for each, by the quantity."""
    whole = money(ft1[11].first, at) if ft1.field(11) else None
    each = money(ft1[12].first, at) if ft1.field(12) and whole is None else None
    if each is not None:
        times = decimal(ft1.text(10), "FT1-10", at) if ft1.text(10).strip() else Decimal(1)
        whole = {**each, "value": each["value"] * times} if times is not None else None
    if whole is not None:
        out["priceOverride"] = whole


@converter("NM.decimal")
def number(rep: Rep, at: At) -> Decimal | None:
    """An NM as a decimal, digits unchanged."""
    found: Decimal | None = decimal(rep[1], rep.at, at)
    return found


def _modifiers(ft1: Segment) -> str:
    return ",".join(token(rep[1]) for rep in ft1[26].reps if rep[1].strip())
