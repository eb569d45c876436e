"""What the sandbox of clouds says is shaped as the vendors document it: templates read it."""

from datetime import timedelta
from urllib.parse import parse_qsl

import pytest
from tests.devices.harness import NOW, SITE, TEMPLATES
from tests.devices.sandboxed import Clouds, bp, one
from werkzeug.test import TestResponse

from wherry.codec import decode
from wherry_devices.connectors import decoded
from wherry_devices.intake.tink import signed
from wherry_devices.mapping.read import read
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from wherry_devices.sandbox.ihealth import SC, SV

MORNING = "2026-03-01T08:00:00+01:00"


@pytest.fixture
def clouds() -> Clouds:
    return Clouds()


def getmeas(clouds: Clouds, headers: dict[str, str], **form: object) -> TestResponse:
    return clouds.web.post("/withings/measure", data={"action": "getmeas", **form}, headers=headers)


def test_withings_pages_by_time_of_change_and_its_template_reads_them(clouds: Clouds) -> None:
    clouds = Clouds(page_size=2)
    clouds.person("withings")
    ids = clouds.measure(
        "withings", bp(MORNING), one("weight", MORNING, 81.4), bp(MORNING, 120, 70)
    )
    headers = clouds.bearer("withings")

    first = decode(getmeas(clouds, headers).data)["body"]
    last = decode(getmeas(clouds, headers, offset=first["offset"]).data)["body"]

    assert [each["grpid"] for each in first["measuregrps"] + last["measuregrps"]] == ids
    assert (first["more"], "more" in last) == (1, False)
    assert last["measuregrps"][0]["measures"][0] == {
        "value": 120, "type": 10, "unit": 0, "algo": 0, "fm": 3,
    }  # fmt: skip
    found = read({"body": first}, TEMPLATES["withings"], site=SITE)
    assert [str(each.value) for each in found.readings] == ["143", "82", "76", "81.400"]


def test_an_edit_is_seen_since_then_and_a_deletion_is_gone(clouds: Clouds) -> None:
    clouds.person("withings")
    edited, gone = clouds.measure("withings", bp(MORNING), bp(MORNING, 150, 90))
    headers = clouds.bearer("withings")
    clouds.clock.at = NOW + timedelta(hours=1)

    path = f"/people/withings/made-up-1/readings/{edited}"
    assert clouds.post(path, {"values": {"systolic": 133, "diastolic": 82}}).status_code == 200
    path = f"/sandbox/people/withings/made-up-1/readings/{gone}"
    assert clouds.web.delete(path).status_code == 200

    since = int(clouds.clock.at.timestamp())
    changed = decode(getmeas(clouds, headers, lastupdate=since).data)["body"]["measuregrps"]
    everything = decode(getmeas(clouds, headers).data)["body"]["measuregrps"]
    assert [each["measures"][0]["value"] for each in changed] == [133]
    assert [each["grpid"] for each in everything] == [edited]


def test_withings_tells_an_address_that_answered_its_check(clouds: Clouds) -> None:
    clouds.person("withings")
    headers = clouds.bearer("withings")
    form = {"action": "subscribe", "callbackurl": "http://127.0.0.1:1/hook", "appli": "4"}

    clouds.answers = [404]
    refused = clouds.web.post("/withings/notify", data=form, headers=headers)
    taken = clouds.web.post("/withings/notify", data=form, headers=headers)
    clouds.measure("withings", bp(MORNING), tell=True)
    clouds.measure("withings", one("weight", MORNING, 80), tell=True)

    assert [decode(each.data)["status"] for each in (refused, taken)] == [503, 0]
    [notice] = [each for each in clouds.sent if each.body]
    assert dict(parse_qsl(notice.body.decode())) == {
        "userid": "made-up-1", "appli": "4", "startdate": "1772348400", "enddate": "1772348401",
    }  # fmt: skip


def test_dexcom_has_windows_of_thirty_days_and_ends_of_its_scale(clouds: Clouds) -> None:
    clouds.person("dexcom")
    clouds.measure(
        "dexcom",
        one("glucose", "2026-03-01T08:00:00-05:00", 118),
        one("glucose", "2026-03-01T08:05:00-05:00", 31),
        one("glucose", "2026-03-01T08:10:00-05:00", 460),
    )
    headers = clouds.bearer("dexcom")

    def egvs(start: str, end: str) -> TestResponse:
        query = {"startDate": start, "endDate": end}
        return clouds.web.get("/dexcom/v3/users/self/egvs", query_string=query, headers=headers)

    good = egvs("2026-02-01T13:00:00", "2026-03-01T13:10:00")
    records = decode(good.data)["records"]
    found = read(decode(good.data), TEMPLATES["dexcom"], site=SITE).readings
    span = decode(clouds.web.get("/dexcom/v3/users/self/dataRange", headers=headers).data)

    assert [(each["value"], each["status"]) for each in records] == [(39, "low"), (118, None)]
    assert [(each.comparator, str(each.value)) for each in found] == [("<", "40"), ("", "118")]
    assert span["egvs"]["end"] == {
        "systemTime": "2026-03-01T13:10:00Z", "displayTime": "2026-03-01T08:10:00-05:00",
    }  # fmt: skip
    assert egvs("2026-01-01T00:00:00", "2026-02-01T00:00:00").status_code == 400
    assert egvs("yesterday", "today").status_code == 400


def test_omron_has_readings_since_a_day_and_says_when_there_are_more(clouds: Clouds) -> None:
    clouds.person("omron", callbacks=["http://127.0.0.1:1/hook"])
    clouds.measure(
        "omron", bp("2026-02-28T23:30:00-05:00"), bp("2026-03-01T07:00:00-05:00"), tell=True
    )
    headers = clouds.bearer("omron")

    def ask(**form: str) -> dict[str, object]:
        answer = clouds.web.post("/omron/prd/api/measurement", data=form, headers=headers)
        return dict(decode(answer.data)["result"])

    short = ask(since="2026-02-01", limit="1")
    late = ask(since="2026-03-01")

    assert (short["truncated"], late["truncated"]) == (True, False)
    found = read({"userid": "u", "result": late}, TEMPLATES["omron"], site=SITE).readings
    assert found[0].instant.isoformat() == "2026-03-01T07:00:00-05:00"
    assert decode(clouds.sent[0].body) == {"id": "made-up-1", "timestamp": "2026-03-01T12:00:00Z"}


def test_google_filters_by_time_pages_and_writes_whole_numbers_as_texts(clouds: Clouds) -> None:
    clouds = Clouds(page_size=2)
    clouds.person("google-health")
    clouds.measure(
        "google-health",
        *(
            one("heart_rate", f"2026-03-01T08:0{number}:00-05:00", 60 + number)
            for number in range(4)
        ),
    )
    headers = clouds.bearer("google-health")
    path = "/google-health/v4/users/me/dataTypes/heart-rate/dataPoints"
    time = "heart_rate.sample_time.physical_time"
    query = {"filter": f'{time} >= "2026-03-01T13:01:00Z" AND {time} < "2026-03-01T13:04:00Z"'}

    first = clouds.web.get(path, query_string=query, headers=headers)
    token = decode(first.data)["nextPageToken"]
    last = clouds.web.get(path, query_string={**query, "pageToken": token}, headers=headers)
    points = decode(first.data)["dataPoints"] + decode(last.data)["dataPoints"]

    assert [each["heartRate"]["beatsPerMinute"] for each in points] == ["63", "62", "61"]
    found = read(decoded("google-health", first.data), TEMPLATES["google-health"], site=SITE)
    assert [str(each.value) for each in found.readings] == ["63", "62"]
    assert "nextPageToken" not in decode(last.data)
    for wrong in ({"filter": "heartRate > 3"}, {"pageToken": "x"}):
        assert clouds.web.get(path, query_string=wrong, headers=headers).status_code == 400
    assert (
        clouds.web.get(path.replace("heart-rate", "heartRate"), headers=headers).status_code == 400
    )


def test_google_subscribes_only_who_refuses_strangers_and_signs_what_it_sends(
    clouds: Clouds,
) -> None:
    clouds.person("google-health")
    asked = {
        "endpointUri": "http://127.0.0.1:1/hook",
        "endpointAuthorization": {"secret": "Bearer made-up"},
    }

    def subscribe(*answers: int) -> int:
        clouds.answers = list(answers)
        return clouds.web.post("/google-health/v4/projects/p/subscribers", json=asked).status_code

    assert [subscribe(201, 201), subscribe(401, 401), subscribe(201, 401)] == [400, 400, 200]
    clouds.sent.clear()
    clouds.measure("google-health", one("weight", MORNING, 80.5), tell=True)

    [notice] = clouds.sent
    keys = clouds.web.get("/google-health/keyset.json").data
    assert signed(keys, notice.headers["X-HEALTHAPI-SIGNATURE"], notice.body)
    assert not signed(keys, notice.headers["X-HEALTHAPI-SIGNATURE"], notice.body + b" ")
    assert decode(notice.body)[0]["data"]["dataType"] == "weight"


def test_ihealth_writes_the_clock_on_the_wall_and_where_the_next_page_is(clouds: Clouds) -> None:
    clouds = Clouds(page_size=1)
    clouds.person("ihealth")
    clouds.measure("ihealth", bp("2026-03-01T08:00:00-08:00"), bp("2026-03-01T20:00:00-08:00"))
    made = clouds.tokens("ihealth")
    query = {
        "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "sc": SC, "sv": SV,
        "access_token": made["AccessToken"],
    }  # fmt: skip

    first = decode(
        clouds.web.get("/ihealth/openapiv2/user/made-up-1/bp.json/", query_string=query).data
    )
    last = decode(clouds.web.get(first["NextPageUrl"]).data)

    assert made["UserID"] == "made-up-1"
    assert last["NextPageUrl"] == ""
    found = [
        read({"userid": made["UserID"], **each}, TEMPLATES["ihealth"], site=SITE).readings
        for each in (first, last)
    ]
    assert [each[0].instant.isoformat() for each in found] == [
        "2026-03-01T08:00:00-08:00",
        "2026-03-01T20:00:00-08:00",
    ]
