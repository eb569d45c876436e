"""A bearer token becomes the made-up person whose cloud is asked; faults come first."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, request

from wherry.codec import encode
from wherry.errors import Failure
from wherry_devices.sandbox.deps import deps
from wherry_devices.sandbox.faults import DATA
from wherry_devices.sandbox.state import Person

View = Callable[..., Response]


def said(body: Any, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(encode(body), status=status, content_type="application/json")


def bearer() -> str:
    """The token that came in the Authorization header; empty without one."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


def asked(vendor: str, token: str) -> Person:
    """Whose token it is. Raises: Failure(UNAUTHENTICATED)."""
    needs = deps()
    return needs.state.person(vendor, needs.grants.whose(vendor, token))


def for_person(vendor: str, refused: Callable[[], Response]) -> Callable[[View], View]:
    """A view of one person's data by bearer token; `refused` is how the vendor says no."""

    def around(view: View) -> View:
        @wraps(view)
        def answer(*args: Any, **named: Any) -> Response:
            if trouble := deps().faults.strike(vendor, DATA):
                return trouble
            try:
                person = asked(vendor, bearer())
            except Failure:
                return refused()
            with deps().state.lock:
                return view(person, *args, **named)

        return answer

    return around
