"""The services on offer, as discovery tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wherry.errors import Failure, Kind
from wherry_cds.protocol.hooks import VERSIONS


@dataclass(frozen=True, slots=True)
class Key:
    """One prefetch key: its template, what its answer must be, and whether a call needs it.

    Without a required key a call is answered 412; without another one it is answered all the same.
    """

    name: str
    template: str
    type: str
    many: bool
    required: bool = True


@dataclass(frozen=True, slots=True)
class Service:
    """One CDS service on one hook."""

    id: str
    hook: str
    title: str
    description: str
    usage: str
    keys: tuple[Key, ...]


def _optional(name: str, type_: str, rest: str) -> Key:
    template = f"{type_}?patient={{{{context.patientId}}}}{rest}"
    return Key(name, template, type_, many=True, required=False)


EARLY_WARNING = Service(
    id="early-warning",
    hook="patient-view",
    title="Early warning score (NEWS2)",
    description=(
        "Scores the latest vital signs of an adult with NEWS2 and returns one card with the "
        "score, the measurements behind it, their age, and what is missing."
    ),
    usage=(
        "Both prefetch keys are needed, from prefetch or from a FHIR server on the allow-list. "
        "Decision support for health professionals; not for people under 16 or in pregnancy."
    ),
    keys=(
        Key("patient", "Patient/{{context.patientId}}", "Patient", many=False),
        Key(
            "observations",
            "Observation?patient={{context.patientId}}&category=vital-signs&_sort=-date&_count=200",
            "Observation",
            many=True,
        ),
    ),
)

DETERIORATION = Service(
    id="deterioration",
    hook="patient-view",
    title="Deterioration (trained model, with NEWS2 beside it)",
    description=(
        "Estimates the risk of death in hospital of an adult in intensive care from the last 24 h "
        "and returns one card with the probability, its three strongest factors with value and "
        "age, and NEWS2; when too little is known, the NEWS2 card with the reason."
    ),
    usage=(
        "All prefetch keys are needed, from prefetch or from a FHIR server on the allow-list. "
        "Decision support for health professionals in adult intensive care; not for wards, the "
        "home, people under 18, or decisions to withhold care."
    ),
    keys=(
        Key("patient", "Patient/{{context.patientId}}", "Patient", many=False),
        Key(
            "observations",
            "Observation?patient={{context.patientId}}&category=vital-signs,exam,survey"
            "&_sort=-date&_count=500",
            "Observation",
            many=True,
        ),
        Key(
            "laboratory",
            "Observation?patient={{context.patientId}}&category=laboratory&_sort=-date&_count=200",
            "Observation",
            many=True,
        ),
    ),
)

_ENCOUNTER = Key("encounter", "Encounter/{{context.encounterId}}", "Encounter", many=False)

ADMISSION = replace(
    DETERIORATION,
    hook="encounter-start",
    keys=(*DETERIORATION.keys, replace(_ENCOUNTER, required=False)),
)

READMISSION = Service(
    id="readmission",
    hook="encounter-discharge",
    title="Readmission within 30 days (trained model)",
    description=(
        "Estimates at discharge the risk that an adult with diabetes is an inpatient again within "
        "30 days, with the strongest factors, or says why there is no estimate."
    ),
    usage=(
        "The patient and the encounters are needed, from prefetch or from a FHIR server on the "
        "allow-list; the other keys make the estimate possible. Decision support for the "
        "discharging team; never a reason to delay, deny or shorten care."
    ),
    keys=(
        Key("patient", "Patient/{{context.patientId}}", "Patient", many=False),
        Key(
            "encounters",
            "Encounter?patient={{context.patientId}}&_sort=-date&_count=200",
            "Encounter",
            many=True,
        ),
        _optional("conditions", "Condition", "&_count=500"),
        _optional("procedures", "Procedure", "&_count=500"),
        _optional("medications", "MedicationRequest", "&_count=500"),
        _optional("laboratory", "Observation", "&category=laboratory&_sort=-date&_count=200"),
    ),
)

ORDER_SELECT = Service(
    id="order-risk",
    hook="order-select",
    title="Early warning score beside sedating and nephrotoxic orders",
    description=(
        "Puts NEWS2 beside draft orders of medicines that may sedate or harm the kidneys. Silent "
        "on all other orders. Off until a tenant's policy names it."
    ),
    usage=(
        "Both prefetch keys are needed. Medicines are known by ATC code or RxNorm ingredient. "
        "Decision support for prescribers; it does not check doses or interactions."
    ),
    keys=EARLY_WARNING.keys,
)
ORDER_SIGN = replace(ORDER_SELECT, hook="order-sign")

SERVICES = (EARLY_WARNING, DETERIORATION, ADMISSION, READMISSION, ORDER_SELECT, ORDER_SIGN)


def on_offer(id_: str, services: Sequence[Service] = SERVICES) -> tuple[Service, ...]:
    """Every service with this id, one for each hook. Raises: Failure(NOT_FOUND)."""
    if found := tuple(service for service in services if service.id == id_):
        return found
    raise Failure(Kind.NOT_FOUND, "no service has this id; see /cds-services")


def discovery(services: Sequence[Service] = SERVICES, version: str = "2.0") -> Mapping[str, Any]:
    """The body of GET /cds-services for a client of this version.

    Source: CDS Hooks 2.0, Discovery, Response; 3.0 ballot, version and hookVersion.
    """
    return {"services": [_told(service, version) for service in services]}


def _told(service: Service, version: str) -> dict[str, Any]:
    told: dict[str, Any] = {
        "hook": service.hook,
        "title": service.title,
        "description": service.description,
        "id": service.id,
        "usageRequirements": service.usage,
    }
    if service.keys:
        told["prefetch"] = {key.name: key.template for key in service.keys}
    if version == "3.0":
        told["version"] = "3.0.0"
        if service.hook in VERSIONS:
            told["hookVersion"] = VERSIONS[service.hook]
    return told


def expand(template: str, tokens: Mapping[str, str]) -> str:
    """A template with its tokens filled in; the context was checked to hold plain FHIR ids."""
    for token, value in tokens.items():
        template = template.replace("{{" + token + "}}", value)
    return template
