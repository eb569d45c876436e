"""Calls for the measurement of CDS: made-up patients in intensive care, 20 KB each, signed.

python scripts/bench_cds_calls.py serve PORT      the FHIR server of the calls without prefetch
"""

import json
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey

from bench_risk_bodies import HOURLY, LABORATORY

ISSUER = "https://bench.example"
TENANT = "bench"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"
_VITALS, _LABORATORY = 29, 9


def observation(patient: str, n: int, kind: str, measured: tuple[str, str, int]) -> Any:
    code, unit, value = measured
    now = datetime.now(UTC)  # noqa: TID251 - the service judges by its own clock
    return {
        "resourceType": "Observation",
        "id": f"{patient}-{kind[0]}{n}",
        "status": "final",
        "category": [{"coding": [{"system": _CATEGORY, "code": kind}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "subject": {"reference": f"Patient/{patient}"},
        "effectiveDateTime": (now - timedelta(minutes=10 + 3 * n)).isoformat(timespec="seconds"),
        "valueQuantity": {
            "value": value,
            "unit": unit,
            "system": "http://unitsofmeasure.org",
            "code": unit,
        },
    }


def bundle(patient: str, kinds: list[str]) -> Any:
    """Vital signs every half hour or so, or the laboratory's values."""
    table = {"vital-signs": (HOURLY, _VITALS), "laboratory": (LABORATORY, _LABORATORY)}
    found = [
        {"resource": observation(patient, n, kind, codes[n % len(codes)])}
        for kind in kinds
        if kind in table
        for codes, many in [table[kind]]
        for n in range(many)
    ]
    whole = {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
    return {**whole, "entry": found} if found else whole


def person(patient: str) -> Any:
    return {"resourceType": "Patient", "id": patient, "birthDate": "1951-02-03"}


def request(patient: str, *, fhir: str = "") -> Any:
    """A call with its data, or with the way to them."""
    body: dict[str, Any] = {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid5(uuid.NAMESPACE_URL, f"bench:{patient}")),
        "context": {"userId": "Practitioner/bench", "patientId": patient},
    }
    if fhir:
        access = {
            "access_token": "bench",
            "token_type": "Bearer",
            "expires_in": 300,
            "scope": "patient/*.read",
            "subject": "bench",
            "patient": patient,
        }
        return {**body, "fhirServer": fhir, "fhirAuthorization": access}
    prefetch = {
        "patient": person(patient),
        "observations": bundle(patient, ["vital-signs"]),
        "laboratory": bundle(patient, ["laboratory"]),
    }
    return {**body, "prefetch": prefetch}


def write(path: Path, name: str, many: int, *, url: str, key: ECKey | None, fhir: str = "") -> int:
    """So many calls about as many patients, one a line; returns the bytes of one body."""
    size = 0
    with path.open("wb") as file:
        for n in range(many):
            body = json.dumps(request(f"{name}-{n}", fhir=fhir)).encode()
            size = len(body)
            file.write((signed(url, key, f"{name}-{n}") if key else b"") + b"\t" + body + b"\n")
    return size


def signed(url: str, key: ECKey, jti: str) -> bytes:
    now = int(time.time())
    header = {"alg": "ES384", "typ": "JWT", "kid": key.kid}
    claims = {"iss": ISSUER, "aud": url, "iat": now, "exp": now + 900, "jti": jti, "tenant": TENANT}
    return jwt.encode(header, claims, key, algorithms=["ES384"]).encode()


class Fhir(BaseHTTPRequestHandler):
    """The FHIR server of these patients."""

    protocol_version = "HTTP/1.1"
    wbufsize = 65_536  # head and body in one packet

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = dict(parse_qsl(parts.query))
        type_, _, id_ = parts.path.removeprefix("/fhir/").partition("/")
        kinds = asked.get("category", "").split(",")
        found = person(id_) if type_ == "Patient" else bundle(asked.get("patient", ""), kinds)
        body = json.dumps(found).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        return


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Fhir).serve_forever()
