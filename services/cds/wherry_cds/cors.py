"""Browsers on listed pages may call: exact origins, no credentials, open preflights."""

from flask import Flask, Response, request

_ALLOWED = {
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}


def install(app: Flask, *, origins: frozenset[str]) -> None:
    """Answer CORS on /cds-services for these origins. Source: CDS Hooks 2.0, CORS."""

    @app.after_request
    def allow(response: Response) -> Response:
        if not request.path.startswith("/cds-services"):
            return response
        response.vary.add("Origin")
        origin = request.headers.get("Origin", "")
        if origin in origins:
            response.headers["Access-Control-Allow-Origin"] = origin
            if request.method == "OPTIONS":
                response.headers.update(_ALLOWED)
        return response
