"""GET /app/<launch_id>/: the built page of smart-app/, to the browser that holds the session."""

import re
from pathlib import Path

from flask import Blueprint, Response, redirect, request
from flask.typing import ResponseReturnValue

from wherry.errors import Failure, Kind
from wherry_smart import told
from wherry_smart.deps import deps
from wherry_smart.sessions import session

STYLE, SCRIPT = "/style.css", "/post.js"

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_YEAR_S = 31_536_000
_OWN = Path(__file__).parent / "assets"

bp = Blueprint("page", __name__)


@bp.errorhandler(Failure)
def failed(failure: Failure) -> Response:
    """A page that says why there is nothing to see."""
    return told.page(failure, step="page")


@bp.get("/app/<launch_id>/")
def page(launch_id: str) -> ResponseReturnValue:
    """The page; it holds no patient data, and what it loads is relative to this path."""
    if not request.path.endswith("/"):
        return redirect(f"{request.path}/", 308)
    session(launch_id)
    return Response(_built("index.html"), content_type="text/html; charset=utf-8")


@bp.get("/app/<launch_id>/assets/<name>")
def asset(launch_id: str, name: str) -> Response:
    """A file of the page. Its name has its hash, so it never changes."""
    suffix = Path(name).suffix
    if suffix not in _TYPES or not _NAME.fullmatch(name):
        raise Failure(Kind.NOT_FOUND, "there is no such file", at="assets")
    response = Response(_built("assets", name), content_type=_TYPES[suffix])
    response.headers["Cache-Control"] = f"private, max-age={_YEAR_S}, immutable"
    return response


@bp.get(STYLE)
def style() -> Response:
    """The style sheet of the pages that say what went wrong."""
    return Response((_OWN / "told.css").read_bytes(), content_type=_TYPES[".css"])


@bp.get(SCRIPT)
def script() -> Response:
    """The script of the page that sends the authorization request as a form."""
    return Response((_OWN / "post.js").read_bytes(), content_type=_TYPES[".js"])


def _built(*parts: str) -> bytes:
    path = deps().page.joinpath(*parts)
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    if not (deps().page / "index.html").exists():
        raise Failure(Kind.UNAVAILABLE, "the app's page has not been built here", at="page")
    raise Failure(Kind.NOT_FOUND, "there is no such file", at="assets")
