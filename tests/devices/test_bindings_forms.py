"""The forms of /v1/bindings/page: what is wrong stands at its field, and nothing is changed."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from tests.devices.bindings_forms import END, FORM, KEY, PAGE, text
from tests.devices.harness import NOW, House

from wherry_devices.app import create_app

DAY = timedelta(days=1)


@pytest.fixture
def web(house: House) -> FlaskClient:
    return create_app(house.deps()).test_client()


@pytest.mark.parametrize(
    ("changed", "status", "field_and_words"),
    [
        ({"patient": "stranger"}, 404, ("patient", "no such patient")),
        ({"source": "nobody"}, 404, ("source", "no such source")),
        ({"name": ""}, 400, ("name", "1 to 255 characters")),
        ({"what": "serial"}, 400, ("what", "one of device, account, key")),
        ({"what": "key"}, 400, ("name", "32 hexadecimal digits")),
        ({"valid_from": "soon"}, 400, ("valid_from", "a date and a time")),
        ({"valid_from": ""}, 400, ("valid_from", "needed")),
        ({"valid_from": "2026-01-01T00:00+01:00"}, 400, ("valid_from", "without an offset")),
        ({"valid_to": "2025-01-01T00:00"}, 409, ("valid_to", "after valid_from")),
        ({"verified_by": " "}, 400, ("verified_by", "1 to 255 characters")),
        ({"expected_every": "daily"}, 400, ("expected_every", "P1D")),
        ({"zone": "Europe/Atlantis"}, 404, ("zone", "no such IANA time zone")),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_the_rest_stays_filled_in(
    house: House,
    web: FlaskClient,
    changed: dict[str, str],
    status: int,
    field_and_words: tuple[str, str],
) -> None:
    field, words = field_and_words
    answer = web.post(PAGE, data={**FORM, **changed})
    html = answer.get_data(as_text=True)

    assert answer.status_code == status
    said = re.search(rf'id="bind-{field}-help">Error: ([^<]*)<', html)
    assert said is not None
    assert words in said[1]
    assert f'aria-describedby="bind-{field}-help"' in html
    assert field == "verified_by" or 'value="nurse 7"' in html
    assert house.bindings.search() == []


def test_a_device_of_somebody_else_is_told_in_words_at_the_field(
    house: House, web: FlaskClient
) -> None:
    house.bind("cuff-1", "p2", until=NOW)
    house.bind("cuff-1", "p2", since=NOW + DAY)

    seen = text(web.post(PAGE, data=FORM), 409)

    assert (
        "Error: It belongs to patient p2 from 1 Jan 2020, 00:00 to 2 Mar 2026, 12:00"
        " and patient p2 from 3 Mar 2026, 12:00 on."
        " End that binding first, or choose a time outside it." in seen
    )
    assert len(house.bindings.search()) == 2


@pytest.mark.parametrize("local", ["2026-03-29T02:30", "2026-10-25T02:30"])
def test_an_hour_that_the_clocks_skip_or_repeat_is_asked_again(house: House, local: str) -> None:
    house.zone = "Europe/Berlin"
    web = create_app(house.deps()).test_client()

    seen = text(web.post(PAGE, data={**FORM, "valid_from": local}), 400)

    assert "the clocks change then" in seen


def test_times_of_the_form_are_of_this_site(house: House) -> None:
    house.zone = "Europe/Berlin"
    web = create_app(house.deps()).test_client()
    web.post(PAGE, data=FORM)

    assert house.bindings.search()[0].valid_from.isoformat() == "2025-12-31T23:00:00+00:00"


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"ends": ""}, "ends", "when does it end?"),
        ({"ends": "2025-01-01T00:00"}, "ends", "after valid_from"),
        ({"ended_by": ""}, "ended_by", "1 to 255 characters"),
    ],
)
def test_a_wrong_end_stands_at_the_binding_which_is_open(
    house: House, web: FlaskClient, changed: dict[str, str], field: str, words: str
) -> None:
    web.post(PAGE, data=FORM)

    answer = web.post(f"{PAGE}/end", data={**END, **changed})
    html = answer.get_data(as_text=True)

    assert answer.status_code in {400, 409}
    assert "<details open>" in html
    end = "" if field == "ends" else "-by"
    said = re.search(rf'id="end-{KEY}{end}-help">Error: ([^<]*)<', html)
    assert said is not None
    assert words in said[1]
    assert house.bindings.search()[0].valid_to is None


def test_what_is_not_bound_cannot_be_ended(house: House, web: FlaskClient) -> None:
    seen = text(web.post(f"{PAGE}/end", data=END), 404)

    assert "there is no such binding" in seen
    assert house.bindings.search() == []
