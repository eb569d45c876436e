"""All that is made of the examples meets R4 and the must-haves of the profiles that it names."""

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from tests.devices.harness import NOW, TEMPLATES

from wherry.codec import decode
from wherry.fhir.check import problems
from wherry.resource import Resource
from wherry_devices.commands.convert import told
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.vitals import VITALS

GOLDEN = sorted((Path(__file__).parents[1] / "golden/devices").glob("*/expected.json"))
CORPUS = Path(__file__).parents[2] / "../shared/data/devices"
FILES = sorted(path for path in CORPUS.glob("**/*") if path.suffix in {".json", ".xml"})

CORE = "http://hl7.org/fhir/StructureDefinition/"
CARDX = "http://hl7.org/fhir/uv/cardx-htn-mng/StructureDefinition/"
CGM = "http://hl7.org/fhir/uv/cgm/StructureDefinition/"
PHD = "http://hl7.org/fhir/uv/phd/"
LOINC, MDC, UCUM = "http://loinc.org", "urn:iso:std:iso:11073:10101", "http://unitsofmeasure.org"
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"

# The code that a profile fixes, and the units that it allows. Source: FHIR R4 4.0.1, vital signs.
MAGIC: Mapping[str, tuple[str, frozenset[str]]] = {
    "heartrate": ("8867-4", frozenset({"/min"})),
    "resprate": ("9279-1", frozenset({"/min"})),
    "oxygensat": ("2708-6", frozenset({"%"})),
    "bodytemp": ("8310-5", frozenset({"Cel", "[degF]"})),
    "bodyweight": ("29463-7", frozenset({"g", "kg", "[lb_av]"})),
    "bodyheight": ("8302-2", frozenset({"cm", "[in_i]"})),
    "bmi": ("39156-5", frozenset({"kg/m2"})),
}
CGM_UNITS = {
    "cgm-sensor-reading-mass-per-volume": ("99504-3", "mg/dL", "mg/dl"),
    "cgm-sensor-reading-moles-per-volume": ("105272-9", "mmol/L", "mmol/l"),
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
DAY = re.compile(r"\d{4}-\d\d-\d\d")

Rule = Callable[[Resource], bool]


def codes(concept: Resource, system: str) -> list[str]:
    return [one["code"] for one in concept.get("coding", ()) if one.get("system") == system]


def valued(element: Resource) -> bool:
    """A value, or the reason why there is none; never both."""
    has = [name for name in element if name.startswith("value")]
    return len(has) + ("dataAbsentReason" in element) == 1


def in_unit(element: Resource, allowed: frozenset[str] | set[str]) -> bool:
    """Source: R4 vital signs: value, unit, system and code, or no value at all."""
    quantity = element.get("valueQuantity")
    if quantity is None:
        return "dataAbsentReason" in element
    return (
        quantity.keys() >= {"value", "unit", "system", "code"}
        and quantity["system"] == UCUM
        and quantity["code"] in allowed
    )


def timed(one: Resource) -> bool:
    """A day, or a time of day with its offset: vs-1."""
    times = [one.get("effectiveDateTime"), *one.get("effectivePeriod", {}).values()]
    said = [text for text in times if text is not None]
    return bool(said) and all(TIME.fullmatch(text) or DAY.fullmatch(text) for text in said)


def vital_sign(one: Resource) -> bool:
    categories = [code for each in one["category"] for code in codes(each, CATEGORY)]
    components = one.get("component", ())
    return (
        "vital-signs" in categories
        and "subject" in one
        and timed(one)
        and (bool(components) or valued(one))  # vs-2
        and all(map(valued, components))  # vs-3
    )


def pressure(one: Resource) -> bool:
    """One systolic and one diastolic, in millimetres of mercury."""
    parts = one.get("component", ())
    counts = [
        [part for part in parts if code in codes(part["code"], LOINC)]
        for code in ("8480-6", "8462-4")
    ]
    return (
        codes(one["code"], LOINC) == ["85354-9"]
        and [len(each) for each in counts] == [1, 1]
        and all(in_unit(part, {"mm[Hg]"}) for each in counts for part in each)
        and not valued(one)
    )


def fixed(name: str) -> Rule:
    code, units = MAGIC[name]
    return lambda one: (
        vital_sign(one) and codes(one["code"], LOINC)[0] == code and in_unit(one, units)
    )


def saturation(one: Resource) -> bool:
    return codes(one["code"], LOINC) == ["2708-6", "59408-5"]


def self_measured(one: Resource) -> bool:
    return (
        "effectiveDateTime" in one
        and "issued" in one
        and [*one["performer"]] == [one["subject"]]
        and one["status"] in {"final", "entered-in-error", "unknown"}
    )


def cuff_pulse(one: Resource) -> bool:
    return len(one.get("derivedFrom", ())) == 1 and "effectiveDateTime" in one


def sensor_glucose(name: str) -> Rule:
    code, unit, shown = CGM_UNITS[name]
    return lambda one: (
        codes(one["code"], LOINC) == [code]
        and "effectiveDateTime" in one
        and valued(one)
        and in_unit(one, {unit})
        and one.get("valueQuantity", {"unit": shown})["unit"] == shown
        and "laboratory" in codes(one["category"][0], CATEGORY)
    )


def device_bits(one: Resource) -> bool:
    return (
        "reference" in one["device"]
        and codes(one["code"], MDC) == ["8410608"]
        and not any(name.startswith("value") for name in one)
        and all(valued(part) for part in one.get("component", ()))
    )


RULES: Mapping[str, Rule] = {
    CORE + "bp": lambda one: vital_sign(one) and pressure(one),
    **{CORE + name: fixed(name) for name in MAGIC},
    CARDX + "self-measured-bp": self_measured,
    CARDX + "smbp-associated-heart-rate": cuff_pulse,
    **{CGM + name: sensor_glucose(name) for name in CGM_UNITS},
    PHD + "StructureDefinition/PhdBitsEnumerationObservation": device_bits,
}


def observations(entries: list[Any]) -> Iterator[Resource]:
    for entry in entries:
        if entry["resource"]["resourceType"] == "Observation":
            yield entry["resource"]


def broken(one: Resource) -> list[str]:
    """The profiles that an Observation names and does not meet."""
    profiles = one["meta"].get("profile", [])
    assert [profile for profile in profiles if profile not in RULES] == []
    return [profile for profile in profiles if not RULES[profile](one)]


def check(one: Resource) -> None:
    assert problems(one) == []
    assert broken(one) == []
    assert timed(one)
    assert valued(one) or one.get("component")
    for part in one.get("component", ()):
        assert valued(part)
    allowed = {unit for vital in VITALS.values() for unit in vital.units}
    allowed |= {"Hz", "g", "mg", "mL", "s"}  # of recordings, and of what goes with a reading
    for element in (one, *one.get("component", ())):
        assert in_unit(element, allowed) or "valueQuantity" not in element
    if codes(one["code"], LOINC)[:1] == ["2708-6"]:
        assert saturation(one)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_what_the_examples_become_meets_its_profiles(path: Path) -> None:
    entries = decode(path.read_bytes()).get("bundle", {}).get("entry", [])

    for one in observations(entries):
        check(one)
    devices = [
        entry["resource"] for entry in entries if entry["resource"]["resourceType"] == "Device"
    ]
    for one in devices:
        assert one["identifier"][0]["value"]
        assert codes(one.get("type", {}), MDC) in ([], ["65573"], ["531981"])


def test_the_examples_name_every_profile_there_is_a_rule_for() -> None:
    named = {
        profile
        for path in GOLDEN
        for one in observations(decode(path.read_bytes()).get("bundle", {}).get("entry", []))
        for profile in one["meta"].get("profile", [])
    }

    assert RULES.keys() - named <= {CORE + "bmi"}


@pytest.mark.skipif(not CORPUS.exists(), reason="the sample payloads are not on this machine")
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_what_the_samples_become_meets_its_profiles(path: Path) -> None:
    site = Site("America/New_York", account="somebody")
    said = told(path.read_bytes(), TEMPLATES, named=None, patient="p1", received_at=NOW, site=site)

    for one in observations(said.get("bundle", {}).get("entry", [])):
        check(one)


@pytest.mark.parametrize(
    ("change", "profile"),
    [
        ({"component": []}, "bp"),
        ({"category": [{"coding": [{"system": CATEGORY, "code": "exam"}]}]}, "bp"),
        ({"effectiveDateTime": "2026-03-01T07:30:00"}, "bp"),
        ({"effectiveDateTime": "2026-03"}, "bp"),
        ({"issued": None}, "self-measured-bp"),
        ({"performer": []}, "self-measured-bp"),
        ({"status": "preliminary"}, "self-measured-bp"),
    ],
)
def test_the_rules_see_what_is_wrong(change: Resource, profile: str) -> None:
    path = next(one for one in GOLDEN if one.parent.name == "withings-pressure-and-traps")
    good = next(observations(decode(path.read_bytes())["bundle"]["entry"]))
    assert broken(good) == []

    bad = {name: value for name, value in (good | change).items() if value is not None}

    assert [one.rpartition("/")[2] for one in broken(bad)] == [profile]
