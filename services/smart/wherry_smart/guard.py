"""What our own page proves with every request to the API: that it is our own page."""

import hmac
import re
from typing import Any

from flask import request

from wherry.errors import Failure, Kind
from wherry.web.body import json_object
from wherry_smart import cookies
from wherry_smart.deps import deps
from wherry_smart.protocol.launches import guard

HEADER = "X-CSRF-Token"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_SAFE = {"GET", "HEAD"}


def own_page(launch_id: str) -> None:
    """Our own page asks, or nobody. Raises: Failure(FORBIDDEN).

    A cookie that goes into frames of other sites proves nothing about who asks; the browser says
    that, and for deeds a word that only our page can have. Source: Fetch Metadata Request Headers;
    a browser that does not send them keeps to CORS, and a form of another site has no JSON.
    """
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    if site not in {"same-origin", "none"}:
        raise Failure(Kind.FORBIDDEN, "only the app's own page may ask", at="Sec-Fetch-Site")
    if request.method in _SAFE:
        return
    if request.headers.get("Origin", deps().here.url) != deps().here.url or site == "none":
        raise Failure(Kind.FORBIDDEN, "only the app's own page may ask", at="Origin")
    said = request.headers.get(HEADER, "")
    wanted = guard(cookies.session_secret(), launch_id)
    if not hmac.compare_digest(said.encode(), wanted.encode()):
        raise Failure(Kind.FORBIDDEN, "only the app's own page may ask", at=HEADER)


def body(launch_id: str) -> dict[str, Any]:
    """The JSON object that our own page sent; empty when it sent none.

    Raises: Failure(FORBIDDEN, UNSUPPORTED, INVALID).
    """
    own_page(launch_id)
    return json_object()


def text(given: dict[str, Any], name: str, *, longest: int, needed: bool = False) -> str:
    """A text of the body without control characters. Raises: Failure(INVALID)."""
    said = given.get(name, "")
    if not isinstance(said, str) or len(said) > longest or (needed and not said.strip()):
        raise Failure(Kind.INVALID, f"a text of at most {longest} characters is needed", at=name)
    if any(letter < " " and letter not in "\n\t" for letter in said):
        raise Failure(Kind.INVALID, "it holds control characters", at=name)
    return said.strip()


def id_of(given: dict[str, Any], name: str) -> str:
    """A logical id, which becomes part of an address. Raises: Failure(INVALID).

    Source: FHIR R4 datatypes, id.
    """
    said = given.get(name)
    if not isinstance(said, str) or not _ID.fullmatch(said):
        raise Failure(Kind.INVALID, "a logical id is needed", at=name)
    return said


def key(given: dict[str, Any]) -> str:
    """What makes this deed the same when it is sent again. Raises: Failure(INVALID)."""
    said = given.get("key", "")
    if not isinstance(said, str) or not _KEY.fullmatch(said):
        raise Failure(Kind.INVALID, "8 to 64 letters, digits, - or _ are needed", at="key")
    return said


def only(given: dict[str, Any], *names: str) -> None:
    """Refuse what is not known. Raises: Failure(INVALID)."""
    for name in given.keys() - set(names):
        raise Failure(Kind.INVALID, "there is no such member", at=name[:64])
