"""Every answer says what a browser may do with it: run our script, frame it in the EHR."""

from collections.abc import Iterable, Mapping

from flask import Flask, Response, g

# Source: SMART App Launch 2.2, app protection; no X-Frame-Options: EHRs show apps in frames
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action {forms}; frame-ancestors 'self'{frames}; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
_HEADERS = {
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_CSP = "Content-Security-Policy"


def install(app: Flask, *, frame_ancestors: Mapping[str, Iterable[str]]) -> None:
    """Add the headers to every answer; what is not said to be kept is not kept.

    A page of a session may be framed by the EHR that it came from, one of a launch by any that is
    listed: there nobody knows yet.
    """
    anybody = tuple(dict.fromkeys(each for one in frame_ancestors.values() for each in one))

    @app.after_request
    def add(response: Response) -> Response:
        framed_by = frame_ancestors.get(g.get("framed_by", ""), anybody)
        forms = g.get("posts_to", "'none'")
        response.headers[_CSP] = _POLICY.format(
            forms=forms, frames="".join(f" {origin}" for origin in framed_by)
        )
        response.headers.update(_HEADERS)
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def may_post(response: Response, *, to: str) -> Response:
    """Let this one page send a form to the EHR, and on to wherever people sign in there.

    Chromium holds every hop of the redirects that follow against this policy.
    """
    g.posts_to = f"https: {to}"
    return response


def framed_by(base: str) -> None:
    """Say of which EHR this answer is."""
    g.framed_by = base
