"""openapi/smart.yaml and the launch host say the same, whatever is sent."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from prometheus_client import CollectorRegistry
from tests.smart.fakes import Cards, Deeds, Scorer, at_the_end, in_turn

from wherry.errors import Failure, Kind
from wherry.ports import Fhir
from wherry.testing.fhir import FakeFhir
from wherry_smart.app import create_app
from wherry_smart.deps import Deps, Here, Limits
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.client import RS384, new_key
from wherry_smart.protocol.discovery import Endpoints
from wherry_smart.protocol.launches import Pending, Session, Tokens, digest, pack
from wherry_smart.protocol.profiles import Profile, profiles
from wherry_smart.vault_redis import RedisVault

CONTRACT = Path(__file__).parents[2] / "openapi" / "smart.yaml"
NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ISSUER = "https://ehr.example.org/fhir"
KEY, RSA = new_key(), new_key(RS384)
HERE = Here("http://127.0.0.1:8105")


class Now:
    def now(self) -> datetime:
        return NOW


class Authorization:
    """An EHR that can be found and then grants nothing."""

    def discover(self, profile: Profile) -> Endpoints:
        base = profile.base
        return Endpoints(f"{base}/authorize", f"{base}/token", f"{base}/jwks", base)

    def exchange(self, profile: Profile, pending: Pending, code: str) -> Mapping[str, Any]:
        raise Failure(Kind.FORBIDDEN, "the EHR did not accept the app's request", at="token")

    def keys(self, pending: Pending, kid: str) -> Sequence[Mapping[str, Any]]:
        return []

    def style(self, profile: Profile, address: str) -> Mapping[str, Any]:
        return {}

    def renew(self, profile: Profile, tokens: Tokens) -> Mapping[str, Any]:
        raise Failure(Kind.UNAVAILABLE, "the EHR did not answer", at="token")

    def revoke(self, profile: Profile, tokens: Tokens) -> bool:
        return False


@contextmanager
def _fhir(_base: str, _token: str) -> Iterator[Fhir]:
    about = {"subject": {"reference": "Patient/p-1"}, "status": "final"}
    value = {"value": 70, "unit": "/min"}
    tier = {"qualitativeRisk": {"coding": [{"code": "high"}]}, "probabilityDecimal": 0.4}
    yield FakeFhir(
        {"resourceType": "Patient", "id": "p-1"},
        {
            **about,
            "resourceType": "Observation",
            "id": "o-1",
            "code": {"text": "Pulse"},
            "effectiveDateTime": "2026-03-01T11:00:00Z",
            "valueQuantity": value,
        },
        {
            **about,
            "resourceType": "RiskAssessment",
            "id": "r-1",
            "occurrenceDateTime": "2026-03-01T11:00:00Z",
            "prediction": [tier],
        },
        {
            **about,
            "resourceType": "Encounter",
            "id": "e-1",
            "status": "in-progress",
            "period": {"start": "2026-03-01T08:00:00Z"},
        },
    )


CARD = {
    "id": "c-1",
    "at": "2026-03-01T11:00:00Z",
    "service": "deterioration",
    "summary": "NEWS2 7",
    "indicator": "critical",
    "shown": True,
    "why": "first crossing",
    "override": {"reason": "seen", "at": "2026-03-01T11:01:00Z"},
    "snoozed_until": None,
}


def _deps() -> Deps:
    registry, vault = CollectorRegistry(), RedisVault(fakeredis.FakeRedis(), lambda: (b"0" * 32,))
    cards = Cards()
    cards.listed = [CARD]
    for launch_id, patient in (("0", "p-1"), ("a", "p-1"), ("list", "")):
        vault.put("session", launch_id, pack(_session(patient)), life_s=3600)
    vault.put("tokens", "made-up-name", pack(_TOKENS), life_s=3600)
    numbers = count(1)
    return Deps(
        profiles=profiles([{"iss": ISSUER}], client_id="wherry-smart", redirect=HERE.redirect),
        authorization=Authorization(),
        vault=vault,
        turns=vault,
        fhir=_fhir,
        scorer=Scorer(),
        cards=cards,
        deeds=Deeds(),
        clock=Now(),
        secret=lambda size: f"s{next(numbers)}".rjust(size, "s"),
        pause=lambda seconds: None,
        each=in_turn,
        later=at_the_end,
        here=HERE,
        keys=lambda: [KEY, RSA],
        page=Path(__file__).parent,  # nothing is built here
        frame_ancestors={},
        limits=Limits(session_s=3600, idle_s=900),
        metrics=Metrics(registry),
        registry=registry,
    )


_SCOPE = "patient/*.rs user/*.rs patient/ServiceRequest.c"
_ENDS = datetime(2026, 3, 1, 13, 0, tzinfo=UTC)
_TOKENS = Tokens(
    base=ISSUER,
    token_endpoint=f"{ISSUER}/token",
    revocation="",
    access_token="made-up",
    refresh_token="",
    scope=_SCOPE,
    issued_at=NOW,
    expires_at=_ENDS,
    ends_at=_ENDS,
)


def _session(patient: str) -> Session:
    return Session(
        base=ISSUER,
        tokens="made-up-name",
        scope=_SCOPE,
        patient=patient,
        encounter="",
        banner=True,
        person="Practitioner/u-1",
        browser=digest("made-up-cookie"),
        started_at=NOW,
        expires_at=_ENDS,
    )


CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            # A launch is one of an EHR that is listed, a session one that a browser began: what
            # is well formed is refused all the same, as a stranger's.
            "positive_data_acceptance": {
                "expected-statuses": ["2xx", "3xx", "400", "401", "403", "404", "503"]
            },
        }
    }
)

schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG)
schema.app = create_app(_deps())


@schema.parametrize()
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_host_keeps_its_contract(case: Any) -> None:
    case.call_and_validate()


def _browser(launch_id: str) -> Any:
    browser = schema.app.test_client()
    browser.set_cookie("wherry_session", "made-up-cookie", path=f"/app/{launch_id}")
    return browser


_OF_PATIENT = (
    *(
        "session",
        "person",
        "style",
        "summary",
        "patient",
        "scores",
        "trend",
        "series",
        "alerts",
        "cards",
        "audit",
    ),
    *("models", "orders"),
)


@pytest.mark.parametrize("panel", _OF_PATIENT)
def test_a_panel_of_a_session_keeps_its_contract(panel: str) -> None:
    answer = _browser("a").get(f"/app/a/api/{panel}")

    assert answer.status_code == 200
    schema[f"/app/{{launch_id}}/api/{panel}"]["GET"].validate_response(answer)


@pytest.mark.parametrize("panel", ["worklist", "worklist/events"])
def test_a_list_of_patients_keeps_its_contract(panel: str) -> None:
    answer = _browser("list").get(f"/app/list/api/{panel}")

    assert answer.status_code == 200
    schema[f"/app/{{launch_id}}/api/{panel}"]["GET"].validate_response(answer)


_DEEDS: list[tuple[str, str, dict[str, Any], int]] = [
    ("a", "alerts/{alert}/acknowledge", {"key": "click-0001", "reason": "seen"}, 201),
    ("a", "alerts/{alert}/snooze", {"key": "click-0002", "reason": "x", "minutes": 60}, 201),
    ("a", "notes", {"key": "click-0003", "note": "family informed"}, 201),
    ("a", "orders/preview", {"key": "click-0004", "order": "lactate"}, 200),
    ("list", "worklist/open", {"patient": "p-1"}, 201),
]


@pytest.mark.parametrize(("launch_id", "deed", "body", "status"), _DEEDS, ids=str)
def test_a_deed_of_a_session_keeps_its_contract(
    launch_id: str, deed: str, body: dict[str, Any], status: int
) -> None:
    browser = _browser(launch_id)
    word = browser.get(f"/app/{launch_id}/api/session").json["csrf"]

    address = f"/app/{launch_id}/api/{deed.format(alert='r-1')}"
    answer = browser.post(address, json=body, headers={"X-CSRF-Token": word})

    assert answer.status_code == status, answer.get_data(as_text=True)
    schema[f"/app/{{launch_id}}/api/{deed}"]["POST"].validate_response(answer)
