"""iHealth's cloud: lists by the clock on the wall, and only those that changed, by the sandbox."""

from datetime import timedelta

import pytest
from tests.devices.asked import played
from tests.devices.asked import said as answer
from tests.devices.harness import NOW
from tests.devices.pulled import CLIENT, Account, said
from tests.devices.sandboxed import BACK, Clouds, bp, one

from wherry.errors import Failure, Kind
from wherry_devices.vendors import VENDORS, oauth
from wherry_devices.vendors.ihealth import dressed
from wherry_devices.vendors.protocol import Answer, Client, Grant, Request, Trouble, trouble

VENDOR = VENDORS["ihealth"]
AT = "2026-03-01T07:30:00-08:00"


def account(clouds: Clouds, days: float = 20) -> Account:
    clouds.person("ihealth")
    return Account(clouds, "ihealth", VENDOR.start(NOW - timedelta(days=days)))


def test_all_lists_are_fetched_page_by_page() -> None:
    clouds = Clouds(page_size=2)
    person = account(clouds)
    clouds.measure("ihealth", *(one("weight", AT, 80 + number) for number in range(5)))
    clouds.measure("ihealth", bp(AT), one("spo2", AT, 97), one("glucose", AT, 110))

    found = person.fetch()

    assert sorted(str(each.value) for each in found if each.kind == "weight") == [
        "80.00", "81.00", "82.00", "83.00", "84.00",
    ]  # fmt: skip
    assert {"bp_systolic", "spo2"} <= {each.kind for each in found}
    assert [each.query["page_index"] for each in person.asked] == ["1", "1", "2", "3", "1", "1"]


def test_a_list_that_is_as_it_was_is_not_kept_again_and_one_that_grew_late_is() -> None:
    clouds = Clouds()
    person = account(clouds)
    clouds.measure("ihealth", one("spo2", AT, 97), one("weight", AT, 80))
    person.fetch()
    again = person.fetch()
    clouds.measure("ihealth", one("spo2", "2026-02-12T08:00:00-08:00", 91))

    late = person.fetch()

    assert again == []
    assert said(late) == ["91", "97"]


def test_a_run_that_was_cut_off_keeps_no_list_twice_and_leaves_none_out() -> None:
    for cut in range(1, 6):
        clouds = Clouds(page_size=2)
        person = account(clouds)
        clouds.measure("ihealth", *(one("weight", AT, 80 + number) for number in range(3)))
        clouds.measure("ihealth", one("spo2", AT, 97))

        found = [*person.fetch(stop_after=cut), *person.fetch()]

        assert {str(each.value) for each in found} == {"80.00", "81.00", "82.00", "97"}, cut


def test_after_months_only_the_last_thirty_days_are_asked_for() -> None:
    clouds = Clouds()
    person = account(clouds, days=200)
    clouds.measure("ihealth", one("weight", "2025-12-01T08:00:00-08:00", 90), one("weight", AT, 80))

    assert said(person.fetch()) == ["90.00", "80.00"]
    assert said(person.fetch()) == ["80.00"]
    assert person.fetch() == []


def test_tokens_are_asked_for_in_the_query_and_name_the_account() -> None:
    clouds = Clouds()
    clouds.person("ihealth")
    code = clouds.code("ihealth")

    def grant(asking: object) -> Grant:
        request = next(asking)  # type: ignore[call-overload]  # a generator
        told = clouds.web.get(f"/ihealth{request.path}", query_string=dict(request.query))
        with pytest.raises(StopIteration) as ended:
            asking.send(Answer(told.status_code, told.data))  # type: ignore[attr-defined]  # same
        found = ended.value.value
        assert isinstance(found, Grant)
        return found

    first = grant(oauth.exchange(VENDOR, CLIENT, code=code, redirect_uri=BACK, verifier=""))
    second = grant(oauth.renewal(VENDOR, CLIENT, first.refresh_token))

    assert (first.account, second.account) == ("made-up-1", "made-up-1")
    assert first.refresh_token != second.refresh_token
    with pytest.raises(Failure) as caught:
        oauth.granted(VENDOR, answer({"Error": "no", "ErrorCode": 1005}, 400))
    assert trouble(caught.value) is Trouble.REFUSED


def test_a_registration_without_a_lists_serial_number_is_for_a_person() -> None:
    request = Request("GET", "/openapiv2/user/u/bp.json/")

    with pytest.raises(Failure) as caught:
        dressed(request, Client("id", "made-up-secret", {"sc": "s"}), "token")

    assert (caught.value.kind, "sv_bp" in caught.value.detail) == (Kind.FORBIDDEN, True)
    assert "made-up-secret" not in repr(dressed(request, CLIENT, "made-up-token"))
    assert "made-up-token" not in repr(dressed(request, CLIENT, "made-up-token"))


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (answer({"ErrorCode": 1009}, 400), Trouble.REFUSED),
        (answer({"ErrorCode": 1009}), Trouble.REFUSED),
        (answer({}, 429), Trouble.BUSY),
        (answer({}, 500), Trouble.AWAY),
        (answer({"BPDataList": 7}), Trouble.MALFORMED),
        (answer([]), Trouble.MALFORMED),
        (Answer(200, b"<html>"), Trouble.MALFORMED),
    ],
)
def test_trouble_is_told_by_its_kind(first: Answer, expected: Trouble) -> None:
    with pytest.raises(Failure) as caught:
        played(VENDOR.pages("u", VENDOR.start(NOW), NOW), [first])

    assert trouble(caught.value) is expected
