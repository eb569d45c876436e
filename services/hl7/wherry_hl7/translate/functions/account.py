"""What PID, PV1 and GT1 say of an account that a line of a map cannot."""

from typing import Any

from wherry.hl7.segment import Segment
from wherry.resource import Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import token
from wherry_hl7.translate.converters.identifiers import of_cx
from wherry_hl7.translate.functions.related import SELF


@function("billed_account_identity")
def billed_account_identity(blg: Segment, at: At) -> Identifier | None:
    """The account by its number (BLG-3), named as one of PID-18."""
    return of_cx(blg[3].first, at.scope, "BLG-3", unnamed="account", type_="AN")


@function("account_status")
def account_status(pid: Segment, out: Resource, at: At) -> None:
    """By the event where that opens or closes accounts (BAR, DFT), else active, which is weak.

    Source: HL7 v2-to-FHIR, PID[Account]; HL7 v2.5.1 chapter 6.
    """
    del pid
    row = at.scope.tables["AccountStatusOfEvent"].get(at.scope.event)
    out["status"] = row.to if row is not None and row.to else "active"
    at.weak = [one for one in at.weak if one != "status"]
    if row is None:
        at.weak.append("status")


@function("account_status_of_visit")
def account_status_of_visit(pv1: Segment, out: Resource, at: At) -> None:
    """PV1-41, a table of the sender's own: only words that mean what R4 means.

    What it says is no longer only supposed.
    """
    if not (code := token(pv1.text(41))):
        return
    row = at.scope.tables["AccountStatus"].get(code)
    if row is None:
        at.scope.unknown_code("AccountStatus", "PV1-41")
    elif row.to:
        out["status"] = row.to
        account = at.find("Account")
        if account is not None:
            at.draft.insist(account, "status")


@function("guarantor")
def guarantor(gt1: Segment, out: Resource, at: At) -> None:
    """The person or organization just made, else the patient, as the guarantor of the account."""
    party = at.here.get("RelatedPerson") or at.here.get("Organization")
    if party is None and token(gt1.text(11)).upper() in SELF:
        party = at.find("Patient")
    if party is None:
        return
    made: dict[str, Any] = {"party": party.reference}
    if period := at.scope.period(gt1.text(13), gt1.text(14), "GT1-13", "GT1-14"):
        made["period"] = period
    if made not in out.get("guarantor", ()):
        out["guarantor"] = [*out.get("guarantor", ()), made]
