"""What each hook's context holds, and whether a given context fits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from wherry_cds.protocol.problem import Problem

# Source: FHIR R4 datatypes, id
FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


@dataclass(frozen=True, slots=True)
class Field:
    """One context field: a bare FHIR id, or `Type/id` of one of `types`."""

    name: str
    required: bool
    types: tuple[str, ...] = ()


# Source: CDS Hooks library, patient-view 1.0, Context
_USER = ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")
CONTEXTS: Mapping[str, tuple[Field, ...]] = {
    "patient-view": (
        Field("userId", required=True, types=_USER),
        Field("patientId", required=True),
        Field("encounterId", required=False),
    ),
}


def problems(hook: str, context: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with the context of this hook; fields it does not name are free."""
    return [
        problem
        for field in CONTEXTS[hook]
        if (problem := _problem(field, context.get(field.name))) is not None
    ]


def _problem(field: Field, value: Any) -> Problem | None:
    at = f"context.{field.name}"
    if value is None or value == "":
        return Problem(at, "is required", code="required") if field.required else None
    if not isinstance(value, str):
        return Problem(at, "must be a string")
    if not field.types:
        return None if FHIR_ID.fullmatch(value) else Problem(at, "must be a FHIR id without a type")
    type_, _, id_ = value.partition("/")
    if type_ in field.types and FHIR_ID.fullmatch(id_):
        return None
    return Problem(at, f"must be <type>/<id> with the type one of {', '.join(field.types)}")
