"""What a JSON Schema cannot say of a request to the sandbox EHR is put right in generated ones.

It cannot tie one place to another: a body's type and id to its address, an entry to the others; nor
say which names a search of this type knows.
"""

import re
from typing import Any

from wherry_ehr.search.types import types

# As in the contract, #/components/schemas/Entry
_URL = re.compile(
    r"(?P<type>[A-Z][A-Za-z]+)((?P<log>/_history)|/(?P<id>[A-Za-z0-9.-]{1,64})(?P<rest>/_history(/[1-9][0-9]{0,8})?)?"
    r"|\?(?P<asked>[^=&?#]+=[^&#]+(&[^=&?#]+=[^&#]+)*))?"
)

_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")


def put_right(case: Any) -> None:
    """Tie the body of this case to its address, and each entry of a Bundle to itself."""
    if case.meta.generation.mode.is_positive and "If-None-Exist" in (case.headers or {}):
        case.headers["If-None-Exist"] = "_id=made-up"  # headers are made without their pattern
    path, body = case.path_parameters or {}, case.body
    if not isinstance(body, dict):
        return
    if isinstance(body.get("resourceType"), str) and "type" in path:
        body["resourceType"] = path["type"]
    if "id" in path and _is_id(body.get("id", path["id"])):
        body["id"] = path["id"]
    if case.path == "/fhir" and isinstance(body.get("entry"), list):
        for n, entry in enumerate(body["entry"]):
            _put_right(entry, n)


def _put_right(entry: Any, n: int) -> None:
    request = entry.get("request") if isinstance(entry, dict) else None
    url = request.get("url") if isinstance(request, dict) else None
    named = _URL.fullmatch(url) if isinstance(url, str) else None
    if named is None or not isinstance(request, dict):
        return  # wrong by itself: it is to be refused as it is
    type_, id_, rest, asked = (named[part] or "" for part in ("type", "id", "rest", "asked"))
    if id_ and request.get("method") != "GET":
        id_ = f"{n}-{id_}"[:64]
    parts = [type_ if type_ in types() else "Patient", *([id_ + rest] if id_ else [])]
    request["url"] = "/".join(parts) + (named["log"] or "")
    if asked:
        request["url"] += f"?_id=made-up-{n}"
    if _is_text(request.get("ifNoneExist")) and "=" in request["ifNoneExist"]:
        request["ifNoneExist"] = f"_id=made-up-{n}"
    if _is_text(entry.get("fullUrl")):
        entry["fullUrl"] = f"urn:uuid:00000000-0000-4000-8000-{n:012}"
    if id_ and isinstance(entry.get("resource"), dict):
        entry["resource"]["id"] = id_


def _is_id(value: object) -> bool:
    """As in the contract, #/components/schemas/Id; what is none is wrong by itself."""
    return isinstance(value, str) and bool(_ID.fullmatch(value))


def _is_text(value: object) -> bool:
    return isinstance(value, str) and bool(value)
