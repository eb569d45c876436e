"""What `wherry up` takes from the environment, and what it makes itself."""

from pathlib import Path

import pytest

from wherry.suite.addresses import Addresses
from wherry.suite.place import Place
from wherry.suite.plan import plan
from wherry.suite.settings import UpSettings

REDIS = "redis://127.0.0.1:6379/0"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    for name in ("WHERRY_DATABASE_URL", "WHERRY_EHR_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    made = Place(tmp_path)
    made.prepare()
    return made


def test_databases_are_files_of_the_place(place: Place) -> None:
    suite = plan(place, Addresses(), UpSettings(redis_url=REDIS), open_fhir=False)

    assert (suite.database_url, suite.ehr_database_url, suite.redis) == (
        f"sqlite:///{place.root}/wherry.db",
        f"sqlite:///{place.root}/ehr.db",
        None,
    )


def test_given_databases_are_used(place: Place) -> None:
    given = UpSettings(redis_url=REDIS, database_url="sqlite:///a", ehr_database_url="sqlite:///b")

    suite = plan(place, Addresses(), given, open_fhir=False)

    assert (suite.database_url, suite.ehr_database_url) == ("sqlite:///a", "sqlite:///b")


@pytest.mark.parametrize(("given", "sandbox"), [(None, True), ("{}", False)])
def test_whoever_names_vendors_gets_no_sandbox_of_them(
    place: Place, given: str | None, sandbox: bool
) -> None:
    settings = UpSettings(redis_url=REDIS, devices_vendors=given)

    assert plan(place, Addresses(), settings, open_fhir=False).vendors is sandbox
