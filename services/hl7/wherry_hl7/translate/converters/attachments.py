"""What an OBX attaches (ED) or points to (RP) becomes an Attachment."""

import re
from base64 import b64encode
from typing import Any

from wherry.fhir.systems import DATA_ABSENT_REASON
from wherry.hl7.segment import Rep
from wherry_hl7.translate.scope import Scope

_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+")
_BLANK = re.compile(r"\s+|\\\.br\\")
_UNKNOWN = {"extension": [{"url": DATA_ABSENT_REASON, "valueCode": "unknown"}]}


def encapsulated(rep: Rep, scope: Scope) -> dict[str, Any]:
    """ED: source ^ type ^ subtype ^ encoding ^ data; empty when the data cannot be read.

    Source: HL7 v2.5.1 §2.A.24, tables 0191, 0291 and 0299.
    """
    kind = content_type(rep[2], rep[3], scope)
    if not rep.component(5):
        return without_content({"contentType": kind} if kind else {})
    data = data_of(rep)
    if not data:
        return {}
    return {"contentType": kind or "application/octet-stream", "data": data}


def pointer(rep: Rep, scope: Scope) -> dict[str, Any]:
    """RP: pointer ^ application ^ type ^ subtype; empty when it points nowhere.

    Source: HL7 v2.5.1 §2.A.65.
    """
    url = rep.text_of(1).strip()
    if not url or re.search(r"\s", url):
        return {}
    kind = content_type(rep[3], rep[4], scope)
    return {"contentType": kind, "url": url} if kind else {"url": url}


def text(lines: list[str]) -> dict[str, Any]:
    """Lines as one plain text. Source: FHIR R4 Attachment (base64 of UTF-8)."""
    whole = "\n".join(lines).encode("utf-8", "replace")
    return {"contentType": "text/plain", "data": b64encode(whole).decode()}


def without_content(attachment: dict[str, Any]) -> dict[str, Any]:
    """An attachment of which only the description was sent: its content is not known here."""
    return {**attachment, "_url": _UNKNOWN}


def content_type(kind: str, subtype: str, scope: Scope) -> str:
    """The media type that a type of table 0191 and a subtype of table 0291 name; empty if none."""
    kind, subtype = kind.strip(), subtype.strip()
    whole = scope.tables["MimeSubtypes"].get(subtype) if subtype else None
    if whole is not None and whole.to:
        return whole.to
    major = scope.tables["MimeTypes"].get(kind) if kind else None
    return "text/plain" if major is not None and major.to == "text" else ""


def data_of(rep: Rep) -> str:
    """The data of an ED as base64; empty when they cannot be read."""
    encoding, raw = rep[4].strip().upper(), rep.component(5)
    if encoding == "A":
        return b64encode(rep.text_of(5).encode("utf-8", "replace")).decode()
    if encoding == "HEX":
        return b64encode(bytes.fromhex(raw)).decode() if _HEX.fullmatch(raw) else ""
    data = _BLANK.sub("", raw) if encoding == "BASE64" else ""
    return data if len(data) % 4 == 0 and _BASE64.fullmatch(data) else ""
