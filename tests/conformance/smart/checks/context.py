"""Launch context: what an app is told it was opened about."""

import json

from tests.conformance.smart import data
from tests.conformance.smart.check import equal, expect, proves
from tests.conformance.smart.server import Server, is_absolute

SCOPE = "launch patient/Patient.rs"
REPORT = {"reference": "DiagnosticReport/suite-1", "type": "DiagnosticReport"}
CONTEXT = [
    REPORT,
    {"reference": "ImagingStudy/suite-2"},
    {"canonical": "http://example.org/Questionnaire/suite|1.0", "type": "Questionnaire"},
    {
        "identifier": {"system": "urn:example", "value": "1"},
        "type": "List",
        "role": "urn:example:r",
    },
    {"reference": f"Patient/{data.BEN}", "role": "https://example.org/roles/sibling"},
]


@proves(149, 168, 169, 170, 171, 359, 361, 362, 173)
def a_launch_from_the_chart_carries_patient_encounter_and_banner(server: Server) -> None:
    for banner in (True, False):
        body = server.tokens(
            server.public,
            f"{SCOPE} launch/patient launch/encounter",
            encounter=data.VISIT,
            need_patient_banner=banner,
        )
        equal(body.get("patient"), data.ADA, "patient")
        equal(body.get("encounter"), data.VISIT, "encounter")
        expect(body.get("need_patient_banner") is banner, "need_patient_banner is no boolean")


@proves(164, 363, 149, 170)
def a_patient_is_chosen_when_a_scope_is_about_one(server: Server) -> None:
    for scope in ("launch/patient patient/Patient.rs", "patient/Patient.rs", "patient/*.rs"):
        body = server.tokens_standalone(server.public, scope, patient=data.BEN)
        equal(body.get("patient"), data.BEN, "patient")
        equal(server.found(body["access_token"], "Patient"), [data.BEN], "whom the token is about")


@proves(364, 171)
def an_encounter_is_chosen_when_it_is_asked_for(server: Server) -> None:
    scope = "launch/patient launch/encounter patient/Encounter.rs"
    body = server.tokens_standalone(server.public, scope, encounter=data.VISIT)
    equal((body.get("patient"), body.get("encounter")), (data.ADA, data.VISIT), "the context")
    without = server.tokens_standalone(server.public, scope)
    expect("encounter" not in without, "an encounter that nobody chose")


@proves(164)
def another_patients_encounter_cannot_be_chosen(server: Server) -> None:
    scope = "launch/patient launch/encounter patient/Encounter.rs"
    page = server.authorize(server.asked(server.public, scope))
    answer = server.seam.agree(
        server.browser, page, patient=data.ADA, encounter="suite-visit-ben", allow=True
    )
    expect(not answer.is_redirect, "a code for a patient with another one's encounter")


@proves(172, 177, 178, 188)
def other_resources_arrive_as_fhir_context(server: Server) -> None:
    body = server.tokens(server.public, SCOPE, fhirContext=CONTEXT)
    equal(body.get("fhirContext"), CONTEXT, "fhirContext")
    for item in body["fhirContext"]:
        expect({"reference", "canonical", "identifier"} & item.keys(), "an item names nothing")


@proves(177, 178, 188)
def a_context_that_breaks_the_rules_is_never_handed_on(server: Server) -> None:
    for item in (
        {"type": "Observation"},
        {"role": "launch"},
        {"reference": f"Patient/{data.ADA}"},
        {"reference": f"Encounter/{data.VISIT}", "role": "launch"},
        {"reference": "Observation/1", "role": "sibling"},
        {"reference": "Observation/1", "role": ""},
        {"reference": "http://example.org/Observation/1"},
        {"reference": "Nothing/1"},
        "Observation/1",
    ):
        asked = {
            "client_id": server.public.client_id,
            "patient": data.ADA,
            "fhirContext": [REPORT, item],
        }
        answer = server.seam.launch(server.browser, asked)
        equal(answer.status_code, 400, f"a launch with {json.dumps(item)[:40]}")


@proves(174)
def an_intent_arrives_as_it_was_agreed(server: Server) -> None:
    app = server.register(auth_method="none", intents=["reconcile-medications"])
    body = server.tokens(app, SCOPE, intent="reconcile-medications")
    equal(body.get("intent"), "reconcile-medications", "intent")
    expect("intent" not in server.tokens(app, SCOPE), "an intent of its own making")


@proves(194)
def an_intent_that_was_not_agreed_is_not_sent(server: Server) -> None:
    asked = {"client_id": server.public.client_id, "patient": data.ADA, "intent": "surprise"}
    equal(server.seam.launch(server.browser, asked).status_code, 400, "a launch with it")


@proves(175, 360)
def the_style_can_be_read(server: Server) -> None:
    body = server.tokens(server.public, SCOPE)
    url = body.get("smart_style_url", "")
    expect(is_absolute(url), "smart_style_url")
    style = server.http.get(url)
    equal(style.status_code, 200, "the style document")
    expect("color_background" in style.json(), "no colours in it")


@proves(176)
def a_tenant_is_named(server: Server) -> None:
    tenant = server.tokens(server.public, SCOPE).get("tenant")
    expect(isinstance(tenant, str) and tenant, "tenant")


@proves(177, 149)
def a_launch_scope_with_a_role_brings_what_the_chart_has(server: Server) -> None:
    scope = "launch launch/patient?role=urn:example:r patient/Patient.rs"
    body = server.tokens(server.public, scope)
    equal(body.get("patient"), data.ADA, "patient in spite of an unknown role")
