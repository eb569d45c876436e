"""What a token opens: types, letters, searches that narrow, one patient; on every interaction."""

from typing import Any

from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server

JSON = {"Content-Type": "application/fhir+json"}
ALL = "launch patient/*.cruds"


def _token(server: Server, scope: str) -> str:
    return str(server.tokens(server.public, scope)["access_token"])


def _sent(server: Server, token: str, method: str, path: str, body: Any) -> int:
    return server.fhir(token, path, method, json=body, headers=JSON).status_code


@proves(95, 266, 144, 367)
def a_scope_opens_its_types_and_interactions_only(server: Server) -> None:
    ada, lab = f"Patient/{data.ADA}", f"Observation/{data.LAB}"
    table = {
        "launch patient/Patient.rs": {ada: 200, "Patient": 200, lab: 403, "Observation": 403},
        "launch patient/Patient.r": {ada: 200, "Patient": 403, f"{ada}/_history/1": 200},
        "launch patient/Patient.s": {ada: 403, "Patient": 200, f"{ada}/_history/1": 403},
        "launch patient/*.rs": {ada: 200, lab: 200, "Encounter": 200, "Condition": 200},
        "launch patient/*.r": {ada: 200, lab: 200, "Encounter": 403},
        "launch openid": {ada: 403, lab: 403, "Patient": 403},
    }
    for scope, paths in table.items():
        token = _token(server, scope)
        for path, status in paths.items():
            answer = server.fhir(token, path)
            equal(answer.status_code, status, f"{path.partition('/')[0]} with {scope}")
            if status == 403:
                said = answer.headers.get("WWW-Authenticate", "")
                expect("insufficient_scope" in said, "no word why")


@proves(369, 370)
def the_words_of_version_1_mean_what_they_say(server: Server) -> None:
    ada = f"Patient/{data.ADA}"
    for word, reads, writes in (("read", True, False), ("write", False, True), ("*", True, True)):
        scope = f"launch patient/Patient.{word}"
        body = server.tokens(server.public, scope)
        equal(body["scope"], scope, "the scope as it was asked for")
        token = body["access_token"]
        equal(server.fhir(token, ada).status_code == 200, reads, f"read with {word}")
        equal(server.fhir(token, "Patient").status_code == 200, reads, f"search with {word}")
        sent = _sent(server, token, "PUT", ada, data.patient(data.ADA, "Alder"))
        equal(sent == 200, writes, f"update with {word}")


@proves(95, 370)
def a_search_in_a_scope_narrows_every_way_in(server: Server) -> None:
    for level in ("patient", "user"):
        token = _token(server, f"launch {level}/Observation.rs?{data.LABS}")
        expect(data.LAB in server.found(token, "Observation"), "what is covered is not found")
        for path in (
            "Observation",
            f"Observation?{data.VITALS}",
            f"Observation?_id={data.VITAL},{data.LAB}",
            "Observation?_sort=-_lastUpdated&_count=1",
            "Observation?_count=1",
        ):
            expect(data.VITAL not in server.found(token, path), "found in spite of the scope")
        for path in (f"Observation/{data.VITAL}", f"Observation/{data.VITAL}/_history/1"):
            expect(server.fhir(token, path).status_code in {403, 404}, "read in spite of it")
        counted = server.fhir(token, f"Observation?{data.VITALS}").json()
        equal(counted.get("total", 0), 0, "a total that counts what is hidden")
        equal(server.fhir(token, f"Observation/{data.LAB}").status_code, 200, "what is covered")


@proves(95, 370)
def several_narrow_scopes_are_a_union(server: Server) -> None:
    scope = f"launch patient/Observation.rs?{data.LABS} patient/Observation.rs?{data.VITALS}"
    token = _token(server, scope)
    found = server.found(token, "Observation")
    expect({data.LAB, data.VITAL} <= set(found), "a part of the union is missing")
    expect(data.OTHER not in found, "another patient's is found")
    mixed = f"launch patient/Observation.rs?{data.LABS} user/Observation.rs?{data.VITALS}"
    found = server.found(_token(server, mixed), "Observation")
    expect({data.LAB, data.VITAL, data.OTHER} <= set(found), "of both levels")


@proves(95, 370)
def a_narrow_scope_narrows_what_is_written(server: Server) -> None:
    token = _token(server, f"launch patient/Observation.cruds?{data.LABS}")
    lab, vital = (
        data.observation("suite-new", data.ADA, one) for one in ("laboratory", "vital-signs")
    )
    equal(_sent(server, token, "PUT", "Observation/suite-new", vital), 403, "outside the scope")
    equal(_sent(server, token, "PUT", "Observation/suite-new", lab), 201, "within the scope")
    equal(_sent(server, token, "PUT", "Observation/suite-new", vital), 403, "moved out of it")
    own = data.observation(data.VITAL, data.ADA, "laboratory")
    changed = _sent(server, token, "PUT", f"Observation/{data.VITAL}", own)
    expect(changed in {403, 404}, "what is outside is moved in")
    gone = server.fhir(token, f"Observation/{data.VITAL}", "DELETE").status_code
    expect(gone in {403, 404}, "what is outside is deleted")
    equal(server.fhir(token, "Observation/suite-new", "DELETE").status_code, 204, "deleted")


@proves(136, 119, 170)
def a_patient_scope_is_about_one_patient_whatever_is_asked(server: Server) -> None:
    token = _token(server, "launch patient/*.rs")
    for path in (
        f"Patient/{data.BEN}",
        f"Patient/{data.BEN}/_history/1",
        f"Observation/{data.OTHER}",
        f"Observation/{data.OTHER}/_history/1",
    ):
        expect(server.fhir(token, path).status_code in {403, 404}, "another patient's is read")
    for path in (
        "Patient",
        f"Patient?_id={data.BEN}",
        "Patient?family=Birch-Suite",
        "Observation",
        f"Observation?patient={data.BEN}",
        f"Observation?subject=Patient/{data.BEN}",
        f"Observation?_id={data.OTHER}",
        "Encounter?_count=1",
    ):
        answer = server.fhir(token, path)
        expect(answer.status_code in {200, 400, 403}, f"status {answer.status_code}")
        _expect_only_ada(answer.text)
        expect(
            answer.status_code != 200
            or path in {"Patient", "Observation", "Encounter?_count=1"}
            or answer.json().get("total", 0) == 0,
            "a total counts what is hidden",
        )
    form = {"_id": f"{data.BEN},{data.ADA}"}
    posted = server.fhir(token, "Patient/_search", "POST", data=form)
    equal(posted.status_code, 200, "POST _search")
    _expect_only_ada(posted.text)


@proves(136)
def includes_history_and_everything_stay_with_the_patient(server: Server) -> None:
    token = _token(server, "launch patient/*.rs")
    for path in (
        "Observation?_include=*",
        "Observation?_include=Observation:subject&_include=Observation:has-member",
        f"Patient?_id={data.ADA}&_revinclude=Observation:subject&_revinclude=Observation:focus",
        "Patient?_has:Observation:subject:status=final",
        "Observation?subject:Patient.family=Birch-Suite",
        "Observation/_history",
        "Patient/_history",
        f"Patient/{data.BEN}/_history",
        f"Patient/{data.BEN}/$everything",
        "_history",
        "?_type=Observation",
    ):
        answer = server.fhir(token, path)
        expect(answer.status_code < 500, f"status {answer.status_code}")
        _expect_only_ada(answer.text)


@proves(95)
def an_include_brings_no_type_that_the_scope_lacks(server: Server) -> None:
    token = _token(server, "launch patient/Observation.rs")
    for path in (
        "Observation?_include=Observation:subject",
        "Observation?_include=*",
        "Observation?_revinclude=Provenance:target",
    ):
        answer = server.fhir(token, path)
        if answer.status_code == 200:
            types = {one["resource"]["resourceType"] for one in answer.json().get("entry", [])}
            expect(types <= {"Observation", "OperationOutcome"}, "another type is included")


@proves(130)
def every_entry_of_a_batch_is_judged_by_itself(server: Server) -> None:
    token = _token(server, "launch patient/Patient.rs patient/Observation.rs")
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
    _expect_only_ada(answer.text)
    equal(server.fhir(token, f"Observation/{data.LAB}").status_code, 200, "deleted all the same")


@proves(130)
def a_transaction_with_one_refused_entry_does_nothing(server: Server) -> None:
    token = _token(server, "launch patient/Patient.rs patient/Observation.cruds")
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
        _sent(server, service, "PUT", path, body)
        token = _token(server, f"launch patient/Observation.{letter}")
        for own, method in wanted.items():
            target = "Observation" if method == "POST" else path
            sent = body if method in {"POST", "PUT"} else None
            headers = JSON if sent else {}
            status = server.fhir(token, target, method, json=sent, headers=headers).status_code
            equal(status < 300, own == letter, f"{method} with {letter}")
    server.fhir(service, path, "DELETE")
    for found in server.found(service, f"Observation?patient={data.ADA}"):
        if not found.startswith("suite-"):
            server.fhir(service, f"Observation/{found}", "DELETE")


@proves(123)
def update_lets_make_an_instance(server: Server) -> None:
    token = _token(server, "launch patient/Observation.u")
    body = data.observation("suite-upsert", data.ADA)
    equal(_sent(server, token, "PUT", "Observation/suite-upsert", body), 201, "a PUT with u only")
    equal(_sent(server, token, "POST", "Observation", body), 403, "a POST with u only")
    elsewhere = data.observation("suite-upsert-2", data.BEN)
    refused = _sent(server, token, "PUT", "Observation/suite-upsert-2", elsewhere)
    equal(refused, 403, "for another patient")
    service = server.service_token("system/Observation.cruds")
    server.fhir(service, "Observation/suite-upsert", "DELETE")


@proves(136)
def a_patient_token_changes_nothing_of_others(server: Server) -> None:
    token = _token(server, ALL)
    theirs = data.observation(data.OTHER, data.BEN)
    moved = data.observation(data.OTHER, data.ADA)
    for body in (theirs, moved):
        refused = _sent(server, token, "PUT", f"Observation/{data.OTHER}", body)
        expect(refused in {403, 404}, "another patient's is changed")
    gone = server.fhir(token, f"Observation/{data.OTHER}", "DELETE").status_code
    expect(gone in {403, 404}, "another patient's is deleted")
    new = {**data.patient("x", "New")}
    equal(_sent(server, token, "POST", "Patient", new), 403, "a new patient")
    own = data.observation(data.LAB, data.BEN, "laboratory")
    equal(_sent(server, token, "PUT", f"Observation/{data.LAB}", own), 403, "given to another")


@proves(140, 368)
def a_user_scope_opens_what_the_user_may_see(server: Server) -> None:
    body = server.tokens_standalone(server.public, "openid fhirUser user/Observation.rs")
    expect("patient" not in body, "a patient that nobody asked for")
    token = body["access_token"]
    found = server.found(token, f"Observation?patient={data.ADA},{data.BEN}")
    expect({data.LAB, data.VITAL, data.OTHER} <= set(found), "not every patient's")
    equal(server.fhir(token, f"Patient/{data.BEN}").status_code, 403, "another type")


@proves(142)
def a_system_scope_opens_what_the_service_may_see(server: Server) -> None:
    token = server.service_token("system/Observation.rs")
    found = server.found(token, f"Observation?patient={data.ADA},{data.BEN}")
    expect({data.LAB, data.VITAL, data.OTHER} <= set(found), "not every patient's")
    equal(server.fhir(token, f"Patient/{data.BEN}").status_code, 403, "another type")


@proves(144)
def a_wildcard_opens_every_type(server: Server) -> None:
    token = server.service_token("system/*.rs")
    for one in data.RESOURCES:
        path = f"{one['resourceType']}/{one['id']}"
        equal(server.fhir(token, path).status_code, 200, one["resourceType"])
    for type_ in ("Practitioner", "Organization", "DiagnosticReport", "MedicationRequest"):
        equal(server.fhir(token, type_).status_code, 200, type_)


@proves(119)
def what_the_server_keeps_to_itself_no_scope_opens(server: Server) -> None:
    token = _token(server, "launch patient/*.cruds")
    for type_ in ("Practitioner", "Organization"):
        equal(server.fhir(token, type_).status_code, 403, f"{type_} of a patient scope")


def _bundle(server: Server, token: str, type_: str, entries: list[dict[str, Any]]) -> Any:
    bundle = {"resourceType": "Bundle", "type": type_, "entry": entries}
    return server.fhir(token, "", "POST", json=bundle, headers=JSON)


def _expect_only_ada(text: str) -> None:
    hidden = (f'"id":"{data.BEN}"', f'"id":"{data.OTHER}"', "suite-visit-ben", "Birch-Suite")
    plain = text.replace('": "', '":"').partition('"link"')
    for one in hidden:
        expect(one not in plain[0] + plain[2].partition("]")[2], "another patient's data are shown")
