"""A vaccination is known by what it is; what is known of it is in its place. Synthetic data."""

from collections.abc import Callable

import pytest

from wherry.resource import Resource, Translation
from wherry.testing.hl7 import segment

Translated = Callable[..., Translation]
OfType = Callable[[Translation, str], list[Resource]]
Given = Callable[..., Resource]

PID = segment("PID", {3: "7700789^^^NORTH^MR"})


def _rxa(**more: str) -> str:
    fields = {1: "0", 2: "1", 3: "20260104", 5: "140^Influenza^CVX", 6: "0.5", 20: "CP", 21: "A"}
    return segment("RXA", {**fields, **{int(k[1:]): v for k, v in more.items()}})


def _orc(number: str) -> str:
    return segment("ORC", {1: "RE", 3: number})


def _obx(code: str, value: str, *, type_: str = "CE", sub: str = "1") -> str:
    return segment("OBX", {2: type_, 3: f"{code}^{code}^LN", 4: sub, 5: value, 11: "F"})


@pytest.fixture
def given(translated: Translated, of_type: OfType) -> Given:
    """The Immunization that one RXA with these fields becomes."""

    def make(*segments: str, **more: str) -> Resource:
        made = translated(PID, _orc("V-1^IZ"), _rxa(**more), *segments, kind="VXU^V04")
        return of_type(made, "Immunization")[0]

    return make


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"f20": "CP"}, "completed"),
        ({"f20": "PA"}, "completed"),
        ({"f20": ""}, "completed"),
        ({"f20": "RE"}, "not-done"),
        ({"f20": "NA"}, "not-done"),
        ({"f20": "", "f18": "00^Parental decision^NIP002"}, "not-done"),
        ({"f20": "CP", "f21": "D"}, "entered-in-error"),
    ],
)
def test_completion_and_action_say_the_status(
    given: Given, fields: dict[str, str], status: str
) -> None:
    assert given(**fields)["status"] == status


@pytest.mark.parametrize("amount", ["999", "999.0", "", "some"])
def test_a_dose_that_nobody_knows_is_left_out(given: Given, amount: str) -> None:
    assert "doseQuantity" not in given(f6=amount)


@pytest.mark.parametrize(
    ("source", "primary", "origin"),
    [
        ("00^New^NIP001", True, None),
        ("01^Historical^NIP001", False, "01"),
        ("02^Other provider^NIP001", False, "provider"),
        ("04^Recall^NIP001", False, "recall"),
        ("08^Public agency^NIP001", False, "08"),
    ],
)
def test_the_source_says_whether_it_is_first_hand(
    given: Given, source: str, primary: bool, origin: str | None
) -> None:
    made = given(f9=source)

    assert made["primarySource"] is primary
    assert made.get("reportOrigin", {}).get("coding", [{}])[0].get("code") == origin


@pytest.mark.parametrize("constant", ["9999^IZ", "9999", ""])
def test_a_constant_is_no_identity_and_patient_vaccine_and_day_are(
    translated: Translated, of_type: OfType, constant: str
) -> None:
    made = translated(PID, _orc(constant), _rxa(f3="20250401101500"), kind="VXU^V04")

    [one] = of_type(made, "Immunization")
    assert one["identifier"] == [
        {
            "system": "urn:wherry:hl7:LAB:immunization",
            "value": "patient/urn:wherry:hl7:LAB:NORTH/7700789/140/20250401",
        }
    ]


def test_a_number_of_several_vaccinations_names_none_of_them(
    translated: Translated, of_type: OfType
) -> None:
    twice = [_orc("V-1^IZ"), _rxa(), _orc("V-1^IZ"), _rxa(f5="03^MMR^CVX")]

    made = translated(PID, *twice, kind="VXU^V04")

    keys = [one["identifier"][0]["value"] for one in of_type(made, "Immunization")]
    assert [key.split("/")[-2:] for key in keys] == [["140", "20260104"], ["03", "20260104"]]


def test_no_vaccine_is_no_immunization_unless_it_was_refused(
    translated: Translated, of_type: OfType
) -> None:
    obx = _obx("59784-9", "38907003^Varicella^SCT")
    nothing = translated(PID, _orc("9999"), _rxa(f5="998^None^CVX", f20="NA"), obx, kind="VXU^V04")
    refused = translated(PID, _orc("9999"), _rxa(f5="998^None^CVX", f20="RE"), kind="VXU^V04")

    assert of_type(nothing, "Immunization") == []
    assert [one["code"]["text"] for one in of_type(nothing, "Observation")] == ["59784-9"]
    assert nothing.warnings == ()
    assert [one["status"] for one in of_type(refused, "Immunization")] == ["not-done"]


def test_each_fact_is_an_element_or_an_observation_and_never_both(
    translated: Translated, of_type: OfType
) -> None:
    facts = [
        _obx("64994-7", "V01^Not eligible^HL70064"),
        _obx("30963-3", "PHC70^Private^L"),
        _obx("30963-3", "VXC50^Public^L", sub="2"),
        _obx("29769-7", "20260104", type_="DT", sub="3"),
        _obx("29769-7", "20260105", type_="DT", sub="3"),
        _obx("29768-9", "no day", type_="ST", sub="4"),
        _obx("30973-2", "booster", type_="ST", sub="5"),
        _obx("59782-3", "3", type_="NM", sub="6"),
    ]

    made = translated(PID, _orc("V-1^IZ"), _rxa(), *facts, kind="VXU^V04")

    [one] = of_type(made, "Immunization")
    others = of_type(made, "Observation")
    assert one["fundingSource"]["coding"][0]["code"] == "private"
    assert [sheet["presentationDate"] for sheet in one["education"]] == ["2026-01-04", "2026-01-05"]
    assert one["protocolApplied"] == [{"doseNumberString": "booster"}]
    assert [other["code"]["text"] for other in others] == ["30963-3", "29768-9", "59782-3"]
    assert all(other["partOf"] for other in others)


def test_observations_of_two_vaccinations_stay_apart(
    translated: Translated, of_type: OfType
) -> None:
    obx = _obx("31044-1", "VXC12^Fever^L")

    made = translated(
        PID, _orc("V-1^IZ"), _rxa(), obx, _orc("V-2^IZ"), _rxa(f5="03^MMR^CVX"), obx, kind="VXU^V04"
    )

    reactions = [one["reaction"] for one in of_type(made, "Immunization")]
    urls = [
        one["fullUrl"] for one in made.bundle["entry"] if "Observation?" in one["request"]["url"]
    ]
    assert reactions == [[{"detail": {"reference": url}}] for url in urls]
    assert len(set(urls)) == 2
