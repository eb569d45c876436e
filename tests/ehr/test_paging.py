"""Next links: opaque, stable while others write, and without a patient's identifier."""

from typing import Any

import pytest


def _walk(ehr: Any, body: Any, path: str, *, between: Any = None) -> tuple[list[str], list[str]]:
    """All ids over all pages, and the next links."""
    found: list[str] = []
    links: list[str] = []
    page = body(ehr.get(path))
    while True:
        found += [entry["resource"]["id"] for entry in page.get("entry", [])]
        after = [link["url"] for link in page["link"] if link["relation"] == "next"]
        if not after:
            return found, links
        links += after
        if between:
            between()
        page = body(ehr.client.get(after[0]))


@pytest.fixture
def seven(either: Any, make: Any) -> Any:
    for n in range(7):
        day = {} if n == 3 else {"effectiveDateTime": f"2024-03-0{1 + n * 3 % 7}"}
        either.ask("PUT", f"/Observation/o{n}", make.observation("same", id=f"o{n}", **day))
    return either


@pytest.mark.parametrize("count", [1, 2, 3, 7])
@pytest.mark.parametrize("sort", ["", "date", "-date", "_id", "-_id", "-date,_id", "-_lastUpdated"])
def test_pages_hold_every_match_once_and_in_order(
    seven: Any, body: Any, sort: str, count: int
) -> None:
    order = f"&_sort={sort}" if sort else ""
    whole = seven.found(f"/Observation?identifier=same{order}")

    found, links = _walk(seven, body, f"/Observation?identifier=same&_count={count}{order}")

    assert found == whole
    assert sorted(found) == [f"o{n}" for n in range(7)]
    assert len(links) == -(-7 // count) - 1


def test_next_links_do_not_hold_what_was_asked_for(seven: Any, body: Any) -> None:
    _, links = _walk(seven, body, "/Observation?identifier=same&_count=2")

    assert len(links) == 3
    assert not [link for link in links if "same" in link]


def test_what_is_written_meanwhile_neither_repeats_nor_drops_a_match(
    seven: Any, make: Any, body: Any
) -> None:
    def another() -> None:
        seven.created(make.observation("same", effectiveDateTime="2024-03-09"))

    found, _ = _walk(
        seven, body, "/Observation?identifier=same&_sort=-date&_count=2", between=another
    )

    assert sorted(found) == [f"o{n}" for n in range(7)]


def test_a_page_can_be_fetched_again(seven: Any, body: Any) -> None:
    link = body(seven.get("/Observation?_count=2"))["link"][1]["url"]

    first, second = (body(seven.client.get(link)) for _ in range(2))

    assert first["entry"] == second["entry"]


def test_an_unknown_page_is_not_found(ehr: Any) -> None:
    assert ehr.get("/Observation?_page=made-up").status_code == 404


def test_a_page_of_another_type_is_not_found(seven: Any, body: Any) -> None:
    link = body(seven.get("/Observation?_count=2"))["link"][1]["url"]

    assert seven.client.get(link.replace("Observation", "Patient")).status_code == 404
