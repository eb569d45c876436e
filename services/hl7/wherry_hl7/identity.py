"""PID and MRG become patient identifiers in order of trust, whatever order they were sent in."""

import hashlib
import re
from dataclasses import dataclass, field
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
# The fields of PID that name the patient, and the systems of numbers without an authority.
_OF_PATIENT = (
    (3, "patient"),
    (2, "patient-external"),
    (4, "patient-alternate"),
    (18, "account"),
)


class Systems(dict[str, str]):
    """URIs by the names that one sender calls them; hashed by who it is, as it never changes."""

    def __hash__(self) -> int:  # type: ignore[override]  # a dict has none
        return id(self)


NO_SYSTEMS = Systems()


@dataclass(frozen=True, slots=True)
class Naming:
    """How one sender names things: its facility scopes names without a world-wide meaning.

    `systems` gives the URI of a namespace or coding system of the sender's own. `trust` is which
    patient identifiers are trusted first: a type (MR), a type and its authority (MR@NORTH) or an
    authority (@NORTH); the rest follows in the usual order.
    """

    facility: str
    systems: Systems = NO_SYSTEMS
    trust: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientIdentifier:
    """One identifier of a patient: system and value as FHIR has them, its v2-0203 type."""

    system: str
    value: str
    type_code: str = ""
    namespace: str = field(default="", compare=False)


def facility(message: Message) -> str:
    """The sending facility that scopes names without a world-wide meaning: MSH-4, else MSH-3."""
    for number in (4, 3):
        raw = message.msh.field(number)
        if raw.isalnum():
            return raw  # mostly there is nothing to split
        rep = message.msh[number].first
        if name := (rep[1] or rep[2]).strip():
            return name
    return "unknown"


def authority_system(namespace: str, universal: str, universal_type: str, *, naming: Naming) -> str:
    """The identifier system of an assigning authority (HD); empty when nothing names one.

    Source: HL7 v2-to-FHIR IG, HD to uri; FHIR R4 identifiers §2.24.0.6.
    """
    if known := naming.systems.get(namespace) or naming.systems.get(universal):
        return known
    return _authority_system(namespace, universal, universal_type, naming.facility)


@lru_cache(maxsize=4096)
def _authority_system(namespace: str, universal: str, universal_type: str, scope: str) -> str:
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


def identifiers(pid: Segment, *, naming: Naming) -> list[PatientIdentifier]:
    """Every identifier in PID-3, the most trusted first; then PID-2, PID-4 and PID-18.

    Same identifiers in another order give the same list.
    Source: HL7 v2.5.1 §3.4.2.2, §3.4.2.3, §3.4.2.4, §3.4.2.18.
    """
    each = (_sorted(pid, number, naming, name) for number, name in _OF_PATIENT)
    return list(dict.fromkeys(one for found in each for one in found))


def merged_away(mrg: Segment, *, naming: Naming) -> list[PatientIdentifier]:
    """The identifiers in MRG-1 that cease to be, the most trusted first (v2.5.1 §3.4.9.1)."""
    return _sorted(mrg, 1, naming, "patient")


def former(
    mrg: Segment, number: int, unnamed: str, *, naming: Naming, civil: bool = True
) -> list[PatientIdentifier]:
    """The identifiers in one field of MRG, the most trusted first; `civil` ones may be left out."""
    found = _sorted(mrg, number, naming, unnamed)
    return [one for one in found if civil or one.type_code not in _CIVIL_TYPES]


def prime(pid: Segment, *, naming: Naming) -> PatientIdentifier | None:
    """The one identifier that the patient is known by here; None when there is none at all."""
    for number, name in _OF_PATIENT:
        if found := _sorted(pid, number, naming, name):
            return found[0]
    return None


def key(identifier: PatientIdentifier) -> str:
    """An opaque key for the same patient: safe in queues and logs, of no use for a look-up."""
    text = f"{identifier.system}|{identifier.value}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def patient_keys(message: Message, naming: Naming | None = None) -> tuple[str, ...]:
    """The keys of every patient in the message, each PID and each MRG, in order, once each."""
    naming = naming or Naming(facility(message))
    found: dict[str, None] = {}
    for segment in message.segments:
        if segment.name == "PID":
            named = prime(segment, naming=naming)
        elif segment.name == "MRG":
            named = next(iter(merged_away(segment, naming=naming)), None)
        else:
            continue
        if named:
            found[key(named)] = None
    return tuple(found)


def _sorted(segment: Segment, number: int, naming: Naming, unnamed: str) -> list[PatientIdentifier]:
    if not segment.field(number):
        return []
    found = [one for rep in segment[number].reps if (one := of_cx(rep, naming, unnamed))]
    if len(found) > 1:
        found.sort(key=lambda one: (_rank(one, naming.trust), one.system, one.value))
    return found


def of_cx(cx: Rep, naming: Naming, unnamed: str) -> PatientIdentifier | None:
    """One CX with its system; `unnamed` names the system of numbers without an authority."""
    value = cx[1].strip()
    if not value:
        return None
    type_code = cx[5].strip().upper()
    authority = [cx.sub(4, part).strip() for part in (1, 2, 3)] if cx.component(4) else ["", "", ""]
    system = authority_system(*authority, naming=naming)
    return PatientIdentifier(
        system or _unnamed(type_code, naming.facility, unnamed), value, type_code, authority[0]
    )


def _unnamed(type_code: str, scope: str, unnamed: str) -> str:
    """The system of a number whose authority was not sent: the sending facility's own."""
    if type_code in {"SS", "SSN"}:
        return US_SSN
    if type_code in _TRUST or not type_code:
        return ours("hl7", scope, unnamed)
    return ours("hl7", scope, f"{unnamed}-{type_code.lower()}")


def _rank(one: PatientIdentifier, trust: tuple[str, ...]) -> int:
    for place, said in enumerate(trust):
        type_code, _, namespace = said.partition("@")
        if type_code in ("", one.type_code) and namespace in ("", one.namespace):
            return place - len(trust)
    if not one.type_code:
        return _UNTYPED
    return _CIVIL if one.type_code in _CIVIL_TYPES else _TRUST.get(one.type_code, _OTHER)
