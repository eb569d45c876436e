"""What binds a launch and a session to one browser: two cookies, each for one use."""

from flask import Response, request

from wherry_smart.deps import Here, deps
from wherry_smart.protocol.launches import LIFE, digest

SECRET_BYTES = 32
"""In a state, a nonce or a cookie: 256 bits."""

SESSION = "wherry_session"
_LAUNCH = "wherry_launch"


def set_launch(response: Response, *, name: str, secret: str) -> None:
    """Bind a launch to the browser; launches side by side have cookies of different names."""
    life_s = int(LIFE.total_seconds())
    _set(response, _launch(name), secret, path="/", life_s=life_s)


def launch_secret(name: str) -> str:
    """What the browser holds for the launch of this name, or nothing."""
    return request.cookies.get(_launch(name), "")


def end_launch(response: Response, *, name: str) -> None:
    """The launch is over, however it ended."""
    _set(response, _launch(name), "", path="/", life_s=0)


def set_session(response: Response, *, launch_id: str, secret: str, life_s: int) -> None:
    """Bind this session to the browser; the cookie is sent to its own path alone."""
    _set(response, _session(deps().here), secret, path=f"/app/{launch_id}", life_s=life_s)


def session_secret() -> str:
    """What the browser holds for the session of this path, or nothing."""
    return request.cookies.get(_session(deps().here), "")


def _launch(name: str) -> str:
    """A browser takes `__Host-` from this host alone, over https. Source: RFC 6265bis, 4.1.3."""
    prefix = "__Host-" if deps().here.is_public else ""
    return f"{prefix}{_LAUNCH}_{digest(name)[:16]}"


def _session(here: Here) -> str:
    """`__Secure-`, as `__Host-` would send it to every path."""
    return f"__Secure-{SESSION}" if here.is_public else SESSION


def _set(response: Response, name: str, value: str, *, path: str, life_s: int) -> None:
    """In another site's frame a browser keeps only partitioned cookies, and those only by https."""
    is_public = deps().here.is_public
    response.set_cookie(
        name,
        value,
        max_age=life_s,
        path=path,
        httponly=True,
        secure=is_public,
        samesite="None" if is_public else "Lax",
        partitioned=is_public,
    )
