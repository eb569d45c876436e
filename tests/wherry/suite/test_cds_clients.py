"""The suite's own EHRs are registered, and what the demo signs is what the registration proves."""

import json
from pathlib import Path
from stat import S_IMODE

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from wherry.adapters.clock import SystemClock
from wherry.suite.addresses import Addresses
from wherry.suite.cds_clients import DEMO_ISSUER, demo_key, registrations, signer, write
from wherry.suite.place import Place

AT = Addresses(500)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path / "var")
    made.prepare()
    return made


def test_the_chart_and_the_demo_are_registered(place: Place) -> None:
    sandbox, demo = json.loads(write(place, AT).read_text())

    assert sandbox == {
        "id": "sandbox",
        "iss": "http://127.0.0.1:8600/fhir",
        "jku": ["http://127.0.0.1:8600/cds-client/jwks.json"],
        "profile": "sandbox",
        "fhir_servers": ["http://127.0.0.1:8600/fhir"],
    }
    assert (demo["id"], demo["iss"]) == ("demo", DEMO_ISSUER)
    assert not {"tenant"} & {*sandbox, *demo}, "each is a tenant of its own"
    assert [("d" in key) for key in demo["jwks"]["keys"]] == [False]


def test_the_demos_key_is_made_once_and_its_owners_alone(place: Place) -> None:
    first, again = demo_key(place), demo_key(place)

    assert first.kid == again.kid
    assert S_IMODE((place.root / "cds-demo-key.json").stat().st_mode) == 0o600


def test_what_the_demo_signs_is_proved_by_its_registration(place: Place) -> None:
    url = "http://127.0.0.1:8604/cds-services/early-warning"
    sign = signer(demo_key(place), DEMO_ISSUER, SystemClock())
    (_, demo) = registrations(AT, demo_key(place))
    (public,) = demo["jwks"]["keys"]

    one, two = (jwt.decode(sign(url), ECKey.import_key(public), ["ES384"]) for _ in range(2))

    assert one.header == {"alg": "ES384", "typ": "JWT", "kid": public["kid"]}
    assert (one.claims["iss"], one.claims["aud"]) == (DEMO_ISSUER, url)
    assert one.claims["exp"] - one.claims["iat"] == 300
    assert one.claims["jti"] != two.claims["jti"]
