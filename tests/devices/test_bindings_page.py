"""/v1/bindings/page: what a person sees of devices, binds, ends, and is told when it cannot be."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from pydantic import SecretStr
from tests.devices.bindings_forms import END, FORM, KEY, PAGE, text
from tests.devices.harness import NOW, House, getmeas, group, measure

from wherry.errors import Failure, Kind
from wherry.ports import State
from wherry_devices.app import create_app
from wherry_devices.freshness.seen import Waiting
from wherry_devices.owning.page_words import name_of_patient, span

DAY = timedelta(days=1)


@pytest.fixture
def web(house: House) -> FlaskClient:
    return create_app(house.deps()).test_client()


def test_a_device_is_bound_by_a_form_and_what_waited_for_it_is_worked_on(
    house: House, web: FlaskClient
) -> None:
    id_ = house.keep(getmeas(group(1, measure(11, 70))))
    house.work()

    answer = web.post(PAGE, data=FORM)

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{PAGE}?patient=p1&done=bound"
    assert house.message(id_).state is State.WAITING
    [binding] = house.bindings.search()
    assert (binding.key, binding.every, binding.zone) == (KEY, 2 * DAY, "Europe/Berlin")
    assert "The device is bound." in text(web.get(answer.headers["Location"]))


def test_a_binding_is_ended_and_keeps_what_was_expected(house: House, web: FlaskClient) -> None:
    web.post(PAGE, data=FORM)

    answer = web.post(f"{PAGE}/end", data=END)

    assert answer.status_code == 303
    [binding] = house.bindings.search()
    assert binding.valid_to is not None
    assert binding.valid_to.isoformat() == "2026-02-01T12:00:00+00:00"
    assert (binding.every, binding.verified_by) == (2 * DAY, "nurse 8")
    assert "Earlier and later bindings" in text(web.get(f"{PAGE}?patient=p1"))


def test_a_page_shows_state_cause_advice_days_and_the_name(house: House, web: FlaskClient) -> None:
    house.bind("cuff-1")
    house.keep(getmeas(group(1, measure(9, 82), measure(10, 143))))
    house.keep({"status": 0, "body": {"devices": [{"battery": "low", "deviceid": "cuff-1"}]}})
    house.work()
    house.clock.at += 2 * DAY
    named = {"resourceType": "Patient", "id": "p1", "name": [{"given": ["Eva"], "family": "<b>"}]}
    house.fhir.send({"resourceType": "Bundle", "type": "transaction", "entry": [
        {"resource": named, "request": {"method": "PUT", "url": "Patient/p1"}}]})  # fmt: skip

    seen = text(web.get(f"{PAGE}?patient=p1"))

    assert "Eva &lt;b&gt; (p1)" in seen
    assert "1 late" in seen
    assert "Blood pressure : 3 days ago" in seen
    assert "Likely cause: The sensor." in seen
    assert (
        "With the patient: see to the battery, the distance and the pairing of the sensor." in seen
    )
    assert "Battery low; the last reading took 1 day to come." in seen
    assert (
        "Of the last 30 days, those with a device's own reading: 1; in a row up to now: 0" in seen
    )
    assert "2–15 days: no; 16–30 days: no. Days in UTC; a count, no advice on billing." in seen


def test_those_that_need_somebody_stand_first(house: House, web: FlaskClient) -> None:
    for name in ("cuff-1", "cuff-2"):
        house.bind(name)
    house.keep(getmeas(group(1, measure(11, 70))))
    house.work()

    seen = text(web.get(PAGE))

    assert "1 never heard 1 on track" in seen
    assert seen.index("Nothing has come from it yet.") < seen.index("Heart rate :")


def test_what_waits_is_listed_with_numbers_of_messages_and_leads_to_the_form(
    house: House, web: FlaskClient
) -> None:
    house.seen.held = [Waiting(KEY, "withings", 7, NOW, (1, 2, 3, 4, 5))]

    seen = text(web.get(PAGE))
    form = web.get(f"{PAGE}?bind={KEY}").get_data(as_text=True)

    assert f"withings {KEY[:12]}… 7 2 Mar 2026, 12:00 1, 2, 3, 4, 5 …" in seen
    assert f'name="name" type="text" value="{KEY}"' in form
    assert "<option selected>withings</option>" in form
    assert re.search(r'value="key" required checked', form)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://localhost"}, 303),
        ({}, 303),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "evil.example"}, 403),
    ],
)
def test_a_form_of_another_page_is_refused(
    house: House, web: FlaskClient, headers: dict[str, str], status: int
) -> None:
    answer = web.post(PAGE, data=FORM, headers=headers)

    assert answer.status_code == status
    assert len(house.bindings.search()) == (status == 303)


def test_the_page_is_guarded_as_the_rest_of_the_service_is(house: House) -> None:
    house.token = SecretStr("made-up-secret")
    web = create_app(house.deps()).test_client()
    known = {"Authorization": "Bearer made-up-secret"}

    assert web.get(PAGE).status_code == 401
    assert web.post(PAGE, data=FORM).status_code == 401
    assert web.get(PAGE, headers=known | {"Host": "devices.example"}).status_code == 200
    assert web.post(PAGE, data=FORM, headers=known).status_code == 303
    assert [one.who for one in house.audit.rows] == ["service"]


def test_nothing_is_loaded_framed_kept_or_sent_elsewhere(web: FlaskClient) -> None:
    for address in (PAGE, f"{PAGE}?patient=stranger"):
        answer = web.get(address)
        policy = answer.headers["Content-Security-Policy"]

        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "unsafe" not in policy
        assert "form-action 'self'; frame-ancestors 'none'" in policy
        assert answer.headers["Cache-Control"] == "no-store"
        assert "<script" not in answer.get_data(as_text=True)


def test_every_view_and_deed_leaves_a_row(house: House, web: FlaskClient) -> None:
    web.post(PAGE, data=FORM)
    web.get(PAGE)
    web.get(f"{PAGE}?patient=p2")
    web.post(f"{PAGE}/end", data=END)

    assert [(one.what, one.patient, one.key) for one in house.audit.rows] == [
        ("bind", "p1", KEY),
        ("read-page", "p1", ""),
        ("read-page", "p2", ""),
        ("bind-until", "p1", KEY),
    ]


def test_when_nobody_can_tell_the_page_says_so_and_no_device_looks_fine(
    house: House, web: FlaskClient
) -> None:
    house.bind("cuff-1")
    for part in (house.seen, house.audit):
        part.failure = Failure(Kind.UNAVAILABLE, "the database is not available")
        seen = text(web.get(PAGE), 503)
        part.failure = None

        assert "nothing is said about any device" in seen
        assert "on track" not in seen.lower()


def test_without_the_fhir_server_the_id_stands_for_the_name(house: House, web: FlaskClient) -> None:
    house.fhir.failures = [Failure(Kind.UNAVAILABLE, "away")]

    seen = text(web.get(f"{PAGE}?patient=p1"))

    assert "Patient (p1) The patient's name cannot be told just now." in seen


@pytest.mark.parametrize("query", ["?patient=a/b", "?bind=x", "?after=x", "?name=Eva"])
def test_a_wrong_address_is_told(web: FlaskClient, query: str) -> None:
    assert "This is not possible now" in text(web.get(PAGE + query), 400)


def test_a_patient_who_is_not_there_has_no_page(web: FlaskClient) -> None:
    assert "no such patient" in text(web.get(f"{PAGE}?patient=stranger"), 404)


@pytest.mark.parametrize(
    ("patient", "name"),
    [
        ({"name": [{"text": "Eva Demo"}]}, "Eva Demo"),
        ({"name": [{"given": ["Eva", "Maria"], "family": "Demo"}]}, "Eva Maria Demo"),
        ({"name": []}, ""),
        ({"name": "Eva"}, ""),
        ({}, ""),
    ],
)
def test_a_patients_name_is_put_together(patient: dict[str, object], name: str) -> None:
    assert name_of_patient(patient) == name


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(hours=25), "1 day"),
        (timedelta(minutes=119), "1 hour"),
        (timedelta(seconds=-300), "5 minutes"),
        (timedelta(), "no time"),
    ],
)
def test_a_span_is_told_in_words(length: timedelta, words: str) -> None:
    assert span(length) == words
