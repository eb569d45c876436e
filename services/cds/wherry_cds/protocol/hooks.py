"""The hooks of the library and what each one's context holds, as data."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto


class Form(Enum):
    """What a context field is made of."""

    ID = auto()
    """A FHIR id without a type."""
    REFERENCE = auto()
    """`Type/id`."""
    REFERENCES = auto()
    """A list of `Type/id`."""
    BUNDLE = auto()
    """A Bundle of resources; some clients leave out its `type`."""
    RESOURCE = auto()
    """A resource; some clients wrap it in an object under `resource`."""
    RESOURCES = auto()
    """A list of resources."""


@dataclass(frozen=True, slots=True)
class Field:
    """One context field. `types` are those of a reference or resource; empty means any.

    `token`: templates may name it. `also` are names that some clients and older texts give it.
    """

    name: str
    form: Form
    required: bool
    types: tuple[str, ...] = ()
    token: bool = True
    also: tuple[str, ...] = ()


Fields = tuple[Field, ...]

_CLINICIANS = ("Practitioner", "PractitionerRole")
_ANYONE = (*_CLINICIANS, "Patient", "RelatedPerson")

_USER = Field("userId", Form.REFERENCE, True, _CLINICIANS)
_PATIENT = Field("patientId", Form.ID, True)
_ENCOUNTER = Field("encounterId", Form.ID, True)
_MAYBE = Field("encounterId", Form.ID, False)


def _bundle(name: str) -> Field:
    return Field(name, Form.BUNDLE, True, token=False)


# Source: CDS Hooks library 2.0, Context of each hook
CONTEXTS: Mapping[str, Fields] = {
    "patient-view": (Field("userId", Form.REFERENCE, True, _ANYONE), _PATIENT, _MAYBE),
    "encounter-start": (_USER, _PATIENT, _ENCOUNTER),
    "encounter-discharge": (_USER, _PATIENT, _ENCOUNTER),
    "order-select": (
        _USER,
        _PATIENT,
        _MAYBE,
        Field("selections", Form.REFERENCES, True, token=False),
        _bundle("draftOrders"),
    ),
    "order-sign": (_USER, _PATIENT, _MAYBE, _bundle("draftOrders")),
    "order-dispatch": (
        _PATIENT,
        Field("dispatchedOrders", Form.REFERENCES, True),
        Field("performer", Form.REFERENCE, True),
        Field(
            "fulfillmentTasks",
            Form.RESOURCES,
            False,
            ("Task",),
            token=False,
            also=("fulfillment-tasks",),
        ),
    ),
    "appointment-book": (
        Field("userId", Form.REFERENCE, True, _ANYONE),
        _PATIENT,
        _MAYBE,
        _bundle("appointments"),
    ),
    "problem-list-item-create": (_USER, _PATIENT, _MAYBE, _bundle("conditions")),
    "allergyintolerance-create": (
        _USER,
        _PATIENT,
        _MAYBE,
        Field("allergyIntolerance", Form.RESOURCE, True, ("AllergyIntolerance",), token=False),
    ),
    "medication-refill": (
        Field("userId", Form.REFERENCE, False, _CLINICIANS),
        _PATIENT,
        _MAYBE,
        _bundle("medications"),
    ),
    "medication-verify": (
        _USER,
        _PATIENT,
        _MAYBE,
        Field("medication", Form.RESOURCE, True, token=False, also=("order",)),
    ),
}

# Source: CDS Hooks library, the version of each published hook; a 3.0 client is told it
VERSIONS: Mapping[str, str] = {
    **dict.fromkeys(CONTEXTS, "1.0.0"),
    "order-dispatch": "1.1.0",
    **dict.fromkeys(
        (
            "problem-list-item-create",
            "allergyintolerance-create",
            "medication-refill",
            "medication-verify",
        ),
        "0.1.0",
    ),
}

# Source: CDS Hooks library, deprecated hooks: what replaced them
DEPRECATED: Mapping[str, str] = {
    "medication-prescribe": "order-select or order-sign",
    "order-review": "order-sign",
}

# Source: CDS Hooks 2.0, Prefetch tokens containing simpler identifiers: token, type of userId
USER_TOKENS: Mapping[str, str] = {
    "userPractitionerId": "Practitioner",
    "userPractitionerRoleId": "PractitionerRole",
    "userPatientId": "Patient",
    "userRelatedPersonId": "RelatedPerson",
}
