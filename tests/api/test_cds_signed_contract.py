"""openapi/cds.yaml and the CDS service say the same to a registered client, whatever it sends."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import schemathesis
from hypothesis import HealthCheck, settings
from tests.api.refusals import REFUSED
from tests.api.test_cds_contract import _about_one_patient, _deps
from tests.cds.clients.ehr import BASE, Checking, claims, client, signed

from wherry.adapters.clock import new_id
from wherry_cds.app import create_app

CONTRACT = Path(__file__).parents[2] / "openapi" / "cds.yaml"

CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "negative_data_rejection": {"expected-statuses": [*REFUSED, "412"]},
            # a well-formed call without a prefetch key, and with no server to read, is a 412
            "positive_data_acceptance": {"expected-statuses": ["2xx", "412"]},
        }
    }
)

schema = schemathesis.openapi.from_path(CONTRACT, config=CONFIG).include(
    path_regex="^/cds-services(/{service})?$"
)
schema.app = create_app(_deps(gate=Checking().gate(client())))


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_registered_client_is_answered_by_the_contract(case: Any) -> None:
    _about_one_patient(case.body)
    path = unquote(case.formatted_path).rstrip("/")
    token = signed(claims(aud=f"{BASE}{path}", jti=new_id()))

    case.call_and_validate(headers={"Authorization": f"Bearer {token}"})
