"""People with a cuff at home: numbered payloads, a cloud that sends again, and what must be stored.

Every payload brings a measurement of its own, the pulse, and one that every number corrects, the
weight. All data are synthetic.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import requests
from tests.faults.witness import Findings

from wherry.adapters.http import session
from wherry.codec import encode
from wherry.ports import Fhir

SOURCE, FIRST_S = "withings", 1_767_225_600  # 2026-01-01T00:00:00Z
PULSE, WEIGHT = "8867-4", "29463-7"
_LOWEST = 40
_AGAIN_S = 0.1
_ANSWER_S = 3.0


@dataclass(frozen=True, slots=True)
class Wearer:
    """One person and `count` payloads about them, numbered from 0."""

    name: str
    patient: str
    count: int

    @property
    def device(self) -> str:
        """As their vendor names it."""
        return f"cuff-{self.name}"

    def payload(self, number: int) -> bytes:
        """One answer of getmeas."""
        at = FIRST_S + number * 60
        pulse = {"type": 11, "value": _LOWEST + number, "unit": 0}
        weight = {"type": 1, "value": 60_000 + number, "unit": -3}
        groups = [self._group(number + 1, at, at, pulse), self._group(0, FIRST_S, at, weight)]
        return encode({"status": 0, "body": {"timezone": "UTC", "measuregrps": groups}})

    def _group(self, id_: int, at: int, changed: int, measure: dict[str, int]) -> dict[str, Any]:
        return {
            "grpid": f"{self.name}-{id_}",
            "attrib": 0,
            "category": 1,
            "date": at,
            "modified": changed + 20,
            "deviceid": self.device,
            "measures": [measure],
        }


class Cloud(threading.Thread):
    """Sends a person's payloads in order; what is not answered 202 is sent again."""

    def __init__(self, url: str, wearer: Wearer) -> None:
        super().__init__(daemon=True)
        self.kept = self.sent = 0
        self._url, self._wearer = url, wearer
        self._web = session()

    def run(self) -> None:
        """Send all."""
        for number in range(self._wearer.count):
            while post(self._web, self._url, self._wearer.payload(number)) != 202:
                self.sent += 1
                time.sleep(_AGAIN_S)
            self.sent += 1
            self.kept += 1


def post(web: requests.Session, url: str, body: bytes) -> int:
    """The status of the answer; 0 when there was none."""
    headers = {"Content-Type": "application/json"}
    try:
        answer = web.post(f"{url}/v1/sources/{SOURCE}", body, headers=headers, timeout=_ANSWER_S)
    except requests.RequestException:
        return 0
    return int(answer.status_code)


def examine(wearers: Sequence[Wearer], fhir: Fhir) -> Findings:
    """All that is stored of these people once every payload has ended."""
    findings = Findings()
    for wearer in wearers:
        asked = {"patient": wearer.patient, "_count": "200"}
        held = fhir.search("Observation", asked, limit=10_000)
        _pulses(wearer, [one for one in held if _code(one) == PULSE], findings)
        _weights(wearer, [one for one in held if _code(one) == WEIGHT], fhir, findings)
    return findings


def _pulses(wearer: Wearer, held: Sequence[Any], findings: Findings) -> None:
    """One Observation of one version for each payload."""
    values = Counter(int(one["valueQuantity"]["value"]) - _LOWEST for one in held)
    for number in range(wearer.count):
        name = f"{wearer.name}-{number}"
        findings.stored += bool(values[number])
        findings.lost += [] if values[number] else [name]
        findings.doubled += [name] if values.pop(number, 0) > 1 else []
    findings.doubled += [f"{wearer.name}-{number}: never sent" for number in values]
    again = [one for one in held if one["meta"]["versionId"] != "1"]
    findings.doubled += [f"{wearer.name}: {one['id']} was written again" for one in again]


def _weights(wearer: Wearer, held: Sequence[Any], fhir: Fhir, findings: Findings) -> None:
    """One Observation, whose values only rise and end with the last one."""
    if len(held) != 1:
        findings.doubled.append(f"{wearer.name}: {len(held)} weights")
        return
    (last,) = held
    versions = range(1, int(last["meta"]["versionId"]) + 1)
    told = [fhir.read("Observation", f"{last['id']}/_history/{each}") for each in versions]
    values = [round(each["valueQuantity"]["value"] * 1000) - 60_000 for each in told]
    for before, after in pairwise(values):
        if after <= before:
            findings.disordered.append(f"{wearer.name}: {after} after {before}")
    if values[-1] != wearer.count - 1:
        findings.disordered.append(f"{wearer.name}: the last weight is of {values[-1]}")


def _code(one: Any) -> str:
    return str(one["code"]["coding"][0]["code"])
