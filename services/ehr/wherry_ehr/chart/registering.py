"""/chart/_registered: a tester adds SMART apps and CDS services, and takes them away again."""

from typing import cast
from urllib.parse import urlsplit

import structlog
from flask import Response, make_response, redirect, render_template, request, url_for

from wherry.errors import Failure, Kind
from wherry_ehr.auth.clients import Client
from wherry_ehr.auth.registry import read_client, registered
from wherry_ehr.chart.calling import cds_servers
from wherry_ehr.chart.cds_key import JWKS_PATH
from wherry_ehr.chart.cds_servers import CdsServer, is_loopback, problems
from wherry_ehr.chart.frame import pages_of
from wherry_ehr.chart.session import signed_in
from wherry_ehr.deps import deps
from wherry_ehr.here import here

log = structlog.get_logger()

# no FHIR id has an underscore, so no patient is hidden by this address
bp = pages_of("registering", __name__, "/chart/_registered")

_MOST_CHARS = 2000
_APP_FIELDS = ("client_id", "name", "launch_url", "redirect_uri", "scope", "jwks_uri")
_SERVICE_FIELDS = ("id", "name", "url")


@bp.get("")
def page() -> str:
    """What is registered, and the forms for more."""
    signed_in()
    return _page()


@bp.post("/apps")
def add_app() -> Response:
    """Register a SMART app: public, or with its keys at an address."""
    signed_in()
    given = _given(_APP_FIELDS)
    if wrong := app_problems(given):
        return make_response(_page(app=given, app_wrong=wrong), 400)
    try:
        registered().add(_client(given))
    except Failure as failure:
        wrong = {"client_id" if failure.kind is Kind.CONFLICT else "app": failure.detail}
        return make_response(_page(app=given, app_wrong=wrong), failure.kind.http)
    log.info("app_registered", client_id=given["client_id"])
    return _back()


@bp.post("/apps/remove")
def remove_app() -> Response:
    """Forget an app. Raises: Failure(NOT_FOUND) for one that was not added here."""
    signed_in()
    if not registered().remove(request.form.get("id", "")):
        raise Failure(Kind.NOT_FOUND, "no app of this id was added here")
    return _back()


@bp.post("/services")
def add_service() -> Response:
    """Register a CDS service, whose address is one of this machine or on the list."""
    signed_in()
    given = _given(_SERVICE_FIELDS)
    server = CdsServer(given["id"], given["name"], given["url"].rstrip("/"))
    wrong, status = problems(server, deps().cds_allowed), 400
    if not wrong:
        try:
            cds_servers(deps()).add(server)
        except Failure as failure:
            wrong, status = {failure.at: failure.detail}, failure.kind.http
    if wrong:
        return make_response(_page(service=given, service_wrong=wrong), status)
    log.info("cds_service_registered", server=server.id)
    return _back()


@bp.post("/services/remove")
def remove_service() -> Response:
    """Forget a CDS service. Raises: Failure(NOT_FOUND) for one that was not added here."""
    signed_in()
    if not cds_servers(deps()).remove(request.form.get("id", "")):
        raise Failure(Kind.NOT_FOUND, "no service of this id was added here")
    return _back()


def app_problems(given: dict[str, str]) -> dict[str, str]:
    """What is wrong with the addresses, by field: https, or http on this machine."""
    found = {
        name: "https is needed, unless the address is a loopback address such as 127.0.0.1"
        for name in ("launch_url", "redirect_uri", "jwks_uri")
        if given[name] and not _is_safe(given[name])
    }
    for name in ("client_id", "redirect_uri", "scope"):
        if not given[name]:
            found[name] = "this is needed"
    return found


def _client(given: dict[str, str]) -> Client:
    keyed = bool(given["jwks_uri"])
    return read_client(
        {
            "client_id": given["client_id"],
            "name": given["name"] or given["client_id"],
            "launch_url": given["launch_url"],
            "redirect_uris": [given["redirect_uri"]],
            "scope": given["scope"],
            "jwks_uri": given["jwks_uri"],
            "auth_method": "private_key_jwt" if keyed else "none",
        }
    )


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host))
    )


def _given(names: tuple[str, ...]) -> dict[str, str]:
    return {name: request.form.get(name, "").strip()[:_MOST_CHARS] for name in names}


def _page(
    *,
    app: dict[str, str] | None = None,
    app_wrong: dict[str, str] | None = None,
    service: dict[str, str] | None = None,
    service_wrong: dict[str, str] | None = None,
) -> str:
    servers, started_with = cds_servers(deps()), {one.client_id for one in deps().clients}
    return render_template(
        "chart/registered.html",
        apps=[(one, one.client_id in started_with) for one in registered().all()],
        services=[(one, servers.is_fixed(one.id)) for one in servers.all()],
        allowed=deps().cds_allowed,
        app=app or {},
        app_wrong=app_wrong or {},
        service=service or {},
        service_wrong=service_wrong or {},
        issuer=here().fhir,
        jwks=f"{here().origin}{JWKS_PATH}",
    )


def _back() -> Response:
    return cast("Response", redirect(url_for("registering.page"), 303))
