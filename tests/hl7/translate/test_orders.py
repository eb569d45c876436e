"""Orders: what they are known by, their state, when they are to be done. All data are synthetic."""

from collections.abc import Callable

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
Made = Callable[..., list[Resource]]
PID = segment("PID", {3: "7700123^^^NORTH^MR"})


def orc(control: str = "NW", placer: str = "P1^EHR", filler: str = "", **more: str) -> str:
    fields = {1: control, 2: placer, 3: filler}
    return segment("ORC", {**fields, **{int(k[1:]): v for k, v in more.items()}})


def obr(code: str = "24323-8", **more: str) -> str:
    return segment(
        "OBR", {1: "1", 4: f"{code}^Panel^LN", **{int(k[1:]): v for k, v in more.items()}}
    )


@pytest.fixture
def ordered(translated: Translated, of_type: OfType) -> Made:
    """The resources of a type (ServiceRequest) in an order message."""

    def make(
        *segments: str, kind: str = "ORM^O01", type_: str = "ServiceRequest"
    ) -> list[Resource]:
        return of_type(translated(PID, *segments, kind=kind), type_)

    return make


def _names(one: Resource) -> list[str]:
    return [each["value"] for each in one["identifier"]]


def test_an_order_is_known_by_the_placers_number_before_the_fillers(ordered: Made) -> None:
    (one,) = ordered(orc(filler="F1^LAB"), obr())

    assert _names(one) == ["P1", "F1", "placer/P1/EHR/24323-8", "filler/F1/LAB/24323-8"]
    assert [each["type"]["coding"][0]["code"] for each in one["identifier"][:2]] == ["PLAC", "FILL"]


def test_an_order_without_a_placer_is_known_by_the_fillers_number(ordered: Made) -> None:
    (one,) = ordered(orc(placer="", filler="F1^LAB"), obr())

    assert _names(one) == ["F1", "filler/F1/LAB/24323-8"]


def test_a_later_message_may_find_it_by_the_other_number(translated: Translated) -> None:
    made = translated(PID, orc(filler="F1^LAB"), obr(), kind="ORM^O01")

    (searches,) = made.known_as.values()
    assert [search.rpartition("%7C")[2] for search in searches] == [
        "placer/P1/EHR/24323-8",
        "filler/F1/LAB/24323-8",
        "F1",
    ]


def test_twenty_orders_under_one_number_stay_twenty(ordered: Made) -> None:
    found = ordered(
        orc(placer="", filler="F1^LAB"), *[obr(f"{n}-1", f3="F1^LAB") for n in range(20)]
    )

    assert [_names(one)[0] for one in found] == [f"filler/F1/LAB/{n}-1" for n in range(20)]
    assert {_names(one)[1] for one in found} == {"F1"}


def test_orders_with_numbers_of_their_own_keep_them_under_one_filler(ordered: Made) -> None:
    found = ordered(orc("NW", "P1", "F1"), obr("1-1"), orc("NW", "P2", "F1"), obr("2-2"))

    assert [_names(one)[0] for one in found] == ["P1", "P2"]


@pytest.mark.parametrize(
    ("control", "status", "said"),
    [
        ("NW", "", "active"),
        ("XO", "", "active"),
        ("RL", "", "active"),
        ("CA", "", "revoked"),
        ("DC", "", "revoked"),
        ("OC", "", "revoked"),
        ("RP", "", "revoked"),
        ("HD", "", "on-hold"),
        ("NW", "CM", "completed"),
        ("SC", "IP", "active"),
        ("SC", "HD", "on-hold"),
        ("CA", "ER", "entered-in-error"),
    ],
)
def test_the_status_is_that_of_orc_5_before_that_of_orc_1(
    control: str, status: str, said: str, ordered: Made
) -> None:
    (one,) = ordered(orc(control, f5=status), obr())

    assert one["status"] == said


@pytest.mark.parametrize("control", ["SC", "UC", "SN", "NA"])
def test_what_says_no_status_leaves_the_stored_one(control: str, translated: Translated) -> None:
    made = translated(PID, orc(control), obr(), kind="ORM^O01")

    (order,) = [e for e in made.bundle["entry"] if "ServiceRequest" in e["request"]["url"]]
    assert order["resource"]["status"] == "unknown"
    assert "status" in made.weak[order["fullUrl"]]


def test_a_cancel_without_its_order_is_about_the_same_order(ordered: Made) -> None:
    (placed,) = ordered(orc(), obr())
    (cancelled,) = ordered(orc("CA", f16="DUP^Duplicate^L"))

    assert (cancelled["identifier"][0], cancelled["status"]) == (placed["identifier"][0], "revoked")
    assert "code" not in cancelled
    assert [one["url"].rpartition("/")[2] for one in cancelled["extension"]] == [
        "request-statusReason",
        "urn:wherry:fhir:source-time",
    ]


def test_the_time_of_a_cancel_is_not_when_it_was_ordered(ordered: Made) -> None:
    ((placed,), (cancelled,)) = (
        ordered(orc(control, f9="20260105100000+0000"), obr()) for control in ("NW", "CA")
    )

    assert placed["authoredOn"] == "2026-01-05T10:00:00+00:00"
    assert "authoredOn" not in cancelled


def test_who_orders_at_an_organization_is_in_a_role_there(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        PID,
        orc(f12="77^Testdoctor^Dora^^^^^^LAB", f21="Test Clinic^L^9", f23="^WPN^PH^^^555^1234567"),
        obr(),
        kind="ORM^O01",
    )

    (order,), (role,) = of_type(made, "ServiceRequest"), of_type(made, "PractitionerRole")
    clinic = next(one for one in of_type(made, "Organization") if one["name"] == "Test Clinic")
    assert order["requester"]["display"] == "Dora Testdoctor, Test Clinic"
    assert role["practitioner"]["display"] == "Dora Testdoctor"
    assert role["organization"]["display"] == "Test Clinic"
    assert clinic["telecom"][0]["value"] == "555 1234567"


def test_a_child_names_its_parent_and_finds_it_in_the_message(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        PID,
        orc("PA", "P1"),
        obr("1-1"),
        orc("CH", "P2", f8="P1"),
        obr("2-2"),
        orc("CH", "P3", f8="P0&EHR"),
        obr("3-3"),
        kind="ORM^O01",
    )

    parent, child, other = of_type(made, "ServiceRequest")
    urls = {id(e["resource"]): e["fullUrl"] for e in made.bundle["entry"]}
    assert child["basedOn"] == [{"reference": urls[id(parent)]}]
    assert (other["basedOn"][0]["display"], "reference" in other["basedOn"][0]) == ("P0", False)


def test_a_replacement_replaces_what_was_taken_back_before_it(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(PID, orc("RP", "P1"), obr(), orc("RO", "P2"), obr("2-2"), kind="ORM^O01")

    old, new = of_type(made, "ServiceRequest")
    urls = {id(e["resource"]): e["fullUrl"] for e in made.bundle["entry"]}
    assert (old["status"], new["status"]) == ("revoked", "active")
    assert new["replaces"] == [{"reference": urls[id(old)]}]


def test_what_is_asked_on_ordering_supports_the_order(
    translated: Translated, of_type: OfType
) -> None:
    made = translated(
        PID, orc(), obr(), segment("OBX", {1: "1", 2: "ST", 3: "1-1^Fasting^L", 5: "yes", 11: "O"}),
        kind="OML^O21",
    )  # fmt: skip

    (order,), (answer,) = of_type(made, "ServiceRequest"), of_type(made, "Observation")
    (entry,) = [e for e in made.bundle["entry"] if e["resource"] is answer]
    assert order["supportingInfo"] == [{"reference": entry["fullUrl"]}]
    assert of_type(made, "DiagnosticReport") == []
    assert "basedOn" not in answer


def test_prior_results_are_of_their_own_patient_and_order(
    translated: Translated, of_type: OfType
) -> None:
    visit = segment("PV1", {2: "I", 19: "V1"})
    result = segment("OBX", {1: "1", 2: "NM", 3: "718-7^Hb^LN", 5: "14.1", 11: "F"})
    made = translated(
        PID,
        visit,
        orc("NW", "P1", f12="77^Testdoctor^Dora"),
        obr("1-1"),
        segment("PID", {3: "7700999^^^NORTH^MR"}),
        orc("PR", "P9"),
        obr("9-9", f25="F"),
        result,
        kind="OML^O21",
    )

    now, then = of_type(made, "ServiceRequest")
    (report,), (observation,) = of_type(made, "DiagnosticReport"), of_type(made, "Observation")
    current, prior = of_type(made, "Patient")
    urls = {id(e["resource"]): e["fullUrl"] for e in made.bundle["entry"]}
    assert now["subject"] == {"reference": urls[id(current)]}
    assert {one["subject"]["reference"] for one in (then, report, observation)} == {urls[id(prior)]}
    assert "encounter" in now
    assert not any("encounter" in one for one in (then, report, observation))
    assert ("requester" in now, "requester" in then) == (True, False)
    assert "supportingInfo" not in now
    assert report["result"] == [{"reference": urls[id(observation)]}]


def test_the_reasons_of_an_order_are_its_diagnoses(translated: Translated, of_type: OfType) -> None:
    made = translated(
        PID, orc(), obr(f31="R07^Pain^I10C"), segment("DG1", {1: "1", 3: "R07.9^Chest pain^I10C"}),
        kind="ORM^O01",
    )  # fmt: skip

    (order,), (condition,) = of_type(made, "ServiceRequest"), of_type(made, "Condition")
    (entry,) = [e for e in made.bundle["entry"] if e["resource"] is condition]
    assert order["reasonReference"] == [{"reference": entry["fullUrl"]}]
    assert [one["text"] for one in order["reasonCode"]] == ["Pain"]


def test_comments_stay_with_the_order_wherever_they_stand(ordered: Made) -> None:
    (one,) = ordered(
        orc(),
        segment("NTE", {1: "1", 3: "of the order"}),
        obr(),
        segment("NTE", {1: "1", 3: "of the test"}),
        kind="ORM^O01",
    )

    assert [note["text"] for note in one["note"]] == ["of the test", "of the order"]


def test_who_entered_and_verified_is_in_the_record(translated: Translated, of_type: OfType) -> None:
    made = translated(
        PID, orc(f10="5^Testclerk^Carl", f11="6^Testnurse^Nora"), obr(), kind="ORM^O01"
    )

    (record,) = of_type(made, "Provenance")
    assert [
        (one["type"]["coding"][0]["code"], one["who"]["display"]) for one in record["agent"][1:]
    ] == [("enterer", "Carl Testclerk"), ("verifier", "Nora Testnurse")]


@pytest.mark.parametrize(
    ("kind", "detail", "type_"),
    [
        ("ORM^O01", segment("RQD", {1: "1", 3: "H1^Hip^L", 5: "1"}), "SupplyRequest"),
        ("ORM^O01", segment("ODS", {1: "D", 3: "LOWS^Low salt^L"}), "NutritionOrder"),
        ("ORM^O01", segment("RXO", {1: "313782^Drug^RXNORM", 2: "1"}), "MedicationRequest"),
        ("ORM^O01", obr(), "ServiceRequest"),
        ("OMP^O09", segment("RXO", {1: "313782^Drug^RXNORM", 2: "1"}), "MedicationRequest"),
    ],
)
def test_an_orc_is_of_what_its_detail_says(
    kind: str, detail: str, type_: str, translated: Translated
) -> None:
    made = translated(PID, orc(), detail, kind=kind)

    types = [entry["resource"]["resourceType"] for entry in made.bundle["entry"]]
    assert [one for one in types if one.endswith(("Request", "Order"))] == [type_]
