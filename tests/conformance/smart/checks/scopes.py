"""What a token opens: types, letters, searches that narrow, one patient; on every interaction."""

from typing import Any

from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server

JSON = {"Content-Type": "application/fhir+json"}


def token_for(server: Server, scope: str) -> str:
    """A token of the public app with this scope."""
    return str(server.tokens(server.public, scope)["access_token"])


def sent(server: Server, token: str, method: str, path: str, body: Any) -> int:
    """The status of a write."""
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
        token = token_for(server, scope)
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
        status = sent(server, token, "PUT", ada, data.patient(data.ADA, "Alder"))
        equal(status == 200, writes, f"update with {word}")


@proves(95, 370)
def a_search_in_a_scope_narrows_every_way_in(server: Server) -> None:
    for level in ("patient", "user"):
        token = token_for(server, f"launch {level}/Observation.rs?{data.LABS}")
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
    token = token_for(server, scope)
    found = server.found(token, "Observation")
    expect({data.LAB, data.VITAL} <= set(found), "a part of the union is missing")
    expect(data.OTHER not in found, "another patient's is found")
    mixed = f"launch patient/Observation.rs?{data.LABS} user/Observation.rs?{data.VITALS}"
    found = server.found(token_for(server, mixed), "Observation")
    expect({data.LAB, data.VITAL, data.OTHER} <= set(found), "of both levels")


@proves(136, 119, 170)
def a_patient_scope_is_about_one_patient_whatever_is_asked(server: Server) -> None:
    token = token_for(server, "launch patient/*.rs")
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
        expect_only_ada(answer.text)
        expect(
            answer.status_code != 200
            or path in {"Patient", "Observation", "Encounter?_count=1"}
            or answer.json().get("total", 0) == 0,
            "a total counts what is hidden",
        )
    form = {"_id": f"{data.BEN},{data.ADA}"}
    posted = server.fhir(token, "Patient/_search", "POST", data=form)
    equal(posted.status_code, 200, "POST _search")
    expect_only_ada(posted.text)


@proves(136)
def includes_history_and_everything_stay_with_the_patient(server: Server) -> None:
    token = token_for(server, "launch patient/*.rs")
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
        expect_only_ada(answer.text)


@proves(95)
def an_include_brings_no_type_that_the_scope_lacks(server: Server) -> None:
    token = token_for(server, "launch patient/Observation.rs")
    for path in (
        "Observation?_include=Observation:subject",
        "Observation?_include=*",
        "Observation?_revinclude=Provenance:target",
    ):
        answer = server.fhir(token, path)
        if answer.status_code == 200:
            types = {one["resource"]["resourceType"] for one in answer.json().get("entry", [])}
            expect(types <= {"Observation", "OperationOutcome"}, "another type is included")


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
    token = token_for(server, "launch patient/*.cruds")
    for type_ in ("Practitioner", "Organization"):
        equal(server.fhir(token, type_).status_code, 403, f"{type_} of a patient scope")


def expect_only_ada(text: str) -> None:
    """Fail when another patient's data are in an answer."""
    hidden = (f'"id":"{data.BEN}"', f'"id":"{data.OTHER}"', "suite-visit-ben", "Birch-Suite")
    plain = text.replace('": "', '":"').partition('"link"')
    for one in hidden:
        expect(one not in plain[0] + plain[2].partition("]")[2], "another patient's data are shown")
