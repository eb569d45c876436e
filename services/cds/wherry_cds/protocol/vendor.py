"""Hooks that a vendor made become rows of the same tables as those of the library."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from wherry.errors import Failure, Kind
from wherry_cds.protocol.catalogue import Service
from wherry_cds.protocol.hooks import CONTEXTS, Field, Fields, Form

# Source: CDS Hooks 2.0, Hook Definition, naming: reverse domain name notation
_NAME = re.compile(r"[a-z][a-z0-9-]*(\.[a-z0-9][a-z0-9-]*){2,}")
_FORMS: Mapping[str, Form] = {
    "id": Form.ID,
    "reference": Form.REFERENCE,
    "bundle": Form.BUNDLE,
}


def vendor_contexts(hooks: Mapping[str, Mapping[str, str]]) -> Mapping[str, Fields]:
    """The contexts of a vendor's hooks. Raises: Failure(INVALID)."""
    return {name: _fields(name, context) for name, context in hooks.items()}


def on_vendor_hooks(
    services: Sequence[Service], hooks: Mapping[str, Sequence[str]]
) -> tuple[Service, ...]:
    """The same services on a vendor's hooks. Raises: Failure(INVALID) for an unknown id."""
    by_id = {service.id: service for service in services}
    for name, ids in hooks.items():
        if strange := sorted(set(ids) - set(by_id)):
            raise _wrong(name, f"no service has the id {', '.join(strange)}")
    return tuple(replace(by_id[id_], hook=name) for name, ids in hooks.items() for id_ in ids)


def _fields(name: str, context: Mapping[str, str]) -> Fields:
    if name in CONTEXTS or not _NAME.fullmatch(name):
        raise _wrong(name, "a vendor's hook has a reverse-DNS name such as org.example.ward-round")
    if context.get("patientId") != "id":
        raise _wrong(name, "the context needs patientId as id: every card is about a patient")
    return tuple(_field(name, field, form) for field, form in context.items())


def _field(name: str, field: str, form: str) -> Field:
    plain = form.removesuffix("?")
    if plain not in _FORMS:
        raise _wrong(name, f"{field} must be {', '.join(_FORMS)}, with ? when it may be left out")
    return Field(field, _FORMS[plain], plain == form, token=_FORMS[plain] is not Form.BUNDLE)


def _wrong(name: str, text: str) -> Failure:
    return Failure(Kind.INVALID, f"{name}: {text}", at="WHERRY_CDS_VENDOR_HOOKS")
