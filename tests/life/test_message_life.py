"""One message from socket to card, through the nine stations of docs/message-life.md.

Everything is real and on this machine: sockets, Redis, SQLite, the workers' processes, the FHIR
server, the risk and CDS services. The patient is synthetic.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from redis import Redis
from tests.life.house import TOKEN, House, connect, everything_in, wait_for

from wherry.adapters.fhir_http import HttpFhir
from wherry.adapters.http import session
from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.ports import State
from wherry.resource import Resource

pytestmark = pytest.mark.slow

VITALS = (
    ("9279-1", "Respiratory rate", "27", "/min"),
    ("59408-5", "Oxygen saturation", "90", "%"),
    ("3151-8", "Inhaled oxygen flow rate", "4", "L/min"),
    ("8480-6", "Systolic blood pressure", "94", "mm[Hg]"),
    ("8867-4", "Heart rate", "126", "/min"),
    ("8310-5", "Body temperature", "39.20", "Cel"),
)
PAGE = Path(__file__).parents[2] / "docs" / "message-life.md"


@pytest.fixture
def house(tmp_path: Path, redis_url: str) -> Iterator[House]:
    rooms = House(tmp_path, redis_url)
    yield rooms
    rooms.close()


def oru(now: datetime) -> bytes:
    """Vital signs of a synthetic, deteriorating patient."""
    time = now.strftime("%Y%m%d%H%M%S+0000")
    lines = [
        rf"MSH|^~\&|MONITOR|LIFETEST|WHERRY|SITE|{time}||ORU^R01^ORU_R01|LIFE-0001|P|2.5.1",
        "PID|1||LIFE77^^^LIFETEST^MR||Synthetic^Lena||19580312|F",
        "PV1|1|I|WARD^1^A" + "|" * 16 + "VISIT77^^^LIFETEST^VN",
        f"OBR|1||VITALS-1^MONITOR|85353-1^Vital signs panel^LN|||{time}" + "|" * 18 + "F",
        *(
            f"OBX|{i}|NM|{code}^{name}^LN||{value}|{unit}^{unit}^UCUM|||||F|||{time}"
            for i, (code, name, value, unit) in enumerate(VITALS, 1)
        ),
        f"OBX|7|CWE|67775-7^Level of responsiveness^LN||A^Alert^L||||||F|||{time}",
    ]
    return ("\r".join(lines) + "\r").encode()


def only(found: list[Resource]) -> Resource | None:
    return found[0] if len(found) == 1 else None


def test_one_message_from_socket_to_card(house: House, redis_url: str) -> None:
    house.enter("inbox-tables", "ehr-tables")
    house.enter("risk-tables")
    house.enter("cds-tables")
    house.enter("ehr", "hl7-feed", "risk", "cds")
    fhir = HttpFhir(house.at.fhir, session(token=TOKEN))
    engine = make_engine(house.database_url)
    desk = SqlInboxDesk(engine)
    message = oru(datetime.now(UTC))  # noqa: TID251 - the services judge its age by their clock

    # 1. bytes arrive
    with connect(house.at.port("mllp")) as engine_socket:
        engine_socket.sendall(b"\x0b" + message[:100])
        engine_socket.sendall(message[100:] + b"\x1c\r")
        answer = engine_socket.recv(4096)

    # 2. kept
    (kept,) = desk.search(limit=10)
    assert (kept.body, kept.state, kept.kind) == (message, State.WAITING, "ORU^R01")

    # 3. answered
    segments = answer.strip(b"\x0b\x1c\r").split(b"\r")
    assert segments[1] == b"MSA|AA|LIFE-0001"

    # 4. queued
    with Redis.from_url(redis_url) as redis:
        wait_for(lambda: redis.llen("rq:queue:hl7") or None)
        in_redis = everything_in(redis)
    assert b"hl7" in in_redis
    assert b"Synthetic" not in in_redis
    assert b"LIFE77" not in in_redis

    # 5. translated
    house.enter("hl7-worker")
    wait_for(lambda: desk.get(kept.id).state is State.DONE or None)

    # 6. stored
    patient = only(fhir.search("Patient", {"identifier": "LIFE77"}))
    assert patient is not None
    observations = fhir.search("Observation", {"patient": patient["id"], "category": "vital-signs"})
    assert len(observations) == len(VITALS) + 1
    temperature = only(
        fhir.search("Observation", {"patient": patient["id"], "code": "http://loinc.org|8310-5"})
    )
    assert temperature is not None
    assert str(temperature["valueQuantity"]["value"]) == "39.20"

    # 7. asked about
    request = {
        "hook": "patient-view",
        "hookInstance": "7f1c2f0e-31c5-4b5a-9f0e-4a3f5f7d9c11",
        "fhirServer": house.at.fhir,
        "context": {"userId": "Practitioner/synthetic", "patientId": patient["id"]},
    }
    url = f"{house.at.url('cds')}/cds-services/early-warning"
    response = session().post(url, json=request)
    assert response.status_code == 200, response.text

    # 8. judged
    house.enter("risk-worker")
    assessment = wait_for(lambda: only(fhir.search("RiskAssessment", {"patient": patient["id"]})))
    assert {basis["reference"] for basis in assessment["basis"]} == {
        f"Observation/{observation['id']}" for observation in observations
    }

    # 9. shown
    (card,) = response.json()["cards"]
    assert card["indicator"] == "critical"
    assert re.match(r"NEWS2 14: high risk of deterioration", card["summary"])
    assert card["links"][0]["url"] == f"{house.at.chart}/{patient['id']}"
    engine.dispose()


def test_the_page_and_this_test_name_the_same_stations() -> None:
    page = re.findall(r"^## (\d\. [a-z ]+)$", PAGE.read_text(), re.MULTILINE)
    here = re.findall(r"^    # (\d\. [a-z ]+)$", Path(__file__).read_text(), re.MULTILINE)

    assert page == here
    assert len(here) == 9
