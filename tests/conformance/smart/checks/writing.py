"""What a token changes: letters, searches that narrow, one patient; alone and in Bundles."""

from typing import Any

from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.checks.scopes import JSON, expect_only_ada, sent, token_for
from tests.conformance.smart.server import Server

ALL = "launch patient/*.cruds"


@proves(95, 370)
def a_narrow_scope_narrows_what_is_written(server: Server) -> None:
    token = token_for(server, f"launch patient/Observation.cruds?{data.LABS}")
    lab, vital = (
        data.observation("suite-new", data.ADA, one) for one in ("laboratory", "vital-signs")
    )
    equal(sent(server, token, "PUT", "Observation/suite-new", vital), 403, "outside the scope")
    equal(sent(server, token, "PUT", "Observation/suite-new", lab), 201, "within the scope")
    equal(sent(server, token, "PUT", "Observation/suite-new", vital), 403, "moved out of it")
    own = data.observation(data.VITAL, data.ADA, "laboratory")
    changed = sent(server, token, "PUT", f"Observation/{data.VITAL}", own)
    expect(changed in {403, 404}, "what is outside is moved in")
    gone = server.fhir(token, f"Observation/{data.VITAL}", "DELETE").status_code
    expect(gone in {403, 404}, "what is outside is deleted")
    equal(server.fhir(token, "Observation/suite-new", "DELETE").status_code, 204, "deleted")


@proves(130)
def every_entry_of_a_batch_is_judged_by_itself(server: Server) -> None:
    token = token_for(server, "launch patient/Patient.rs patient/Observation.rs")
    gets = [
        f"Patient/{data.ADA}",
        f"Patient/{data.BEN}",
        f"Observation?patient={data.BEN}",
        "Encounter",
        f"Observation/{data.LAB}",
    ]
    entries = [{"request": {"method": "GET", "url": url}} for url in gets]
    writes = [
        {
            "request": {"method": "PUT", "url": f"Patient/{data.ADA}"},
            "resource": data.patient(data.ADA, "Changed"),
        },
        {
            "request": {"method": "POST", "url": "Condition"},
            "resource": data.condition("x", data.ADA),
        },
        {"request": {"method": "DELETE", "url": f"Observation/{data.LAB}"}},
    ]
    answer = _bundle(server, token, "batch", [*entries, *writes])
    equal(answer.status_code, 200, "the batch")
    found = [one["response"]["status"][:3] for one in answer.json()["entry"]]
    equal(found[0], "200", "the patient's own")
    expect(found[1] in {"403", "404"}, "another patient")
    equal(found[3:], ["403", "200", "403", "403", "403"], "by type and by letter")
    expect_only_ada(answer.text)
    equal(server.fhir(token, f"Observation/{data.LAB}").status_code, 200, "deleted all the same")


@proves(130)
def a_transaction_with_one_refused_entry_does_nothing(server: Server) -> None:
    token = token_for(server, "launch patient/Patient.rs patient/Observation.cruds")
    kept = {
        "request": {"method": "PUT", "url": "Observation/suite-tx"},
        "resource": data.observation("suite-tx", data.ADA),
    }
    for refused in (
        {
            "request": {"method": "PUT", "url": "Condition/suite-tx"},
            "resource": data.condition("suite-tx", data.ADA),
        },
        {
            "request": {"method": "PUT", "url": "Observation/suite-tx-2"},
            "resource": data.observation("suite-tx-2", data.BEN),
        },
        {"request": {"method": "DELETE", "url": f"Observation/{data.OTHER}"}},
        {"request": {"method": "GET", "url": f"Patient/{data.BEN}"}},
    ):
        answer = _bundle(server, token, "transaction", [kept, refused])
        expect(answer.status_code in {403, 404}, f"the transaction: {answer.status_code}")
        gone = server.fhir(token, "Observation/suite-tx").status_code
        expect(gone in {404, 410}, "a part of it was done")
    equal(_bundle(server, token, "transaction", [kept]).status_code, 200, "the rest alone")
    equal(server.fhir(token, "Observation/suite-tx", "DELETE").status_code, 204, "deleted")


@proves(95, 266)
def each_letter_opens_its_interaction(server: Server) -> None:
    path, body = "Observation/suite-letters", data.observation("suite-letters", data.ADA)
    service = server.service_token("system/Observation.cruds")
    wanted = {"c": "POST", "r": "GET", "u": "PUT", "d": "DELETE"}
    for letter in wanted:
        sent(server, service, "PUT", path, body)
        token = token_for(server, f"launch patient/Observation.{letter}")
        for own, method in wanted.items():
            target = "Observation" if method == "POST" else path
            written = body if method in {"POST", "PUT"} else None
            headers = JSON if written else {}
            answer = server.fhir(token, target, method, json=written, headers=headers)
            status = answer.status_code
            equal(status < 300, own == letter, f"{method} with {letter}")
    server.fhir(service, path, "DELETE")
    for found in server.found(service, f"Observation?patient={data.ADA}"):
        if not found.startswith("suite-"):
            server.fhir(service, f"Observation/{found}", "DELETE")


@proves(123)
def update_lets_make_an_instance(server: Server) -> None:
    token = token_for(server, "launch patient/Observation.u")
    body = data.observation("suite-upsert", data.ADA)
    equal(sent(server, token, "PUT", "Observation/suite-upsert", body), 201, "a PUT with u only")
    equal(sent(server, token, "POST", "Observation", body), 403, "a POST with u only")
    elsewhere = data.observation("suite-upsert-2", data.BEN)
    refused = sent(server, token, "PUT", "Observation/suite-upsert-2", elsewhere)
    equal(refused, 403, "for another patient")
    service = server.service_token("system/Observation.cruds")
    server.fhir(service, "Observation/suite-upsert", "DELETE")


@proves(136)
def a_patient_token_changes_nothing_of_others(server: Server) -> None:
    token = token_for(server, ALL)
    theirs = data.observation(data.OTHER, data.BEN)
    moved = data.observation(data.OTHER, data.ADA)
    for body in (theirs, moved):
        refused = sent(server, token, "PUT", f"Observation/{data.OTHER}", body)
        expect(refused in {403, 404}, "another patient's is changed")
    gone = server.fhir(token, f"Observation/{data.OTHER}", "DELETE").status_code
    expect(gone in {403, 404}, "another patient's is deleted")
    new = {**data.patient("x", "New")}
    equal(sent(server, token, "POST", "Patient", new), 403, "a new patient")
    own = data.observation(data.LAB, data.BEN, "laboratory")
    equal(sent(server, token, "PUT", f"Observation/{data.LAB}", own), 403, "given to another")


def _bundle(server: Server, token: str, type_: str, entries: list[dict[str, Any]]) -> Any:
    bundle = {"resourceType": "Bundle", "type": type_, "entry": entries}
    return server.fhir(token, "", "POST", json=bundle, headers=JSON)
