"""A small CDS server that keeps every rule of the suite, but for the flaws that it is given.

It knows nothing of the product. What it is for: that the suite can be seen to fail.
"""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from threading import Lock
from typing import Any

import requests
from flask import Flask, Response, request
from tests.conformance.cds.parties import Party
from tests.conformance.cds.seam import Seam
from tests.conformance.cds.small import asked, cards
from tests.conformance.cds.small.flaws import FLAWS
from tests.conformance.cds.small.reading import Reader, Unmet, Wrong
from tests.conformance.cds.small.tokens import Refused, Tokens

MAX_BYTES = 200_000
_DEADLINE_S = 2.0


@dataclass
class Small:
    """One small server with its flaws; `origin` is its address, `page` the origin of its pages."""

    parties: Mapping[str, Party]
    fhir: str
    page: str
    flaws: frozenset[str] = frozenset()
    origin: str = ""
    seen: set[str] = field(default_factory=set)
    shown: set[str] = field(default_factory=set)
    audit: list[dict[str, Any]] = field(default_factory=list)
    told: list[dict[str, Any]] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    log: list[str] = field(default_factory=list)
    away: set[str] = field(default_factory=set)
    busy: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        unknown = self.flaws - FLAWS.keys()
        if unknown:
            raise ValueError(f"no such flaw: {sorted(unknown)}")
        self.tokens = Tokens(self.parties, self.has, self.seen)
        self.http = requests.Session()

    def has(self, flaw: str) -> bool:
        """Whether this is wrong with it."""
        return flaw in self.flaws

    @contextmanager
    def without(self, part: str) -> Iterator[None]:
        """A part is away for a while."""
        self.away.add(part)
        try:
            yield
        finally:
            self.away.discard(part)

    def seam(self) -> Seam:
        """What it shows beside the standard."""
        return Seam(
            decisions=lambda patient: [one for one in self.audit if one["patient"] == patient],
            feedback=lambda card: [one for one in self.told if one["card"] == card],
            logs=lambda: "\n".join(self.log),
            faults={
                name: partial(self.without, name)
                for name in ("replay-store", "model", "audit-store")
            },
        )


def create(small: Small) -> Flask:
    """Its WSGI application."""
    app = Flask("small")
    has = small.has

    def refuse(status: int, *problems: asked.Problem, **headers: str) -> Response:
        issues = [
            {"severity": "error", "code": "invalid", "details": {"text": f"{at} {text}"}}
            for at, text in problems or (("request", "refused"),)
        ]
        return tell({"resourceType": "OperationOutcome", "issue": issues}, status, **headers)

    def tell(body: Any, status: int = 200, **headers: str) -> Response:
        kind = "text/html" if has("discovery is called HTML") else "application/json"
        made = Response(json.dumps(body), status, content_type=kind)
        made.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
        return made

    @app.errorhandler(405)
    def method(error: Any) -> Response:
        allow = ", ".join(sorted(error.valid_methods or ()))
        return refuse(405, Allow=allow)

    @app.errorhandler(404)
    def path(_: Any) -> Response:
        return refuse(404)

    @app.errorhandler(500)
    def fault(_: Any) -> Response:
        return refuse(500)

    @app.after_request
    def cors(response: Response) -> Response:
        origin = request.headers.get("Origin", "")
        response.vary.add("Origin")
        if (origin == small.page and not has("no page may call")) or has("every page may call"):
            response.headers["Access-Control-Allow-Origin"] = origin
            if has("credentials of pages"):
                response.headers["Access-Control-Allow-Credentials"] = "true"
            if request.method == "OPTIONS":
                response.headers["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
                response.headers["Access-Control-Allow-Headers"] = "Authorization, Content-Type"
        return response

    def caller(*paths: str) -> Party | Response:
        """Who asks, or the answer to somebody who may not."""
        sent = request.headers.get("Authorization", "")
        if has("tokens in the log"):
            small.log.append(sent)
        audiences = tuple(f"{small.origin}{one}" for one in paths)
        try:
            if "replay-store" in small.away and not has("replay store away is open"):
                return refuse(503, Retry_After="5")
            return small.tokens.judged(sent, audiences, request.host)
        except Refused as reason:
            if has("no token is needed") and not sent:
                return small.parties["https://first.suite.example"]
            if has("a broken token is 500") and str(reason) == "no JWT":
                return refuse(500)
            said = str(reason) if has("refusals tell why") else "refused"
            return refuse(401, ("token", said), WWW_Authenticate="Bearer")
        except (ValueError, UnicodeError, LookupError):
            return refuse(401, ("token", "refused"), WWW_Authenticate="Bearer")

    where = "/elsewhere" if has("discovery is somewhere else") else "/cds-services"
    also = ["POST"] if has("discovery takes POST") else []

    @app.route(where, methods=["GET", *also])
    def discovery() -> Response:
        if has("discovery takes no token") and "Authorization" in request.headers:
            return refuse(400)
        return tell({"services": cards.services(has)})

    def body_of(limit: int = MAX_BYTES) -> Any:
        if request.mimetype != "application/json" and not has("any media type"):
            return refuse(415)
        if (request.content_length or 0) > limit and not has("any size"):
            return refuse(413)
        try:
            body = json.loads(request.get_data())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            return tell({"cards": []}) if has("no JSON is 200") else refuse(400)
        return body

    @app.route("/cds-services/<id_>", methods=["POST", *(["GET"] if has("a call by GET") else [])])
    def call(id_: str) -> Response:  # noqa: PLR0911 - one return for each way to refuse
        if request.method == "GET":
            return tell({"cards": []})
        who = caller(f"/cds-services/{id_}")
        if isinstance(who, Response):
            return who
        offered = [one["hook"] for one in cards.services(has) if one["id"] == id_ == "watch"]
        if not offered:
            return tell({"cards": []}) if has("an unknown service is 200") else refuse(404)
        body = body_of()
        if isinstance(body, Response):
            return body
        if found := asked.problems(body, tuple(offered), has):
            return refuse(400, *found)
        if has("slow"):
            time.sleep(0.6)
        if has("one at a time") and not small.busy.acquire(blocking=False):
            return refuse(503)
        try:
            return answer(who, body)
        finally:
            if has("one at a time"):
                time.sleep(0.05)
                small.busy.release()

    def answer(who: Party, body: dict[str, Any]) -> Response:  # noqa: PLR0911 - as above
        patient = str(body["context"].get("patientId", "nobody"))
        reader = Reader(small.http, small.fhir, has, time.monotonic() + _DEADLINE_S)
        if body.get("hook") == "encounter-start" and has("one service answers for another"):
            return tell({"services": []})
        if body.get("hook") == "encounter-start" and has("one hook for an id"):
            return refuse(400)
        try:
            record = reader.record(body, patient)
        except Wrong as wrong:
            if not has("no audit of another patient"):
                row = {"patient": patient, "shown": False, "rule": "another patient"}
                small.audit.append(row)
            return refuse(400, (str(wrong), "is not the patient's"))
        except Unmet as unmet:
            return refuse(412, (str(unmet), "was neither sent nor could be read"))
        if small.away & {"model", "audit-store"}:
            if has("no model is no cards") and "model" in small.away:
                return tell({"cards": []})
            if not (has("audit away is open") and "audit-store" in small.away):
                return refuse(503, Retry_After="5")
        token = body.get("fhirAuthorization", {}).get("access_token", "")
        made = cards.card({"id": patient}, record, has, token)
        key = patient if has("silent for all tenants") else f"{who.tenant}|{patient}"
        key = "everybody" if has("silent for everybody") else key
        healthy = record and made["indicator"] == "info"
        if healthy and has("an alarm for the healthy"):
            made["indicator"], healthy = "critical", False
        worse = f"{key}|critical"
        urgent = made["indicator"] == "critical" and not has("the first card silences all")
        news = worse not in small.shown if urgent else key not in small.shown
        show = not healthy and news
        small.shown |= {key, *({worse} if made["indicator"] == "critical" else ())}
        if has("every call is shown and audited as not"):
            small.audit.append({"patient": patient, "shown": True})
        else:
            rule = "first crossing" if show else "not again"
            small.audit.append({"patient": patient, "shown": show, "rule": rule})
        if "uuid" in made:
            small.made[made["uuid"]] = who.tenant
        more: dict[str, Any] = {"systemActions": []} if has("empty system actions") else {}
        return tell({"cards": [made] if show else [], **more})

    @app.post("/cds-services/<id_>/feedback")
    def feedback(id_: str) -> Response:  # noqa: PLR0911 - as above
        if has("feedback without a token") and "Authorization" not in request.headers:
            return tell({})
        any_ = tuple([f"/cds-services/{each}" for each in ("another-service", id_)])
        paths = any_ if has("feedback takes any audience") else (f"/cds-services/{id_}",)
        who = caller(*paths, f"/cds-services/{id_}/feedback")
        if isinstance(who, Response):
            return who
        if id_ != "watch" and not has("feedback to any service"):
            return refuse(404)
        body = body_of()
        if isinstance(body, Response):
            return body
        if found := asked.feedback(body, has):
            return refuse(400, *found)
        for item in body.get("feedback", []):
            owner = small.made.get(item["card"])
            if owner is None and has("an unknown card is refused"):
                return refuse(404)
            if owner not in {None, who.tenant} and not has("any tenant's feedback"):
                return refuse(404)
            keep(item)
        return tell({})

    def keep(item: dict[str, Any]) -> None:
        if has("feedback is forgotten") or (
            item in small.told and not has("told twice counts twice")
        ):
            return
        if has("only the last word"):
            small.told[:] = [one for one in small.told if one["card"] != item["card"]]
        small.told.append(item)

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS":
            return None
        if has("a preflight needs a token") and "Authorization" not in request.headers:
            return refuse(401, WWW_Authenticate="Bearer")
        return Response(status=204)

    return app
