"""A pair of templates of Azure's device service becomes one of ours, and the list of its mistakes.

Source: iomt-fhir, CollectionContent and CollectionFhir templates.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from wherry.errors import Failure, Kind
from wherry.fhir.systems import LOINC
from wherry.units import unit_of
from wherry_devices.mapping.vitals import PANELS, VITALS, kind_of, kinds

_PLAIN = re.compile(r"\$\.(?P<path>[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*)", re.ASCII)
_SQUEEZED = re.compile(r"[^a-z0-9]")
# What values are called in such templates, squeezed to letters and digits.
_CALLED: Mapping[str, str] = {
    "hr": "heart_rate",
    "heartrate": "heart_rate",
    "systolic": "bp_systolic",
    "systolicbloodpressure": "bp_systolic",
    "diastolic": "bp_diastolic",
    "diastolicbloodpressure": "bp_diastolic",
    "spo2": "spo2",
    "oxygensaturation": "spo2",
    "bodytemperature": "body_temp",
    "temp": "body_temp",
    "temperature": "body_temp",
    "respiratoryrate": "resp_rate",
    "weight": "weight",
    "bodymass": "weight",
    "bodyweight": "weight",
    "height": "height",
    "glucose": "glucose",
    "bloodglucose": "glucose",
    "restingheartrate": "heart_rate_resting",
}
# Units that only look like UCUM, by what was meant.
_MEANT: Mapping[str, str] = {
    "count/min": "/min",
    "breaths/minute": "/min",
    "breaths/min": "/min",
    "degC": "Cel",
    "lbs": "[lb_av]",
}


@dataclass(frozen=True, slots=True)
class Imported:
    """Our template as YAML, empty when nothing could be taken over, and what was wrong."""

    text: str
    findings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the FHIR template says of one value."""

    codes: frozenset[str]
    unit: str
    sampled: bool


def imported(device: Any, fhir: Any, name: str) -> Imported:
    """Take a pair over. Raises: Failure(INVALID) when it is no such pair."""
    contents = _collection(device, "CollectionContent")
    targets = {
        str(one.get("typeName", "")).casefold(): one for one in _collection(fhir, "CollectionFhir")
    }
    findings: list[str] = []
    values: list[dict[str, Any]] = []
    places: dict[str, str] = {}
    for content in contents:
        type_ = str(content.get("typeName", ""))
        target = targets.get(type_.casefold())
        if target is None:
            findings.append(f"{type_}: no FHIR template has this typeName")
            continue
        findings += _about(type_, target)
        said = _said(target)
        for value in content.get("values") or ():
            made = _value(type_, value, said, findings)
            if made is not None:
                values.append(made)
        for ours, theirs in (
            ("device", "deviceIdExpression"),
            ("account", "patientIdExpression"),
            ("time", "timestampExpression"),
        ):
            _place(type_, ours, content.get(theirs), places, findings)
    return Imported(_written(name, values, places, findings), tuple(dict.fromkeys(findings)))


def _collection(data: Any, type_: str) -> list[dict[str, Any]]:
    if not isinstance(data, dict) or data.get("templateType") != type_:
        raise Failure(Kind.INVALID, f"no {type_} template")
    found = [one.get("template") for one in data.get("template") or () if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)]


def _about(type_: str, target: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with one FHIR template whatever its values are."""
    if not target.get("category"):
        yield f"{type_}: no category, so no vital-signs profile holds"
    if target.get("periodInterval"):
        yield f"{type_}: values of {target['periodInterval']} minutes become one, by UTC hours"
    components = target.get("components") or ()
    codes = [code for one in components for code in _codes(one)]
    for code in dict.fromkeys(code for code in codes if codes.count(code) > 1):
        yield f"{type_}: two components have LOINC {code}"


def _said(target: Mapping[str, Any]) -> dict[str, _Said]:
    parts = [target, *(target.get("components") or ())]
    found = {}
    for part in parts:
        value = part.get("value")
        if isinstance(value, dict):
            sampled = value.get("valueType") == "SampledData"
            name = str(value.get("valueName", ""))
            found[name] = _Said(_codes(part), str(value.get("unit", "")), sampled)
    return found


def _codes(part: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(
        str(one.get("code", "")) for one in part.get("codes") or () if one.get("system") == LOINC
    )


def _value(
    type_: str, value: Mapping[str, Any], said: Mapping[str, _Said], findings: list[str]
) -> dict[str, Any] | None:
    name = str(value.get("valueName", ""))
    at = f"{type_}.{name}"
    about = said.get(name)
    kind = _CALLED.get(_squeezed(name)) or _CALLED.get(_squeezed(type_), "")
    if about is None:
        findings.append(f"{at}: the FHIR template has no such value")
        return None
    if not kind:
        findings.append(f"{at}: no kind of reading of ours; not taken over")
        return None
    ours = {VITALS[one].code for one in kinds(kind)} | {
        code for one in kinds(kind) for code in VITALS[one].also
    }
    if about.codes and not about.codes & ours:
        wrong = ", ".join(_named(code) for code in sorted(about.codes))
        findings.append(f"{at}: coded as {wrong}; it is {' or '.join(sorted(ours))}")
    if about.sampled:
        findings.append(f"{at}: SampledData hides single values; each becomes an Observation")
    unit = _unit(at, kind, about.unit, findings)
    path = _path(value.get("valueExpression"))
    if not path:
        findings.append(f"{at}: this expression cannot be taken over")
    return {"kind": kind, "number": path, "unit": unit} if unit and path else None


def _unit(at: str, kind: str, said: str, findings: list[str]) -> str:
    """The UCUM unit that was meant; empty when nobody knows."""
    allowed = [unit for one in kinds(kind) for unit in VITALS[one].units]
    if said in allowed:
        return said
    meant = _MEANT.get(said) or unit_of(system="", code="", printed=said)
    if meant and kind_of(kind, meant):
        findings.append(f'{at}: "{said}" is no UCUM unit of it; taken over as {meant}')
        return meant
    findings.append(f'{at}: "{said}" says no unit; one of {", ".join(allowed)}')
    return ""


def _place(type_: str, ours: str, text: Any, places: dict[str, str], findings: list[str]) -> None:
    if not text:
        return
    path = _path(text)
    if not path:
        findings.append(f"{type_}: the expression of its {ours} cannot be taken over")
    elif places.setdefault(ours, path) != path:
        findings.append(f"{type_}: its {ours} is elsewhere than that of the others: {path}")


def _written(
    name: str, values: list[dict[str, Any]], places: Mapping[str, str], findings: list[str]
) -> str:
    made = {value["kind"] for value in values}
    for panel in PANELS.values():
        if made & set(panel.kinds) and not set(panel.kinds) <= made:
            values = [one for one in values if one["kind"] not in panel.kinds]
    if not values or "time" not in places or not {"device", "account"} & set(places):
        findings.append("nothing is left that could be read")
        return ""
    template = {
        "id": name,
        "version": "1",
        "title": f"{name}, from a template of Azure's device service",
        "items": "[@][]",
        **{one: places[one] for one in ("account", "device") if one in places},
        "time": {"iso": places["time"]},
        "codes": {"*": values},
    }
    findings.append("times without an offset are set aside; the device service took them for UTC")
    return yaml.safe_dump(template, sort_keys=False)


def _path(text: Any) -> str:
    """A JSONPath that is only names, as JMESPath; empty for all others."""
    value = text.get("value") if isinstance(text, dict) else text
    found = _PLAIN.fullmatch(str(value or ""))
    return found["path"] if found else ""


def _named(code: str) -> str:
    display = next((one.display for one in VITALS.values() if one.code == code), "")
    return f"{code} ({display})" if display else code


def _squeezed(text: str) -> str:
    return _SQUEEZED.sub("", text.casefold())
