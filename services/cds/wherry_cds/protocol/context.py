"""A hook's context as it came becomes checked values, or a list of what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from wherry.resource import Resource
from wherry_cds.protocol.hooks import USER_TOKENS, Field, Fields, Form
from wherry_cds.protocol.problem import Problem

# Source: FHIR R4 datatypes, id; FHIR R4 resource names
FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_NOTHING: tuple[Any, ...] = (None, "", [], {})


def value_of(field: Field, context: Mapping[str, Any]) -> Any:
    """The value under the field's name, or under one that older texts give it."""
    names = [field.name, *field.also]
    found = next((context[name] for name in names if context.get(name) not in _NOTHING), None)
    if field.form is Form.RESOURCE and isinstance(found, dict) and "resourceType" not in found:
        return found.get("resource", found)
    return found


def problems(fields: Fields, context: Mapping[str, Any]) -> list[Problem]:
    """Everything that is wrong with this context; fields that the hook does not name are free."""
    return [
        problem
        for field in fields
        if (problem := _problem(field, value_of(field, context))) is not None
    ]


def values(fields: Fields, context: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a context without problems, under their present names."""
    found = ((field.name, value_of(field, context)) for field in fields)
    return {name: value for name, value in found if value is not None}


def tokens(fields: Fields, context: Mapping[str, Any]) -> dict[str, str]:
    """What stands for each prefetch token. Source: CDS Hooks 2.0, Prefetch Tokens."""
    made: dict[str, str] = {}
    for field in fields:
        value = context.get(field.name)
        if field.token and value is not None:
            made[f"context.{field.name}"] = value if isinstance(value, str) else ",".join(value)
    type_, _, id_ = made.get("context.userId", "").partition("/")
    return made | {token: id_ for token, of in USER_TOKENS.items() if of == type_}


def resources(fields: Fields, context: Mapping[str, Any]) -> Iterator[tuple[str, Resource]]:
    """Every resource in a checked context, with its place."""
    for field in fields:
        value = context.get(field.name)
        if field.form is Form.RESOURCE and value is not None:
            yield f"context.{field.name}", value
        elif field.form is Form.RESOURCES:
            for index, each in enumerate(value or ()):
                yield f"context.{field.name}[{index}]", each
        elif field.form is Form.BUNDLE and value is not None:
            for index, entry in enumerate(value.get("entry", ())):
                yield f"context.{field.name}.entry[{index}].resource", entry["resource"]


def _problem(field: Field, value: Any) -> Problem | None:
    at = f"context.{field.name}"
    if value is None:
        return Problem(at, "is required", code="required") if field.required else None
    text = _CHECKS[field.form](value, field.types)
    return Problem(at, text) if text else None


def _id(value: Any, _types: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        return "must be a string"
    return "" if FHIR_ID.fullmatch(value) else "must be a FHIR id without a type"


def _reference(value: Any, types: tuple[str, ...]) -> str:
    if not isinstance(value, str):
        return "must be a string"
    type_, _, id_ = value.partition("/")
    if _TYPE.fullmatch(type_) and FHIR_ID.fullmatch(id_) and (not types or type_ in types):
        return ""
    named = f" with the type one of {', '.join(types)}" if types else ""
    return f"must be <type>/<id>{named}"


def _references(value: Any, types: tuple[str, ...]) -> str:
    if not isinstance(value, list):
        return "must be a list"
    return next((f"each {text}" for each in value if (text := _reference(each, types))), "")


def _resource(value: Any, types: tuple[str, ...]) -> str:
    type_ = value.get("resourceType") if isinstance(value, dict) else None
    if not isinstance(type_, str) or not _TYPE.fullmatch(type_):
        return "must be a FHIR resource"
    return "" if not types or type_ in types else f"must be of type {', '.join(types)}"


def _resources(value: Any, types: tuple[str, ...]) -> str:
    if not isinstance(value, list):
        return "must be a list"
    return next((f"each {text}" for each in value if (text := _resource(each, types))), "")


def _bundle(value: Any, types: tuple[str, ...]) -> str:
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        return "must be a FHIR Bundle"
    entries = value.get("entry", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return "must be a Bundle with a list of entries"
    inner = (_resource(entry.get("resource"), types) for entry in entries)
    return next((f"entry.resource {text}" for text in inner if text), "")


_CHECKS: Mapping[Form, Callable[[Any, tuple[str, ...]], str]] = {
    Form.ID: _id,
    Form.REFERENCE: _reference,
    Form.REFERENCES: _references,
    Form.BUNDLE: _bundle,
    Form.RESOURCE: _resource,
    Form.RESOURCES: _resources,
}
