"""PID and MRG become patient identifiers in order of trust, whatever order they were sent in."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from wherry.fhir.systems import US_SSN, ours
from wherry.hl7.message import Message
from wherry.hl7.segment import Rep, Segment

_OID = re.compile(r"[0-2](?:\.(?:0|[1-9]\d*)){2,}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_URI = re.compile(r"(?:https?://|urn:)[^\s|,]+")

# How well a type of identifier (CX-5, table 0203) names one patient; smaller is better. What is
# not listed comes between: numbers of a person, a card or an insurer can be shared or change.
_TRUST = {"MR": 0, "MRN": 1, "PI": 2, "PT": 3, "PE": 4}
_UNTYPED, _OTHER, _CIVIL, _LAST = 5, 6, 8, 9
_CIVIL_TYPES = frozenset({"SS", "SSN", "SB", "DL", "NI", "NH", "NNUSA", "PPN", "PRC"})


@dataclass(frozen=True, slots=True)
class PatientIdentifier:
    """One identifier of a patient: system and value as FHIR has them, its v2-0203 type."""

    system: str
    value: str
    type_code: str = ""


def facility(message: Message) -> str:
    """The sending facility that scopes names without a world-wide meaning: MSH-4, else MSH-3."""
    for number in (4, 3):
        rep = message.msh[number].first
        if name := (rep[1] or rep[2]).strip():
            return name
    return "unknown"


@lru_cache(maxsize=4096)
def authority_system(namespace: str, universal: str, universal_type: str, *, scope: str) -> str:
    """The identifier system of an assigning authority (HD); empty when nothing names one.

    Source: HL7 v2-to-FHIR IG, HD to uri; FHIR R4 identifiers §2.24.0.6.
    """
    kind = universal_type.upper()
    for candidate in (universal, namespace):
        if _OID.fullmatch(candidate) and kind in {"", "ISO", "L"}:
            return f"urn:oid:{candidate}"
        if _UUID.fullmatch(candidate.lower()) and kind in {"", "UUID", "GUID", "L"}:
            return f"urn:uuid:{candidate.lower()}"
        if _URI.fullmatch(candidate):
            return candidate
    name = namespace or universal
    return ours("hl7", scope, name) if name else ""


def identifiers(pid: Segment, *, scope: str) -> list[PatientIdentifier]:
    """Every identifier in PID-3, the most trusted first; then PID-2, PID-4 and PID-18.

    `scope` is the sending facility. Same identifiers in another order give the same list.
    Source: HL7 v2.5.1 §3.4.2.2, §3.4.2.3, §3.4.2.4, §3.4.2.18.
    """
    found = _sorted(pid, 3, scope, "patient")
    for number, name in ((2, "patient-external"), (4, "patient-alternate"), (18, "account")):
        found += _sorted(pid, number, scope, name)
    return list(dict.fromkeys(found))


def merged_away(mrg: Segment, *, scope: str) -> list[PatientIdentifier]:
    """The identifiers in MRG-1 that cease to be, the most trusted first (v2.5.1 §3.4.9.1)."""
    return _sorted(mrg, 1, scope, "patient")


def prime(pid: Segment, *, scope: str) -> PatientIdentifier | None:
    """The one identifier that the patient is known by here; None when there is none at all."""
    return next(iter(identifiers(pid, scope=scope)), None)


def key(identifier: PatientIdentifier) -> str:
    """An opaque key for the same patient: safe in queues and logs, of no use for a look-up."""
    text = f"{identifier.system}|{identifier.value}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def patient_keys(message: Message) -> tuple[str, ...]:
    """The keys of every patient in the message, each PID and each MRG, in order, once each."""
    scope = facility(message)
    found: dict[str, None] = {}
    for segment in message.segments:
        if segment.name == "PID":
            named = prime(segment, scope=scope)
        elif segment.name == "MRG":
            named = next(iter(merged_away(segment, scope=scope)), None)
        else:
            continue
        if named:
            found[key(named)] = None
    return tuple(found)


def _sorted(segment: Segment, number: int, scope: str, unnamed: str) -> list[PatientIdentifier]:
    if not segment.field(number):
        return []
    made = (of_cx(rep, scope, unnamed) for rep in segment[number].reps)
    return sorted((one for one in made if one), key=lambda one: (_rank(one), one.system, one.value))


def of_cx(cx: Rep, scope: str, unnamed: str) -> PatientIdentifier | None:
    """One CX with its system; `unnamed` names the system of numbers without an authority."""
    value = cx[1].strip()
    if not value:
        return None
    type_code = cx[5].strip().upper()
    authority = [cx.sub(4, part).strip() for part in (1, 2, 3)] if cx.component(4) else ["", "", ""]
    system = authority_system(*authority, scope=scope)
    return PatientIdentifier(system or _unnamed(type_code, scope, unnamed), value, type_code)


def _unnamed(type_code: str, scope: str, unnamed: str) -> str:
    """The system of a number whose authority was not sent: the sending facility's own."""
    if type_code in {"SS", "SSN"}:
        return US_SSN
    if type_code in _TRUST or not type_code:
        return ours("hl7", scope, unnamed)
    return ours("hl7", scope, f"{unnamed}-{type_code.lower()}")


def _rank(one: PatientIdentifier) -> int:
    if not one.type_code:
        return _UNTYPED
    return _CIVIL if one.type_code in _CIVIL_TYPES else _TRUST.get(one.type_code, _OTHER)
