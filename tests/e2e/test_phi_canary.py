"""A patient whose every datum is a canary: none of it may sing outside of the two databases.

The canaries go through feed, worker, store, risk, CDS and chart, in good and in broken requests.
"""

import re
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from redis import Redis
from requests import Response
from tests.life.house import TOKEN, House, connect, everything_in, wait_for

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.hl7.framing import frame
from wherry.hl7.mllp_client import MllpClient
from wherry.ports import Kept, State

pytestmark = pytest.mark.slow

CANARY = f"Zq{secrets.token_hex(4)}Xv"
ROOMS = ("ehr", "hl7-feed", "hl7", "hl7-worker", "risk", "risk-worker", "cds")
PAGES = ("ehr", "hl7", "feed-health", "risk", "cds")
AT = "20260105120000+0000"
LOINC = "http://loinc.org"


def _message(kind: str, *segments: str, version: str = "2.5.1") -> bytes:
    msh = rf"MSH|^~\&|BIRDS|CAGE|W|S|{AT}||{kind}|{secrets.token_hex(6)}|P|{version}"
    return ("\r".join([msh, *segments]) + "\r").encode()


def _name(part: str) -> str:
    return f"{CANARY}{part}"


PID = (
    f"PID|1||{_name('mrn')}^^^CAGE^MR||{_name('family')}^{_name('given')}||19700101|F|||"
    f"{_name('street')}^^{_name('city')}||{_name('phone')}"
)
PV1 = "PV1|1|I|W^1^A" + "|" * 16 + f"{_name('visit')}^^^CAGE^VN"
OBR = f"OBR|1||{_name('order')}^CAGE|8867-4^Heart rate^LN|||{AT}" + "|" * 18 + "F"
OBX = f"OBX|1|NM|8867-4^Heart rate^LN||{_name('value')}|/min^^UCUM|||||F|||{AT}"

GOOD = [
    _message("ADT^A01^ADT_A01", PID, PV1),
    _message("ORU^R01^ORU_R01", PID, PV1, OBR, OBX),
    _message("ADT^A40", PID, f"MRG|{_name('old')}"),
    _message("ADT^A01", PID.replace(_name("street"), "x" * 1_100_000), PV1),  # too long: left out
]
ODD = [
    _message("ADT^A01", PV1, f"NTE|1||{_name('note')}"),  # no PID
    _message("ADT^A01", PID.replace(_name("mrn"), ""), PV1),  # nobody
    _message("QBP^Q11", PID, f"QPD|{_name('query')}"),
    _message("ADT^A40", PID.replace(_name("mrn"), ""), f"MRG|{_name('older')}"),  # into nobody
    _message(f"{_name('kind')}^{_name('event')}", PID),
    _message("ADT^A01", PID, version=_name("version")),
    f"{_name('telnet')} PID|1||{_name('mrn')}".encode(),
]

PATIENT: dict[str, Any] = {"resourceType": "Patient", "name": [{"family": _name("family")}]}
INVALID: list[dict[str, Any]] = [
    {**PATIENT, "birthDate": _name("date")},
    {**PATIENT, "gender": _name("gender")},
    {**PATIENT, "name": _name("family")},
    {**PATIENT, "managingOrganization": {"reference": _name("reference")}},
    {**PATIENT, "text": {"status": "generated", "div": f"<div>{_name('narrative')}"}},
]


@pytest.fixture
def house(tmp_path: Path, redis_url: str) -> Iterator[House]:
    rooms = House(tmp_path, redis_url)
    try:
        rooms.enter("inbox-tables", "ehr-tables")
        rooms.enter("risk-tables")
        rooms.enter("cds-tables")
        rooms.enter(*ROOMS)
        yield rooms
    finally:
        rooms.close()


def _fed(house: House) -> list[bytes]:
    """The answers to all messages, and to bytes that are no message."""
    with MllpClient("127.0.0.1", house.at.port("mllp")) as client:
        answers = [client.send(message) for message in (*GOOD, *ODD)]
    with connect(house.at.port("mllp")) as telnet:
        telnet.sendall(f"GET /{_name('path')} HTTP/1.1\r\n\r\n".encode())
        answers.append(telnet.recv(4096))
    with connect(house.at.port("mllp")) as broken:
        broken.sendall(frame(GOOD[0])[:-20])
    return answers


def _settled(house: House) -> list[Kept]:
    engine = make_engine(house.database_url)
    desk = SqlInboxDesk(engine)
    open_states = (State.WAITING, State.CLAIMED)
    wait_for(lambda: not any(desk.counts().get(("hl7", one)) for one in open_states) or None)
    kept = desk.search(limit=100)
    engine.dispose()
    return kept


def _refused_by_the_store(house: House, patient_id: str) -> Iterator[Response]:
    """Answers 400, 401, 404, 409, 412, 415 and 422, and searches by what must not be repeated."""
    http, fhir, own = session(token=TOKEN), house.at.fhir, f"Patient/{patient_id}"
    fhir_json = {"Content-Type": "application/fhir+json"}
    for resource in INVALID:
        yield http.post(f"{fhir}/Patient", json=resource, headers=fhir_json)
        entry = {"resource": resource, "request": {"method": "POST", "url": "Patient"}}
        for type_ in ("batch", "transaction"):
            bundle = {"resourceType": "Bundle", "type": type_, "entry": [entry]}
            yield http.post(fhir, json=bundle, headers=fhir_json)
    yield http.post(f"{fhir}/Patient", data=f'{{"{_name("key")}', headers=fhir_json)
    yield http.post(f"{fhir}/Patient", data=_name("text"), headers={"Content-Type": "text/plain"})
    stale = {**fhir_json, "If-Match": 'W/"99"'}
    yield http.put(f"{fhir}/{own}", json={**PATIENT, "id": patient_id}, headers=stale)
    yield http.put(f"{fhir}/{own}", json={**PATIENT, "id": "other"}, headers=fhir_json)
    for _ in range(2):
        twin = {**PATIENT, "identifier": [{"system": "urn:cage", "value": _name("twin")}]}
        http.post(f"{fhir}/Patient", json=twin, headers=fhir_json)
    twins = f"identifier=urn:cage|{_name('twin')}"
    yield http.post(f"{fhir}/Patient", json=PATIENT, headers={**fhir_json, "If-None-Exist": twins})
    for query in (f"date={_name('date')}", f"_count={_name('count')}", f"code={_name('code')},"):
        yield http.get(f"{fhir}/Observation?{query}")
    yield session().get(f"{fhir}/Patient?identifier={_name('mrn')}")
    yield http.get(f"{fhir}/Patient/{_name('mrn')}")  # a number taken for an id
    yield http.get(f"{fhir}/Patient/none/{_name('path')}")


def _refused_by_risk_and_cds(house: House) -> Iterator[Response]:
    score, hook = f"{house.at.url('risk')}/v1/score", f"{house.at.url('cds')}/cds-services"
    http = session()
    for body in ({"patient": [_name("id")]}, {"resources": [{"name": _name("family")}]}):
        yield http.post(score, json=body)
    yield http.post(score, json={"model": _name("model"), "resources": [PATIENT]})
    yield http.post(score, data=_name("text"), headers={"Content-Type": "application/json"})
    call = {"hook": "patient-view", "hookInstance": "7f1c2f0e-31c5-4b5a-9f0e-4a3f5f7d9c11"}
    context = {"userId": "Practitioner/1", "patientId": "p1"}
    calls: tuple[dict[str, Any], ...] = (
        {**call, "context": {**context, "patientId": f"{_name('id')}/.."}},
        {**call, "context": context, "prefetch": {"patient": {**PATIENT, "id": "p2"}}},
        {**call, "context": context, "fhirServer": f"http://{_name('host')}.example/fhir"},
        {**call, "hook": _name("hook"), "context": context},
    )
    for asked in calls:
        yield http.post(f"{hook}/early-warning", json=asked)
    yield http.post(f"{hook}/{_name('service')}", json={**call, "context": context})


def _signed_in(house: House) -> requests.Session:
    """A browser in which one of the sandbox's made-up clinicians is signed in."""
    browser, door = requests.Session(), f"{house.at.chart}/_session"
    browser.trust_env = False
    (name, *_) = re.findall(r'name="clinician" value="([^"]+)"', browser.get(door).text)
    origin = {"Origin": house.at.url("ehr")}
    browser.post(door, data={"clinician": name}, headers=origin, allow_redirects=False)
    return browser


def test_no_canary_sings(house: House, tmp_path: Path, redis_url: str) -> None:
    answers = _fed(house)
    with Redis.from_url(redis_url) as redis:
        in_redis = everything_in(redis)
        kept = _settled(house)
        fhir = HttpFhir(house.at.fhir, session(token=TOKEN))
        (patient,) = fhir.search("Patient", {"identifier": _name("mrn")})
        chart = _signed_in(house).get(f"{house.at.chart}/{patient['id']}")
        refusals = [
            *_refused_by_the_store(house, patient["id"]),
            *_refused_by_risk_and_cds(house),
        ]
        in_redis += everything_in(redis)
    pages = [session().get(f"{house.at.url(name)}/metrics") for name in PAGES]
    house.close()
    logs = {path.name: path.read_text() for path in tmp_path.glob("*.log")}

    # the canaries are alive: the store holds the patient, the chart shows her, people can look
    assert _name("family") in str(patient)
    assert _name("family") in chart.text
    assert [one.state for one in kept] == [State.DONE] * 4 + [State.ASIDE] * 8
    assert {answer.status_code for answer in refusals} >= {400, 401, 404, 412, 415, 422}
    assert '"event": "message_set_aside"' in logs["hl7-worker.log"]
    assert '"event": "request_failed"' in logs["ehr.log"]

    # and silent
    assert [answer for answer in answers if _heard(_without_repeats(answer))] == []
    assert [one.id for one in kept if _heard(one.reason + one.channel)] == []
    assert [_where(answer) for answer in refusals if _heard(answer.text)] == []
    assert [name for name, text in logs.items() if _heard(text)] == []
    assert [page.url for page in pages if page.status_code != 200 or _heard(page.text)] == []
    assert not _heard(in_redis.decode("latin-1"))


def _heard(text: str) -> bool:
    return CANARY.lower() in text.lower()


def _without_repeats(answer: bytes) -> str:
    """An acknowledgment without what the standard has it repeat: trigger event and version."""
    text = answer.decode("latin-1")
    return text.replace(_name("event"), "").replace(_name("version"), "")


def _where(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.url
