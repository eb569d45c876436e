"""The registration that the page on onboarding an EHR shows is one that is taken."""

import re
from pathlib import Path

import yaml

from wherry_cds.clients.registration import read_all

PAGE = Path(__file__).parents[3] / "docs" / "onboarding-an-ehr.md"


def test_the_example_of_the_page_can_be_used() -> None:
    (example,) = re.findall(r"```yaml\n(.+?)```", PAGE.read_text(), re.DOTALL)

    (client,) = read_all(yaml.safe_load(example))

    assert (client.tenant, client.profile.name, len(client.claims)) == ("east", "oracle", 1)
    assert client.profile.fhir_server.startswith("https://fhir.example.org/")
