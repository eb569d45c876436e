"""A registration that is wrong is refused with its place, and rows and files become clients."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs
from tests.cds.clients.ehr import ISS, JKU, client, ec, jwk

from wherry.adapters.sql import make_engine, writing
from wherry.codec import encode
from wherry.errors import Failure, Kind
from wherry_cds.clients.client import Client
from wherry_cds.clients.profile import PROFILES
from wherry_cds.clients.registration import checked, read, read_all
from wherry_cds.clients.registry import Registered, SqlClients, read_file
from wherry_cds.migrate import upgrade
from wherry_cds.tables import cds_client

GOOD: dict[str, Any] = {"id": "ehr", "iss": ISS, "jku": [JKU]}
BY_HAND = {"keys": [jwk(ec())]}

WRONG = {
    "no_id": ({"id": None}, "client"),
    "id_with_a_space": ({"id": "a b"}, "client"),
    "no_issuer": ({"iss": ""}, "client"),
    "unknown_member": ({"colour": "red"}, "client"),
    "unknown_profile": ({"profile": "lunar"}, "profile"),
    "unknown_override": ({"overrides": {"colour": "red"}}, "client"),
    "leeway_of_an_hour": ({"overrides": {"leeway_s": 3600}}, "client"),
    "life_of_a_day": ({"overrides": {"max_life_s": 86_400}}, "client"),
    "no_keys": ({"jku": []}, "jku"),
    "keys_over_http": ({"jku": ["http://ehr.example.org/jwks"]}, "jku"),
    "keys_on_this_machine": ({"jku": ["http://127.0.0.1/jwks"]}, "jku"),
    "keys_in_a_file": ({"jku": ["file:///etc/passwd"]}, "jku"),
    "keys_with_a_password": ({"jku": ["https://a:b@ehr.example.org/jwks"]}, "jku"),
    "sandbox_over_http_elsewhere": (
        {"profile": "sandbox", "jku": ["http://ehr.example.org/jwks"]},
        "jku",
    ),
    "a_private_key": ({"jwks": {"keys": [ec().as_dict(private=True)]}}, "jwks"),
    "no_key_set": ({"jwks": {"keys": 5}}, "jwks"),
    "symmetric": ({"algs": ["HS256"]}, "algs"),
    "none": ({"algs": ["none"]}, "algs"),
    "mirror_of_nothing": ({"mirrors": {"https://x.org": "https://y.org"}}, "mirrors"),
    "mirror_is_no_address": ({"mirrors": {JKU: "keys"}}, "mirrors"),
    "list_over_http": ({"overrides": {"jku_list_url": "http://x.org"}}, "jku_list_url"),
    "server_is_no_address": ({"fhir_servers": ["fhir"]}, "fhir_servers"),
    "fixed_server_is_no_address": ({"overrides": {"fhir_server": "fhir"}}, "fhir_server"),
    "version_1": ({"cds_version": "1.1"}, "client"),
}


@pytest.mark.parametrize(("change", "at"), WRONG.values(), ids=WRONG)
def test_a_registration_that_is_wrong_is_refused_at_its_place(
    change: dict[str, Any], at: str
) -> None:
    given = {name: value for name, value in {**GOOD, **change}.items() if value is not None}

    with pytest.raises(Failure) as caught:
        read(given)

    assert (caught.value.kind, caught.value.at) == (Kind.INVALID, at)


def test_a_short_registration_is_enough() -> None:
    assert read(GOOD) == client(tenant="ehr")


def test_a_long_one_says_everything() -> None:
    made = read(
        {
            "id": "oracle-west",
            "tenant": "west",
            "iss": "https://cds-hooks.cerner.com",
            "profile": "oracle",
            "overrides": {
                "allowed_link_hosts": ["smart.example.org"],
                "fhir_server": "https://fhir.example.org/r4/t-1",
                "max_detail_chars": 400,
            },
            "claims": ["t-1"],
            "hooks": ["patient-view"],
            "cds_version": "3.0",
            "enabled": False,
        }
    )

    assert made.profile.allowed_link_hosts == frozenset({"smart.example.org"})
    assert (made.profile.max_detail_chars, made.profile.supports_app_context) == (400, False)
    assert made.profile.fhir_server == "https://fhir.example.org/r4/t-1"
    assert (made.tenant, [*made.claims, *made.hooks]) == ("west", ["t-1", "patient-view"])
    assert (made.cds_version, made.enabled) == ("3.0", False)


@pytest.mark.parametrize("name", PROFILES)
def test_every_profile_can_be_registered_and_signs_asymmetrically(name: str) -> None:
    made = read({**GOOD, "profile": name})

    assert made.profile is not None
    assert made.allowed_algs <= {"ES384", "RS384"}
    assert made.profile.loopback_keys is (name == "sandbox")


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        ({"id": "ehr"}, True),
        ({"id": "two"}, True),
        ({"id": "two", "iss": "https://two.example.org"}, False),
        ({"id": "two", "claims": frozenset({"t-2"})}, False),
        ({"id": "two", "claims": frozenset({"t-1", "t-2"})}, True),
        ({"id": "two", "sub": "app-2"}, False),
    ],
)
def test_a_token_fits_one_client_at_most(other: dict[str, Any], clash: bool) -> None:
    one = client(claims=frozenset({"t-1"}), sub="app-1")
    two = client(**{"claims": frozenset({"t-1"}), "sub": "app-1", **other})

    if not clash:
        assert checked([one, two]) == (one, two)
        return
    with pytest.raises(Failure) as caught:
        checked([one, two])
    assert caught.value.kind is Kind.CONFLICT


# from files


def test_a_file_may_be_yaml_or_json(tmp_path: Path) -> None:
    yaml, json = tmp_path / "clients.yaml", tmp_path / "clients.json"
    yaml.write_text(f"- id: ehr\n  iss: {ISS}\n  jku: [{JKU}]\n")
    json.write_bytes(encode([GOOD]))

    assert read_file(str(yaml)) == read_file(str(json)) == (read(GOOD),)
    assert read_file("") == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [("- id: [\n", "no YAML: line"), ("a: 1", "a list of clients"), ("- id: x", "iss")],
)
def test_a_file_of_no_use_says_why(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "clients.yaml"
    file.write_text(text)

    with pytest.raises(Failure, match=said):
        read_file(str(file))


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="cannot be read"):
        read_file(str(tmp_path / "none.yaml"))


def test_a_list_is_read_whole_or_not_at_all() -> None:
    with pytest.raises(Failure):
        read_all([GOOD, GOOD])


# from rows


@pytest.fixture(params=["sqlite_url", "postgres_url"])
def rows(request: pytest.FixtureRequest) -> Iterator[SqlClients]:
    url = request.getfixturevalue(request.param)
    upgrade(url)
    engine = make_engine(url)
    yield SqlClients(engine)
    engine.dispose()


def test_what_was_added_is_there_until_it_is_removed(rows: SqlClients) -> None:
    rows.add({**GOOD, "jwks": BY_HAND})
    (found,) = rows.all()
    assert (found.id, found.jwks is not None) == ("ehr", True)
    assert rows.all()[0] is found  # a row that did not change is not read again

    assert (rows.remove("ehr"), rows.remove("ehr")) == (True, False)
    assert rows.all() == []


def test_an_id_is_taken_once_across_file_and_rows(rows: SqlClients) -> None:
    with pytest.raises(Failure, match="registered twice"):
        rows.add(GOOD, [read(GOOD)])
    rows.add(GOOD)
    with pytest.raises(Failure, match="registered twice"):
        rows.add(GOOD)


class Rows:
    """Rows in memory; `away` is a database that does not answer."""

    def __init__(self) -> None:
        self.clients: list[Client] = []
        self.away, self.asked = False, 0

    def all(self) -> list[Client]:
        self.asked += 1
        if self.away:
            raise Failure(Kind.UNAVAILABLE, "the database is not available")
        return list(self.clients)


def test_clients_are_read_again_every_five_seconds() -> None:
    rows, ticks = Rows(), [0.0]
    registered = Registered([client()], rows, lambda: ticks[0])
    assert [one.id for one in registered.all()] == ["ehr"]
    rows.clients = [client(id="two", iss="https://two.example.org")]
    ticks[0] = 5.0
    assert ([one.id for one in registered.all()], rows.asked) == (["ehr"], 1)

    ticks[0] = 5.1

    assert [one.id for one in registered.all()] == ["ehr", "two"]


def test_clients_are_known_for_a_minute_without_the_database_and_then_nobody_is() -> None:
    rows, ticks = Rows(), [0.0]
    registered = Registered([client()], rows, lambda: ticks[0])
    registered.all()
    rows.away, ticks[0] = True, 59.0
    assert [one.id for one in registered.all()] == ["ehr"]

    ticks[0] = 61.0

    with pytest.raises(Failure) as caught:
        registered.all()
    assert caught.value.kind is Kind.UNAVAILABLE
    rows.away, ticks[0] = False, 70.0
    assert [one.id for one in registered.all()] == ["ehr"]


def test_a_row_that_clashes_is_left_out_and_shuts_nobody_else_out() -> None:
    rows = Rows()
    other = client(id="other", iss="https://other.example.org")
    rows.clients = [client(id="same-issuer"), other, client(id="same-again", iss=other.iss)]

    with capture_logs() as logs:
        found = Registered([client()], rows, lambda: 0.0).all()

    assert [one.id for one in found] == ["ehr", "other"]
    assert [(one["event"], one["client"]) for one in logs] == [
        ("client_left_out", "same-issuer"),
        ("client_left_out", "same-again"),
    ]


def test_a_row_that_cannot_be_read_is_left_out(rows: SqlClients) -> None:
    rows.add(GOOD)
    rows.add({**GOOD, "id": "old", "iss": "urn:old"})
    with writing(rows.engine) as connection:
        spoiled = cds_client.update().where(cds_client.c.id == "old").values(body='{"id": 5}')
        connection.execute(spoiled)

    assert [one.id for one in rows.all()] == ["ehr"]


def test_clients_that_were_never_read_are_not_none() -> None:
    rows = Rows()
    rows.away = True

    with pytest.raises(Failure):
        Registered([], rows, lambda: 0.0).all()
