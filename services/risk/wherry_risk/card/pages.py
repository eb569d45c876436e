"""GET /v1/models/{id}/card: one model's card as JSON or as a page that needs nothing else."""

from base64 import b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path

from flask import Blueprint, Response, render_template, request

from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_risk.card.content import Json, card_of
from wherry_risk.card.words import (
    GROUP_FIGURES,
    HEADINGS,
    WORDS,
    count,
    measured,
    number,
    share,
    span,
)
from wherry_risk.deps import deps
from wherry_risk.model.interface import Registry
from wherry_risk.scoring import models_of

bp = Blueprint("card", __name__, template_folder="templates")

JSON, HTML = "application/json", "text/html"
_FORMATS = {"json": JSON, "html": HTML}
_CSS = Path(__file__).with_name("templates") / "card.css"


@bp.get("/v1/models/<model_id>/card")
def card(model_id: str) -> Response:
    """The card of the version that is in use; `format` goes before Accept."""
    wanted = _wanted()
    content = card_of(models_of(model_id, deps())[0])
    answer = _page(content) if wanted == HTML else Response(encode(content), content_type=JSON)
    answer.headers["Vary"] = "Accept"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def open_paths(models: Registry) -> frozenset[str]:
    """The addresses of all cards, for a site that shows them to everybody."""
    return frozenset(f"/v1/models/{id_}/card" for id_ in models)


def _wanted() -> str:
    """The media type to answer with; JSON for whoever takes anything.

    Raises: Failure: INVALID for an unknown `format`, UNACCEPTABLE when neither is accepted.
    """
    if (asked := request.args.get("format")) is not None:
        if asked not in _FORMATS:
            raise Failure(Kind.INVALID, "format is html or json", at="format")
        return _FORMATS[asked]
    found = request.accept_mimetypes.best_match([JSON, HTML])
    if found is None and request.accept_mimetypes:
        raise Failure(Kind.UNACCEPTABLE, "a card is application/json or text/html", at="Accept")
    return found or JSON


def _page(content: Json) -> Response:
    css = _css()
    page = render_template(
        "card.html",
        card=content,
        css=css,
        words=WORDS,
        headings=HEADINGS,
        measured=measured(content["figures"]),
        group_figures=GROUP_FIGURES,
        number=number,
        span=span,
        share=share,
        count=count,
    )
    answer = Response(page, content_type=f"{HTML}; charset=utf-8")
    digest = b64encode(sha256(css.encode()).digest()).decode()
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'; "
        "frame-ancestors 'none'"
    )
    answer.headers["X-Frame-Options"] = "DENY"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


@cache
def _css() -> str:
    return _CSS.read_text(encoding="utf-8")
