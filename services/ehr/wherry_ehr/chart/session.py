"""The chart's session: a cookie becomes the clinician who is signed in."""

from typing import cast

from flask import Response, redirect, request, url_for

from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import hashed
from wherry_ehr.auth.records import Session
from wherry_ehr.auth.vault import SESSION_LIFE, vault
from wherry_ehr.deps import deps


def session() -> Session | None:
    """Who is signed in in this browser, or nobody."""
    secret = request.cookies.get(cookie_name(), "")
    return vault().session(hashed(secret), deps().clock.now()) if secret else None


def signed_in() -> Session:
    """Who is signed in. Raises: Failure(UNAUTHENTICATED)."""
    found = session()
    if found is None:
        raise Failure(Kind.UNAUTHENTICATED, "sign in to the chart first")
    return found


def to_sign_in() -> Response | None:
    """The way to the sign-in page, when nobody is signed in and a page is asked for."""
    if request.method != "GET" or session() is not None:
        return None
    return cast("Response", redirect(url_for("sign_in.page", to=request.path), 303))


def keep(response: Response, secret: str) -> Response:
    """Give the browser its session."""
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=int(SESSION_LIFE.total_seconds()),
        httponly=True,
        secure=request.is_secure,
        samesite="Lax",
    )
    return response


def drop(response: Response) -> Response:
    """Take it back."""
    response.delete_cookie(cookie_name(), httponly=True, samesite="Lax")
    return response


def cookie_name() -> str:
    """Cookies know no ports: suites side by side on this machine must not take each other's."""
    port = request.host.rpartition(":")[2]
    return f"wherry_chart_{port}" if port.isdigit() else "wherry_chart"
