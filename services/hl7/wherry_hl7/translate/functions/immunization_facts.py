"""OBX below an RXA become what R4 has a place for in the Immunization; the rest stays results.

Source: CDC implementation guide for immunization messaging 2.5.1, OBX-3 and OBX-4; FHIR R4
Immunization.
"""

from collections.abc import Callable
from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON, LOINC, SOURCE_VALUE
from wherry.hl7.segment import Segment
from wherry.resource import Resource
from wherry_hl7.mapping.named import function
from wherry_hl7.mapping.values import beside_table
from wherry_hl7.translate.at import At
from wherry_hl7.translate.converters.codes import concept, cwe

_TAKEN = frozenset({1, 2, 3, 4, 5, 11})
_NO_FACT = frozenset("DWXINO")  # OBX-11: deleted, wrong, no result

_DOCUMENT, _VACCINE, _PUBLISHED, _PRESENTED = "69764-9", "30956-7", "29768-9", "29769-7"
_DOSE, _DOSES, _SERIES, _SCHEDULE = "30973-2", "59782-3", "59780-7", "59779-9"
_EDUCATION = frozenset({_DOCUMENT, _VACCINE, _PUBLISHED, _PRESENTED})
_PROTOCOL = frozenset({_DOSE, _DOSES, _SERIES, _SCHEDULE})

_UNKNOWN = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}

Group = dict[str, Segment]


@function("immunization_facts")
def immunization_facts(rxa: Segment, out: Resource, at: At) -> None:
    """Eligibility, funding, education, protocol and comments about this vaccination."""
    del rxa
    facts = [one for group in at.group.groups("OBSERVATION") for one in group.all("OBX")]
    by_sub_id: list[Group] = []
    for obx in facts:
        if obx.text(11).strip().upper() in _NO_FACT or not obx.field(5):
            continue
        code = _code(obx, at)
        if code in _ALONE:
            if _ALONE[code](obx, out, at):
                at.scope.use(obx, _TAKEN)
        elif code in _EDUCATION | _PROTOCOL:
            _gather(by_sub_id, code, obx)
    for group in by_sub_id:
        _education(group, out, at)
        _protocol(group, out, at)


def _code(obx: Segment, at: At) -> str:
    """The LOINC code of OBX-3."""
    for coding in concept(obx[3].first, at.scope).get("coding", ()):
        if coding.get("system") == LOINC:
            return coding["code"]
    return ""


def _gather(groups: list[Group], code: str, obx: Segment) -> None:
    """Those of one OBX-4 belong together; the same code again begins another group."""
    sub_id = obx.text(4).strip()
    for group in reversed(groups):
        if next(iter(group.values())).text(4).strip() == sub_id:
            if code in group:
                break
            group[code] = obx
            return
    groups.append({code: obx})


def _eligible(obx: Segment, out: Resource, at: At) -> bool:
    said = _by_table("ImmunizationEligibility", obx, at)
    if said:
        out["programEligibility"] = [*out.get("programEligibility", ()), said]
    return bool(said)


def _funded(obx: Segment, out: Resource, at: At) -> bool:
    said = _by_table("ImmunizationFunding", obx, at)
    if not said or "fundingSource" in out:
        return False
    out["fundingSource"] = said
    return True


def _commented(obx: Segment, out: Resource, at: At) -> bool:
    del at
    text = "\n".join(rep.whole for rep in obx[5].reps).strip()
    if text:
        out["note"] = [*out.get("note", ()), {"text": text}]
    return bool(text)


_ALONE: dict[str, Callable[[Segment, Resource, At], bool]] = {
    "64994-7": _eligible,
    "30963-3": _funded,
    "48767-8": _commented,
}


def _by_table(name: str, obx: Segment, at: At) -> Any:
    return beside_table(at.scope.tables[name], cwe)(obx[5].first, at)


def _education(group: Group, out: Resource, at: At) -> None:
    """The sheet that was handed out, by its own number, else by the vaccine that it is about."""
    made: dict[str, Any] = {}
    dates = {_PUBLISHED: "publicationDate", _PRESENTED: "presentationDate"}
    used = []
    for code, element in dates.items():
        if (obx := group.get(code)) and (when := at.scope.moment(obx.text(5), "OBX-5")).date:
            made[element] = when.full or when.date
            used.append(obx)
    named = group.get(_DOCUMENT) or (group.get(_VACCINE) if made else None)
    if named is not None and (said := concept(named[5].first, at.scope)):
        used.append(named)
        made |= _document(said)
    elif made:
        made["_documentType"] = _UNKNOWN  # one of documentType and reference: imm-1
    if made:
        out["education"] = [*out.get("education", ()), made]
    for obx in used:
        at.scope.use(obx, _TAKEN)


def _document(said: Any) -> dict[str, Any]:
    code = next((one["code"] for one in said.get("coding", ())), "")
    text = said.get("text", "")
    made: dict[str, Any] = {"documentType": code or text}
    if code and text and text != code:
        made["_documentType"] = {"extension": [{"url": SOURCE_VALUE, "valueString": text}]}
    return made


def _protocol(group: Group, out: Resource, at: At) -> None:
    """Which dose of how many by which schedule; without a dose number R4 has no place for it."""
    dose = group.get(_DOSE)
    if dose is None or not (said := _counted("doseNumber", dose)):
        return
    used = [dose]
    if (doses := group.get(_DOSES)) and (more := _counted("seriesDoses", doses)):
        said |= more
        used.append(doses)
    for code in (_SERIES, _SCHEDULE):
        obx = group.get(code)
        named = concept(obx[5].first, at.scope) if obx is not None else {}
        text = named.get("text") or next((one["code"] for one in named.get("coding", ())), "")
        if obx is None or not text:
            continue
        used.append(obx)
        if code == _SERIES:
            said["series"] = text
        else:
            said["authority"] = {"type": "Organization", "display": text}
    out["protocolApplied"] = [*out.get("protocolApplied", ()), said]
    for obx in used:
        at.scope.use(obx, _TAKEN)


def _counted(element: str, obx: Segment) -> dict[str, Any]:
    """A whole number from 1 as such, anything else as text."""
    text = obx.text(5).strip()
    digits = text.removesuffix(".0")
    if digits.isascii() and digits.isdecimal() and 0 < int(digits[:9]) < 1000:
        return {f"{element}PositiveInt": int(digits)}
    return {f"{element}String": text} if text else {}
