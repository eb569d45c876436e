"""What IN1 and IN2 say of a coverage that a line of a map cannot."""

from typing import Any

from wherry.fhir.identity import key
from wherry.fhir.systems import DATA_ABSENT_REASON, v2_table
from wherry.hl7.segment import Rep, Segment
from wherry.resource import Coding, Identifier, Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, text, token
from wherry_hl7.translate.converters.identifiers import of_cx
from wherry_hl7.translate.converters.money import money
from wherry_hl7.translate.converters.places import xon_identity
from wherry_hl7.translate.functions.clinical import own_identity
from wherry_hl7.translate.functions.related import SELF, related, social_security_of

_CLASS = "http://terminology.hl7.org/CodeSystem/coverage-class"
_PLAN = {"coding": [{"system": _CLASS, "code": "plan", "display": "Plan"}]}
_COPAY = "http://terminology.hl7.org/CodeSystem/coverage-copay-type"
_DEDUCTIBLE = {"coding": [{"system": _COPAY, "code": "deductible", "display": "Deductible"}]}
_UNKNOWN = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}


@function("coverage_identity")
def coverage_identity(in1: Segment, at: At) -> Identifier | None:
    """Payor, plan and policy (else insured's number, else group) of this patient.

    Source: HL7 v2.5.1 §6.5.6; IN1-1 only counts and is no part of it. None for an empty IN1.
    """
    payor = in1.text(3).strip() or in1.text(4).strip().casefold()
    plan = token(in1.text(2) or in1.text(2, 2))
    policy = (in1.text(36) or in1.text(49) or in1.text(8)).strip()
    if not any(map(in1.field, range(2, len(in1) + 1))):
        return None
    return own_identity(at, "coverage", key(payor, plan, policy), apart=True)


@function("payor_identity")
def payor_identity(in1: Segment, at: At) -> Identifier | None:
    """The insurance company by its number (IN1-3), else by its name here (IN1-4)."""
    found = of_cx(in1[3].first, at.scope, "IN1-3", unnamed="payor")
    if found is not None:
        return found
    name = in1.text(4).strip()
    return {"system": at.scope.own("organization"), "value": name} if name else None


@function("insured_identity")
def insured_identity(in1: Segment, at: At) -> Identifier | None:
    """The insured by name and relationship: the same person as in NK1 and GT1 is the same.

    Empty when it is the patient.
    """
    if _is_patient(in1, at):
        at.scope.take(in1, frozenset({16, 18}))
        return {}
    return related(at, None, in1[16].first, in1[17].first)


@function("insured_social_security")
def insured_social_security(in1: Segment, out: Resource, at: At) -> None:
    """IN2-2, a social security number."""
    in2 = at.near("IN2")
    if in2 is not None and in2.text(2):
        social_security_of(in2, out, at, 2)


@function("subscriber")
def subscriber(in1: Segment, out: Resource, at: At) -> None:
    """The patient where IN1-17 says so or IN1-16 and IN1-18 are the patient's, else the insured."""
    patient, insured = at.find("Patient"), at.here.get("RelatedPerson")
    if insured is not None:
        out["subscriber"] = insured.reference
    elif patient is not None and (_said_self(in1) or _is_patient(in1, at)):
        out["subscriber"] = patient.reference


@function("subscriber_relationship")
def subscriber_relationship(in1: Segment, out: Resource, at: At) -> None:
    """What the patient is to the insured: IN2-72, else IN1-17 reversed; with what was sent."""
    in2 = at.near("IN2")
    tables = at.scope.tables
    rows = (
        (tables["SubscriberRelationship"], in2[72].first if in2 is not None else None, "0344"),
        (tables["SubscriberRelationshipOfInsured"], in1[17].first, "0063"),
    )
    for table, rep, number in rows:
        if rep is None or not rep[1].strip():
            continue
        row = table.find(token(rep[1]))
        if row is not None and row.to:
            coding: Coding = {"system": row.system, "code": row.to, "display": row.display}
            sent = concept(rep, at.scope, table=v2_table(number))
            out["relationship"] = {**sent, "coding": [coding, *sent.get("coding", ())]}
            return
        at.scope.unknown_code(table.name, "IN2-72" if number == "0344" else "IN1-17")


@function("coverage_status")
def coverage_status(in1: Segment, out: Resource, at: At) -> None:
    """A coverage that is sent is active; IN1-55 D takes it back. Source: table 0206."""
    del at
    out["status"] = "entered-in-error" if in1.text(55).strip().upper() == "D" else "active"


@function("policy_number")
def policy_number(in1: Segment, out: Resource, at: At) -> None:
    """IN1-36 and the member's number (IN2-61) as identifiers, under the payor that gave them."""
    payor = in1.text(3).strip() or in1.text(4).strip()
    if policy := in1.text(36).strip():
        system = at.scope.own("policy", *([payor] if payor else []))
        out["identifier"] = [*out["identifier"], {"system": system, "value": policy}]
    in2 = at.near("IN2")
    if in2 is not None and in2.field(61):
        member = of_cx(in2[61].first, at.scope, "IN2-61", unnamed="member", type_="MB")
        if member is not None:
            out["identifier"] = [*out["identifier"], member]


@function("payor")
def payor_of(in1: Segment, out: Resource, at: At) -> None:
    """The insurance company, else whatever the plan is called: R4 wants a payor."""
    made = at.here.get("Organization")
    if made is not None:
        name = made.resource.get("name")
        out["payor"] = [{**made.reference, **({"display": name} if name else {})}]
        return
    called = text(in1[2].first, at) or in1.text(9).strip() or in1.text(11).strip()
    out["payor"] = [{"type": "Organization", "display": called} if called else _UNKNOWN]


@function("policy_holder")
def policy_holder(in1: Segment, out: Resource, at: At) -> None:
    """The group's organization (IN1-11, an employer mostly) with its number (IN1-10)."""
    rep = in1[11].first
    holder = at.scope.convert("XON.Organization", rep, at) if rep.raw else None
    if not holder:
        return
    out["policyHolder"] = holder
    identity = xon_identity(rep, at)
    made = at.draft.known("Organization", identity) if identity else None
    number = of_cx(in1[10].first, at.scope, "IN1-10", unnamed="group")
    if made is not None and number is not None and number not in made.resource["identifier"]:
        made.resource["identifier"] = [*made.resource["identifier"], number]


@function("plan_class")
def plan_class(in1: Segment, out: Resource, at: At) -> None:
    """IN1-2, else IN1-35, as the plan; its text is the name."""
    del at
    rep = in1[2].first if in1.text(2) or in1.text(2, 2) else in1[35].first
    value = (rep[1] or rep[2]).strip()
    if value:
        named = {"name": rep[2].strip()} if rep[1].strip() and rep[2].strip() else {}
        out["class"] = [*out.get("class", ()), {"type": _PLAN, "value": value, **named}]


@function("group_name")
def group_name(in1: Segment, out: Resource, at: At) -> None:
    """IN1-9 as the name of the group of IN1-8, else as the group itself."""
    del at
    name = in1.text(9).strip()
    if not name:
        return
    groups = out.get("class", [])
    if in1.text(8).strip() and groups:
        out["class"] = [*groups[:-1], {**groups[-1], "name": name}]
    else:
        kind = {"coding": [{"system": _CLASS, "code": "group", "display": "Group"}]}
        out["class"] = [*groups, {"type": kind, "value": name}]


@function("cost_to_beneficiary")
def cost_to_beneficiary(in1: Segment, out: Resource, at: At) -> None:
    """IN1-37, the deductible, as what the patient pays."""
    if value := money(in1[37].first, at):
        out["costToBeneficiary"] = [{"type": _DEDUCTIBLE, "valueMoney": value}]


@function("account_coverage")
def account_coverage(in1: Segment, out: Resource, at: At) -> None:
    """The Coverage just made as one that pays for the account, in its order (IN1-22, IN1-1)."""
    made = at.here.get("Coverage")
    if made is None:
        return
    covered: dict[str, Any] = {"coverage": made.reference}
    order = (in1.text(22) or in1.text(1)).strip()
    if order.isdecimal() and order.isascii() and int(order[:9]) > 0:
        covered["priority"] = int(order[:9])
    if covered not in out.get("coverage", ()):
        out["coverage"] = [*out.get("coverage", ()), covered]


def _said_self(in1: Segment) -> bool:
    return token(in1.text(17)).upper() in SELF | {"ONESELF"}


def _is_patient(in1: Segment, at: At) -> bool:
    """Without a relationship: whether name and birth date are both sent and the patient's."""
    pid = at.near("PID")
    if pid is None or in1.text(17).strip() or not in1.text(18).strip():
        return False
    born = in1.text(18)[:8] == pid.text(7)[:8]
    return born and _name(in1[16].first) == _name(pid[5].first) != ("", "")


def _name(rep: Rep) -> tuple[str, str]:
    return rep[1].strip().casefold(), rep[2].strip().casefold()
