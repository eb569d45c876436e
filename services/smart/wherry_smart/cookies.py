"""What binds a launch and a session to one browser: two cookies, each for one path and one use."""

from flask import Response, request

from wherry_smart.deps import Client
from wherry_smart.protocol.launches import LIFE, digest

SECRET_BYTES = 32
"""In a state, a nonce or a cookie: 256 bits."""

_SESSION = "wherry_session"


def set_launch(response: Response, client: Client, *, state: str, secret: str) -> None:
    """Bind this launch to the browser; launches side by side have cookies of different names."""
    _set(
        response, client, _launch(state), secret, path="/callback", life_s=int(LIFE.total_seconds())
    )


def launch_secret(state: str) -> str:
    """What the browser holds for the launch of this state, or nothing."""
    return request.cookies.get(_launch(state), "")


def end_launch(response: Response, client: Client, *, state: str) -> None:
    """The launch is over, however it ended."""
    _set(response, client, _launch(state), "", path="/callback", life_s=0)


def set_session(
    response: Response, client: Client, *, launch_id: str, secret: str, life_s: int
) -> None:
    """Bind this session to the browser; the cookie is sent to its own path alone."""
    _set(response, client, _SESSION, secret, path=f"/app/{launch_id}", life_s=life_s)


def session_secret() -> str:
    """What the browser holds for the session of this path, or nothing."""
    return request.cookies.get(_SESSION, "")


def _launch(state: str) -> str:
    return f"wherry_launch_{digest(state)[:16]}"


def _set(
    response: Response, client: Client, name: str, value: str, *, path: str, life_s: int
) -> None:
    """In another site's frame a browser keeps only partitioned cookies, and those only by https."""
    response.set_cookie(
        name,
        value,
        max_age=life_s,
        path=path,
        httponly=True,
        secure=client.is_public,
        samesite="None" if client.is_public else "Lax",
        partitioned=client.is_public,
    )
