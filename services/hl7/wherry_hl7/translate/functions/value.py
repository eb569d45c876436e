"""OBX-5, read as OBX-2 says, becomes one value[x]; what cannot be read stays as text."""

import re
from collections.abc import Callable
from typing import Any

from wherry.fhir.systems import OBSERVATION_VALUE
from wherry.hl7.segment import Rep, Segment
from wherry_hl7.translate.converters.attachments import content_type, data_of
from wherry_hl7.translate.converters.codes import concept
from wherry_hl7.translate.converters.numbers import COMPARATORS, number
from wherry_hl7.translate.scope import Scope
from wherry_hl7.translate.times import time_of_day

Value = dict[str, Any]
_NOT_READ = "not of the type that OBX-2 says; kept as text"


def values(obx: Segment, units: dict[str, str], scope: Scope) -> list[Value]:
    """The value[x] of each repetition of OBX-5 that holds something.

    Source: HL7 v2-to-FHIR, Segment OBX to Observation, OBX-5; FHIR R4 Observation.value[x].
    """
    type_ = obx.field(2).strip().upper()
    reps = obx[5].reps
    return [said for rep in reps if (said := _value(type_, rep, units, scope))]


def plain_number(obx: Segment) -> Value | None:
    """The number of an NM with nothing to take apart; None for all else."""
    return number(obx.field(5)) if obx.field(2).strip().upper() == "NM" else None


def _value(type_: str, rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    if not rep.raw or rep.is_null:
        return {}
    read = _READERS.get(type_)
    if read is None:
        scope.warn("OBX-2", "no data type that is known; OBX-5 kept as text" if type_ else _EMPTY)
        return _words(rep, units, scope)
    found = read(rep, units, scope)
    if not found and (text := _words(rep, units, scope)):
        scope.warn("OBX-5", _NOT_READ)
        return text
    return found


_EMPTY = "empty; OBX-5 kept as text"


def _number(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del scope
    found = number(rep.whole)
    return {"valueQuantity": {**found, **units}} if found else {}


def _structured(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    """SN: comparator ^ number ^ separator ^ number. Source: HL7 v2.5.1 §2.A.70."""
    sign, first, separator, second = rep[1].strip(), number(rep[2]), rep[3].strip(), number(rep[4])
    exact = sign not in _INEXACT
    if first and second and exact and separator in (":", "/"):
        return {"valueRatio": {"numerator": {**first, **units}, "denominator": {**second, **units}}}
    if first and second and exact and separator == "-" and first["value"] <= second["value"]:
        return {"valueRange": {"low": {**first, **units}, "high": {**second, **units}}}
    if first and separator not in _JOINING and sign in (*COMPARATORS, "=", ""):
        if rep[4]:
            scope.warn("OBX-5", "the number after an unknown separator was not used")
        comparator = {"comparator": sign} if sign in COMPARATORS else {}
        return {"valueQuantity": {**first, **comparator, **units}}
    text = "".join(rep[n].strip() for n in range(1, 5))
    return {"valueString": " ".join([text, *_shown(units)])} if rep[2] else {}


_INEXACT = frozenset({*COMPARATORS, "<>"})
_JOINING = frozenset({":", "/", "-", "+"})


def _range(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del scope
    low, high = number(rep[1]), number(rep[2])
    sides = {"low": low, "high": high}
    found = {side: {**at, **units} for side, at in sides.items() if at and "comparator" not in at}
    return {"valueRange": found} if found else {}


def _coded(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del units
    said = concept(rep, scope)
    return {"valueCodeableConcept": said} if said else {}


def _text(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del units, scope
    text = rep.whole
    return {"valueString": text} if text else {}


def _words(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    """All components as one text, with the unit that would otherwise be lost."""
    del scope
    words = [word for n in range(1, len(rep) + 1) if (word := rep.text_of(n).strip())]
    return {"valueString": " ".join([*words, *_shown(units)])} if words else {}


def _date_time(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del units
    out: Value = {}
    scope.set_date_time(out, "valueDateTime", rep[1], "OBX-5")
    return out if "valueDateTime" in out else {}


def _time(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del units, scope
    text = time_of_day(rep[1].strip())
    return {"valueTime": text} if text else {}


def _period(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del units
    found = scope.period(rep[1], rep[2], "OBX-5")
    return {"valuePeriod": found} if found.keys() & {"start", "end"} else {}


def _between(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    del scope
    ends = [part for part in (rep[1].strip(), rep[2].strip()) if part]
    return {"valueString": " ".join(["-".join(ends), *_shown(units)])} if ends else {}


def _shown(units: dict[str, str]) -> list[str]:
    return [units["unit"]] if "unit" in units else []


def _encapsulated(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    """ED: source ^ type ^ subtype ^ encoding ^ data. Source: HL7 v2.5.1 §2.A.24, table 0299."""
    del units
    data = data_of(rep)
    if not data:
        scope.warn("OBX-5", "attached data cannot be read; kept as text")
        return {}
    kind = content_type(rep[2], rep[3], scope) or "application/octet-stream"
    return _attached({"contentType": kind, "data": data})


def _pointer(rep: Rep, units: dict[str, str], scope: Scope) -> Value:
    """RP: pointer ^ application ^ type ^ subtype. Source: HL7 v2.5.1 §2.A.65."""
    del units
    url = rep.text_of(1).strip()
    if not url or re.search(r"\s", url):
        return {}
    if kind := content_type(rep[3], rep[4], scope):
        return _attached({"contentType": kind, "url": url})
    title = "/".join(filter(None, (rep[3].strip(), rep[4].strip()))).lower()
    return _attached({"url": url, **({"title": title} if title else {})})


def _attached(attachment: dict[str, str]) -> Value:
    """An attachment, for which R4 has no value[x]: the R5 one, as an extension."""
    return {"extension": [{"url": OBSERVATION_VALUE, "valueAttachment": attachment}]}


_READERS: dict[str, Callable[[Rep, dict[str, str], Scope], Value]] = {
    **dict.fromkeys(("NM", "MO", "SI"), _number),
    "SN": _structured,
    "NR": _range,
    **dict.fromkeys(("CE", "CWE", "CNE", "CF", "IS", "ID"), _coded),
    **dict.fromkeys(("ST", "TX", "FT", "GTS"), _text),
    **dict.fromkeys(("DT", "DTM", "TS"), _date_time),
    "TM": _time,
    "DR": _period,
    "VR": _between,
    "ED": _encapsulated,
    "RP": _pointer,
    **dict.fromkeys(
        ("CX", "CK", "EI", "HD", "PL", "XAD", "XCN", "XON", "XPN", "XTN", "PN", "AD", "TN", "CN",
         "NA", "MA", "CP", "TQ", "CM", "PPN", "RI", "DLN", "JCC", "CQ", "MF", "CD"),
        _words,
    ),
}  # fmt: skip
