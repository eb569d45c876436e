"""What all derived Observations have in common: whose, by which rule, out of what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from hashlib import sha256

from wherry.fhir import bundle
from wherry.fhir.identity import derived_id, key
from wherry.fhir.systems import (
    DEVICE_QUALITY,
    LOINC,
    OBSERVATION_CATEGORY,
    PROVENANCE_AGENT,
    UCUM,
    ours,
)
from wherry.resource import CodeableConcept, Entry, Identifier, Resource
from wherry_devices.mapping.stored import Fact

SYSTEM = ours("devices", "derived")
"""The identifier system of what we derive."""
ERROR = "entered-in-error"
_SERVER_SET = frozenset({"versionId", "lastUpdated"})


@dataclass(frozen=True, slots=True)
class Derived:
    """An Observation that was derived, by which version of which rule, out of which facts."""

    resource: Resource
    rule: str
    facts: tuple[Fact, ...]

    @property
    def identifier(self) -> Identifier:
        """What it is known by: the patient and what it is, never its numbers."""
        identifier: Identifier = self.resource["identifier"][0]
        return identifier


@dataclass(frozen=True, slots=True)
class Derivation:
    """What a version of a rule says that there is, and the identifiers of what there is not."""

    rule: str
    made: tuple[Derived, ...] = ()
    gone: tuple[Identifier, ...] = ()


def identifier(patient: str, what: str, name: str = "") -> Identifier:
    """What a patient's derived value is known by; `name` tells several of one kind apart."""
    return {"system": SYSTEM, "value": key(patient, what, *([name] if name else []))}


def is_of(known_by: Identifier, patient: str) -> bool:
    """Whether it is what this patient's derived values are known by, and no other's."""
    return known_by.get("value", "").startswith(f"{key(patient)}/")


def name_of(resource: Resource) -> Identifier | None:
    """What a stored derived Observation is known by; None when it is none of ours."""
    names: list[Identifier] = resource.get("identifier", [])
    return next((one for one in names if one.get("system") == SYSTEM), None)


def observation(
    known_by: Identifier, patient: str, rule: str, facts: Sequence[Fact], method: str
) -> Resource:
    """The beginning of a derived Observation; the same facts give the same one."""
    subject = {"reference": f"Patient/{patient}"}
    return {
        "resourceType": "Observation",
        "meta": {"source": SYSTEM, "tag": [{"system": DEVICE_QUALITY, "code": "derived"}]},
        "identifier": [known_by],
        "status": "final",
        "subject": subject,
        "issued": max(one.issued for one in facts).astimezone(UTC).isoformat(),
        "method": {"text": f"{method} (rule {rule})"},
    }


def taken_back(stored: Resource, rule: str) -> Derived:
    """A stored one that rests on too little now: its numbers stay, and that they are an error."""
    meta = {k: v for k, v in stored.get("meta", {}).items() if k not in _SERVER_SET}
    return Derived({**stored, "meta": meta, "status": ERROR}, rule, ())


def provenance(made: Derived, *, replaces: str, recorded: datetime) -> Entry:
    """By which rule, out of which versions of which Observations.

    `replaces` is the version of the Observation that it takes the place of; empty for the first.
    """
    inputs = sorted({f"{one.reference}@{one.version}" for one in made.facts})
    digest = sha256("\n".join(inputs).encode()).hexdigest()
    known_by = made.identifier
    id_ = derived_id("Provenance", known_by["value"], made.rule, digest, replaces)
    who = {
        "type": "Device",
        "identifier": {"system": ours("devices", "rule"), "value": made.rule},
        "display": "Wherry devices",
    }
    what = {
        "identifier": {"system": ours("devices", "inputs"), "value": f"sha256:{digest}"},
        "display": f"{len(inputs)} Observations with their versions",
    }
    role = {"coding": [{"system": PROVENANCE_AGENT, "code": "assembler"}]}
    return bundle.under_id(
        {
            "resourceType": "Provenance",
            "id": id_,
            "meta": {"source": SYSTEM},
            "target": [bundle.to("Observation", known_by)],
            "recorded": recorded.isoformat(),
            "agent": [{"type": role, "who": who}],
            "entity": [{"role": "derivation", "what": what}],
        }
    )


def category(code: str) -> CodeableConcept:
    """A category of FHIR's observation-category."""
    return {"coding": [{"system": OBSERVATION_CATEGORY, "code": code}]}


def loinc(code: str, display: str) -> CodeableConcept:
    """A LOINC code."""
    return {"coding": [{"system": LOINC, "code": code, "display": display}]}


def quantity(value: Decimal, unit: str) -> Resource:
    """`valueQuantity` in a UCUM unit."""
    return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit}}


def mean(values: Iterable[Decimal]) -> Decimal:
    """The mean, unrounded."""
    found = list(values)
    return sum(found, Decimal(0)) / len(found)


def to(value: Decimal, step: str) -> Decimal:
    """Rounded to so many digits, half to even."""
    return value.quantize(Decimal(step), rounding=ROUND_HALF_EVEN)
