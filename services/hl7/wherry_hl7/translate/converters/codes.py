"""Coded HL7 values (CE, CWE, IS, ID) become CodeableConcepts, every original coding kept."""

import re
from collections.abc import Sequence
from functools import lru_cache

from wherry.fhir.systems import ours, v2_table
from wherry.hl7.segment import Rep, Segment
from wherry.resource import CodeableConcept, Coding
from wherry_hl7.identity import Systems
from wherry_hl7.mapping.named import converter
from wherry_hl7.translate.at import At
from wherry_hl7.translate.scope import Scope

_HL7_TABLE = re.compile(r"(?:HL7|hl7)-?(\d{4})")
OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*))+")
_URI = re.compile(r"(?:https?://|urn:)\S+")
_ESCAPED = re.compile(r'[~\\&"]')

# Where code, text, system, version and system OID of a coding are. Source: HL7 v2.7.1 §2.A.13.
_TRIPLETS = ((1, 2, 3, 7, 14), (4, 5, 6, 8, 17), (10, 11, 12, 13, 20))


def coded(segment: Segment, number: int, scope: Scope, *, table: str = "") -> CodeableConcept:
    """The concept of a field's first repetition."""
    raw = segment.field(number)
    known = scope.concepts.get((raw, table))
    if known is not None or not raw:
        return known or {}
    if scope.standard and not _ESCAPED.search(raw):
        known = scope.concepts[raw, table] = _plain(raw, table, scope.facility, scope.systems)
        return known
    return concept(segment[number].first, scope, table=table)


def concept(rep: Rep, scope: Scope, *, table: str = "") -> CodeableConcept:
    """All codings of one CE or CWE; text is the original text, else what a coding is called.

    `table` is the system of the first code when the message names none (fields with an HL7 table).
    Empty when nothing was sent. Not to be changed: equal fields share one.
    Source: HL7 v2-to-FHIR, CWE[CodeableConcept].
    """
    if not rep.raw:
        return {}
    if scope.standard and not _ESCAPED.search(rep.raw):
        return _plain(rep.raw, table, scope.facility, scope.systems)
    texts = tuple(rep.text_of(n) for n in range(1, len(rep) + 1))
    codes = tuple(rep[n] for n in range(1, len(rep) + 1))
    return _concept(codes, texts, table, scope.facility, scope.systems)


@converter("CWE.CodeableConcept")
def cwe(rep: Rep, at: At, table: str = "") -> CodeableConcept:
    """A CE, CWE, CNE or IS as a CodeableConcept, every coding kept."""
    return concept(rep, at.scope, table=table)


@converter("CWE.Coding")
def coding(rep: Rep, at: At, table: str = "") -> Coding | None:
    """The first coding of a CE, CWE, CNE or IS."""
    said = concept(rep, at.scope, table=table)
    return said["coding"][0] if "coding" in said else None


@converter("CWE.text")
def text(rep: Rep, at: At) -> str:
    """What a CE, CWE, CNE or IS is called, else its code."""
    said = concept(rep, at.scope)
    return said.get("text") or next((one["code"] for one in said.get("coding", ())), "")


@lru_cache(maxsize=8192)
def _plain(raw: str, table: str, facility: str, systems: Systems) -> CodeableConcept:
    """A field without escapes; the same few thousand codes come in message after message."""
    parts = tuple("" if part.isspace() else part for part in raw.split("^"))
    return _concept(parts, parts, table, facility, systems)


def _concept(
    codes: Sequence[str], texts: Sequence[str], table: str, facility: str, systems: Systems
) -> CodeableConcept:
    def at(parts: Sequence[str], number: int) -> str:
        return parts[number - 1] if number <= len(parts) else ""

    codings: list[Coding] = []
    for code_at, text_at, system_at, version_at, oid_at in _TRIPLETS:
        if code := token(at(codes, code_at)):
            coding: Coding = {"code": code}
            name = at(codes, system_at) or (table if code_at == 1 else "")
            if uri := _uri(name, at(codes, oid_at), facility, systems):
                coding = {"system": uri, "code": code}
                if version := at(codes, version_at):
                    coding["version"] = version
            if display := at(texts, text_at):
                coding["display"] = display
            codings.append(coding)
    text = at(texts, 9) or at(texts, 2) or at(texts, 5)
    out: CodeableConcept = {}
    if codings:
        out["coding"] = codings
    if text:
        out["text"] = text
    return out


def token(text: str) -> str:
    """A text as a FHIR code: no blanks around it, single ones inside. Source: FHIR R4 code."""
    return " ".join(text.split()) if " " in text or "\n" in text or "\t" in text else text


def _uri(name: str, oid: str, facility: str, systems: Systems) -> str:
    """The URI of a coding system that a message calls `name`; the sender's own when it is local."""
    name = name.strip()
    if known := systems.get(name) or systems.get(name.upper()):
        return known
    if _URI.fullmatch(name):
        return name
    if found := _HL7_TABLE.fullmatch(name):
        return v2_table(found[1])
    for candidate in (oid, name):
        if candidate and OID.fullmatch(candidate):
            return f"urn:oid:{candidate}"
    return ours("hl7", facility, "codes", name) if name else ""
