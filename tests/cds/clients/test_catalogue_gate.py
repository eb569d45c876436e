"""Who may read the catalogue, and what a client of 3.0 is told in it."""

from typing import Any

import pytest
from tests.cds.clients.ehr import BASE, bearer, claims, client, signed

from wherry_cds.clients.gate import DiscoveryAuth

DISCOVERY = f"{BASE}/cds-services"


@pytest.mark.parametrize(
    ("mode", "text", "status"),
    [
        (DiscoveryAuth.OPEN, "", 200),
        (DiscoveryAuth.OPEN, "nonsense", 200),
        (DiscoveryAuth.OPTIONAL, "", 200),
        (DiscoveryAuth.OPTIONAL, "nonsense", 401),
        (DiscoveryAuth.OPTIONAL, "good", 200),
        (DiscoveryAuth.REQUIRED, "", 401),
        (DiscoveryAuth.REQUIRED, "good", 200),
        (DiscoveryAuth.REQUIRED, "of_a_service", 401),
    ],
)
def test_who_may_read_the_catalogue_is_a_setting(
    guarded: Any, mode: DiscoveryAuth, text: str, status: int
) -> None:
    texts = {"good": signed(claims(aud=DISCOVERY)), "of_a_service": signed()}
    headers = bearer(texts.get(text, text)) if text else {}

    assert (
        guarded(discovery=mode).client.get("/cds-services", headers=headers).status_code == status
    )


@pytest.mark.parametrize(("version", "told"), [("2.0", False), ("3.0", True)])
def test_a_client_of_3_0_is_told_versions(guarded: Any, version: str, told: bool) -> None:
    world = guarded(client(cds_version=version))

    answer = world.client.get("/cds-services", headers=bearer(signed(claims(aud=DISCOVERY))))

    services = answer.get_json()["services"]
    assert [(one.get("version"), one.get("hookVersion")) for one in services] == [
        ("3.0.0", "1.0.0") if told else (None, None)
    ] * len(services)
