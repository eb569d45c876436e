"""Several writers at once: no doubles, no lost updates, one winner per version."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from wherry_ehr.app import create_app

WRITERS = 8


def _all_at_once(ehr: Any, *asks: Any) -> list[Any]:
    """Each ask gets a client of its own, as other programs have.

    The apps are made one after the other: Python 3.11 compiles no routes in several threads.
    """
    each = [type(ehr)(create_app(ehr.deps).test_client(), ehr.deps) for _ in asks]

    with ThreadPoolExecutor(len(asks)) as pool:
        return list(pool.map(lambda ask, one: ask(one), asks, each))


def test_a_conditional_create_by_many_makes_one(either: Any, make: Any) -> None:
    def create(ehr: Any) -> int:
        condition = "identifier=urn:example:mrn|1"
        return int(ehr.ask("POST", "/Patient", make.patient(), If_None_Exist=condition).status_code)

    statuses = Counter(_all_at_once(either, *[create] * WRITERS))

    assert statuses == {201: 1, 200: WRITERS - 1}
    assert len(either.found("/Patient?identifier=urn:example:mrn|1")) == 1


def test_transactions_of_the_same_entries_make_each_resource_once(either: Any, make: Any) -> None:
    entries = [
        make.entry("PUT", f"Patient?identifier=urn:example:mrn|{n}", make.patient(str(n)))
        for n in range(20)
    ]

    def send(ehr: Any) -> int:
        return int(ehr.bundle("transaction", *entries).status_code)

    statuses = _all_at_once(either, *[send] * WRITERS)

    assert statuses == [200] * WRITERS
    assert len(either.found("/Patient?_count=100")) == 20


def test_of_many_changes_of_one_version_only_one_is_made(either: Any, make: Any) -> None:
    old = either.created(make.patient())

    def change(n: int) -> Any:
        new = {**old, "birthDate": f"19{n:02}-01-01"}
        return lambda ehr: (
            ehr.ask("PUT", f"/Patient/{old['id']}", new, If_Match='W/"1"').status_code
        )

    statuses = Counter(_all_at_once(either, *(change(n) for n in range(WRITERS))))

    assert statuses == {200: 1, 412: WRITERS - 1}
    assert either.vids("Patient", old["id"]) == 2


def test_every_unconditional_change_gets_a_version_of_its_own(either: Any, make: Any) -> None:
    old = either.created(make.patient())

    def change(n: int) -> Any:
        new = {**old, "birthDate": f"19{n:02}-01-01"}
        return lambda ehr: ehr.ask("PUT", f"/Patient/{old['id']}", new).headers["ETag"]

    etags = _all_at_once(either, *(change(n) for n in range(WRITERS)))

    assert sorted(etags) == [f'W/"{n}"' for n in range(2, WRITERS + 2)]
