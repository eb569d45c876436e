"""Every answer says what a browser may do with it: run our script, frame it in the EHR."""

from collections.abc import Sequence

from flask import Flask, Response

# Source: SMART App Launch 2.2, app protection; no X-Frame-Options: EHRs show apps in frames
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'{ancestors}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def install(app: Flask, *, frame_ancestors: Sequence[str]) -> None:
    """Add the headers to every answer; what is not said to be kept is not kept."""
    policy = _POLICY.format(ancestors="".join(f" {origin}" for origin in frame_ancestors))

    @app.after_request
    def add(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = policy
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response
