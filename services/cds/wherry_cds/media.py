"""Errors leave as application/json, or as FHIR JSON for callers who name it."""

from flask import Flask, Response, request

from wherry.web.outcome import FHIR_JSON


def install(app: Flask) -> None:
    """CDS Hooks speaks application/json; an OperationOutcome is no exception to that."""

    @app.after_request
    def name(response: Response) -> Response:
        asked = {accepted for accepted, _ in request.accept_mimetypes}
        if response.mimetype == FHIR_JSON and FHIR_JSON not in asked:
            response.content_type = "application/json"
        return response
