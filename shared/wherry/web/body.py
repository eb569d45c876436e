"""Request bodies as JSON objects, with a size limit and safe errors."""

from typing import Any

from flask import request

from wherry.codec import decode
from wherry.errors import Failure, Kind

JSON_TYPES = frozenset({"application/json", "application/fhir+json"})


def json_text() -> bytes:
    """The request body, said to be JSON. Raises: Failure(UNSUPPORTED) for another content type."""
    if request.mimetype not in JSON_TYPES:
        raise Failure(
            Kind.UNSUPPORTED, "send application/json or application/fhir+json", at="Content-Type"
        )
    return request.get_data()


def json_object() -> dict[str, Any]:
    """The request body as a JSON object.

    Raises: Failure(UNSUPPORTED) for another content type, Failure(INVALID) when it is no object.
    """
    value = decode(json_text())
    if not isinstance(value, dict):
        raise Failure(Kind.INVALID, "the body must be a JSON object")
    return value
