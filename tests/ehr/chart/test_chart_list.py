"""Patients are found by name, number and birth date, never in an address, and page by page."""

from typing import Any

import pytest

from wherry_ehr.chart.listing import PER_PAGE


def _names(page: Any) -> list[str]:
    return [row[0].partition(",")[0] for row in page.rows[1:]]


@pytest.fixture
def three(sandbox: Any, made: Any) -> Any:
    """A sandbox with three patients."""
    sandbox.put(
        made.patient("p-1", "Birch-Test", identifier=[{"system": "urn:x", "value": "MRN-1"}]),
        made.patient("p-2", "Birkenau, Test", birthDate="1960-07-08"),
        made.patient("p-3", "Oak$Test", identifier=[{"system": "urn:y", "value": "MRN|3"}]),
    )
    return sandbox


@pytest.mark.parametrize(
    ("form", "found"),
    [
        ({"name": "bir"}, ["Birch-Test", "Birkenau"]),
        ({"name": "ADA"}, ["Birch-Test", "Birkenau", "Oak$Test"]),
        ({"name": "nau, t"}, ["Birkenau"]),
        ({"name": "oak$"}, ["Oak$Test"]),
        ({"mrn": "MRN-1"}, ["Birch-Test"]),
        ({"mrn": "MRN|3"}, ["Oak$Test"]),
        ({"born": "1960-07-08"}, ["Birkenau"]),
        ({"name": "bir", "born": "1960-07-08"}, ["Birkenau"]),
        ({"name": "nobody"}, []),
        ({"name": "  "}, ["Birch-Test", "Birkenau", "Oak$Test"]),
    ],
)
def test_all_that_is_given_must_fit(three: Any, form: dict[str, str], found: list[str]) -> None:
    answer = three.client.post("/chart", data=form)

    assert answer.status_code == 200
    assert sorted(_names(three.page_of(answer))) == found
    assert ("No patient fits" in answer.get_data(as_text=True)) is (not found)


def test_a_birth_date_that_is_none_is_asked_about_at_the_field(three: Any) -> None:
    answer = three.client.post("/chart", data={"born": "08.07.1960", "name": "bir"})

    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "Birth date: give it as year, month and day" in page
    assert 'aria-describedby="wrong"' in page
    assert 'value="bir"' in page


def test_long_lists_are_read_page_by_page(sandbox: Any, made: Any) -> None:
    sandbox.put(*(made.patient(f"p-{n}", f"Family{n:03}") for n in range(PER_PAGE + 3)))

    first = sandbox.client.get("/chart").get_data(as_text=True)
    second = sandbox.client.post("/chart", data={"name": "Family", "page": "2"})
    beyond = sandbox.client.post("/chart", data={"page": "99999"})

    names = _names(sandbox.page_of(second))
    assert f"{PER_PAGE + 3} patients, page 1 of 2" in first
    assert ("Next page" in first, "Previous page" in first) == (True, False)
    assert len(names) == 3
    assert "Previous page" in second.get_data(as_text=True)
    assert 'name="name" value="Family"' in second.get_data(as_text=True)
    assert "page 2 of 2" in beyond.get_data(as_text=True)
