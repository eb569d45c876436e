"""The code tables agree with HL7's own v2-to-FHIR maps, but for the decisions listed here."""

import json
import re
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from wherry_hl7.mapping.tables import Table, load_shipped

MAPS = Path(__file__).parents[4] / "shared/data/hl7/v2-to-fhir-ig/normalised/codesystems.json"

pytestmark = pytest.mark.skipif(not MAPS.is_file(), reason="HL7's v2-to-FHIR maps are not here")

ABSENT = "(no row)"
BETTER = "R4 has a target that the IG leaves blank"
PATTERN = "a pattern, which the reader of the field takes apart, not a code"

# Table, codes, what they become here ("" for none on purpose), and why it is not what the IG says.
DIFFERENT = [
    ("AddressType", "S", "physical", BETTER),
    ("AddressUse", "P RH", "home", BETTER),
    ("AddressUse", "V", "temp", BETTER),
    ("AdministrationMethod", "DU IF IR IVPB IVP NB PT PF SO WI", "=", "kept as its v2-0165 code"),
    ("AllergyCategory", "AA", "environment", "biologic is a preparation in R4, not an animal"),
    ("AllergyCriticality", "U", "unable-to-assess", BETTER),
    ("AllowSubstitution", "N G", "=", "R4 binds the element to v3 codes"),
    ("AllowSubstitution", "T", "TE", "R4 binds the element to v3 codes"),
    ("AmbulatoryStatus", "A1", "A1", BETTER),
    ("AppointmentReason", "ROUTINE WALKIN CHECKUP FOLLOWUP EMERGENCY", "=", "R4 prefers v2-0276"),
    ("Confidentiality", "U", "N", "usual is not what U (unrestricted) is in v3"),
    ("Confidentiality", "UWM", "", "not a code of R4's v3-Confidentiality or v3-ActCode"),
    ("Confidentiality", "VIP", "CEL", "the v3-ActCode for it"),
    ("Confidentiality", "PSY", "PSY", "a sensitivity is a code of v3-ActCode"),
    ("Confidentiality", "AID HIV", "HIV", "a sensitivity is a code of v3-ActCode"),
    ("DiagnosisType", "F", "DD", BETTER),
    ("DocumentConfidentiality", "V R", "=", "R4 binds security labels to v3-Confidentiality"),
    ("DocumentConfidentiality", "U", "N", "R4 binds security labels to v3-Confidentiality"),
    ("EncounterClass", "U", "UNK", "unknown is no class: a null flavor"),
    ("EncounterStatusOfEvent", "A04", "in-progress", "registered when they arrive, not planned"),
    ("EncounterStatusOfEvent", "A08", "", "an update must not hide a known status"),
    ("EventRelatedPeriod", "IC ICM ICD ICV", "", "not in the required value set of Timing"),
    ("IdentifierType", "NNxxx", ABSENT, PATTERN),
    ("MaritalStatus", "C", "T", "R4's v3-MaritalStatus has no C"),
    ("NameType", "A S", "anonymous", BETTER),
    ("NameType", "C", "official", BETTER),
    ("NameType", "NB", "temp", BETTER),
    ("NameType", "NOUSE", "old", BETTER),
    ("ObservationStatus", "B U V", "final", "results that are final; blank in the IG"),
    ("ObservationStatus", "I N O", "registered", "nothing to read yet; blank in the IG"),
    ("ObservationStatus", "R S", "preliminary", "not yet verified; blank in the IG"),
    ("OrderControlCode", "CA", "revoked", "users take a cancel request for a cancelled order"),
    ("OrderControlCode", "HD", "on-hold", "users take a hold request for an order on hold"),
    ("OrderControlCode", "RQ RP RU", "revoked", "names the order that was replaced"),
    ("OrderControlCode", "UA", "revoked", "the filler does not take the order"),
    ("OrderControlCode", "CH OE OF OP OR PA XO XR XX", "active", BETTER),
    ("OrganizationType", "1 2 3 4", "prov", BETTER),
    ("OrganizationType", "5", "other", BETTER),
    ("Participation", "AD", "ADM", BETTER),
    ("Participation", "AP PO", "PRF", BETTER),
    ("Participation", "AT", "ATND", BETTER),
    ("Participation", "AUT", "AUT", BETTER),
    ("Participation", "CP", "CON", BETTER),
    ("Participation", "EP", "ENT", BETTER),
    ("Participation", "EQUIP", "DEV", BETTER),
    ("Participation", "PP", "446050000", "as in ProviderRole"),
    ("Participation", "RCT", "IRCP", BETTER),
    ("Participation", "RP", "REF", BETTER),
    ("Participation", "RT", "REFT", BETTER),
    ("Participation", "TR", "TRANS", BETTER),
    ("Participation", "VP", "VRF", BETTER),
    ("Priority", "TS<integer> TM<integer> TH<integer>", ABSENT, PATTERN),
    ("Priority", "TD<integer> TW<integer> TL<integer>", ABSENT, PATTERN),
    ("ProviderRole", "AP", "PRF", BETTER),
    ("ProviderRole", "EP", "ENT", BETTER),
    ("ProviderRole", "PI", "", "reads results; the IG's code is an interpreter of languages"),
    ("ProviderRole", "RT", "REFT", BETTER),
    ("ProviderRole", "TR", "TRANS", BETTER),
    ("ProviderRole", "VP", "VRF", BETTER),
    ("Relationship", "GRD", "GUARD", "v3-RoleCode has the guardian"),
    ("Religion", "ABC FWB SOU", "1009", "a Baptist church; blank in the IG"),
    ("Religion", "UMD WMC", "1073", "a Methodist church; blank in the IG"),
    ("Religion", "LMS", "1028", "a Lutheran church; blank in the IG"),
    ("Religion", "COP", "1038", "a Pentecostal church; blank in the IG"),
    ("Religion", "JEW JCO JOR JRC JRF JRN JOT", "1026", BETTER),
    ("Religion", "C", "1041", BETTER),
    ("Religion", "BTA", "1054", BETTER),
    ("Religion", "GRE", "1068", BETTER),
    ("Religion", "COT", "1013", BETTER),
    ("Religion", "HIN", "1020", BETTER),
    ("Religion", "MOT", "1023", BETTER),
    ("Religion", "VAR", "UNK", BETTER),
    ("RepeatPattern", "Q<integer>S Q<integer>M Q<integer>H Q<integer>D", ABSENT, PATTERN),
    ("RepeatPattern", "Q<integer>W Q<integer>L Q<integer>J<day#> xID PRNxxx", ABSENT, PATTERN),
    ("RepeatPattern", "A P I M D V", ABSENT, "parts of a pattern of meals, not codes"),
    ("RepeatPattern", "QAM", "AM", "R4 prefers v3-GTSAbbreviation"),
    ("RepeatPattern", "QPM", "PM", "R4 prefers v3-GTSAbbreviation"),
    ("RepeatPattern", "QHS", "BED", "R4 prefers v3-GTSAbbreviation"),
    ("RepeatPattern", "C Once PRN QSHIFT", "", "no such abbreviation in R4"),
    ("ReportStatus", "A", "partial", "some results are there; blank in the IG"),
    ("ReportStatus", "M", "preliminary", "corrected, not final; blank in the IG"),
    ("ReportStatus", "N", "registered", "results pending; blank in the IG"),
    ("ReportStatus", "Y Z", "unknown", "errors of a query; blank in the IG"),
    ("TelecomSystem", "CP", "phone", "the IG gives a use in the place of the system"),
    ("TelecomSystem", "SAT", "phone", "a telephone for voice calls"),
    ("TelecomUse", "ORN", "home", BETTER),
    ("TelecomUse", "VHN", "temp", BETTER),
]

# Patterns too, of more than one word.
WITH_BLANKS = ('"U <spec>"', '"Meal Related Timings"')

# Maps without a table of ours, and why.
NOT_TAKEN = {
    "a code stands for itself under its v2 table": """BodyParts EventType NameAssemblyOrder
        ProcessingID ProcessingMode UniversalIDType""",
    "names targets and no codes": """ConfidentialityClassification ContainerType DietType
        DischargeDisposition PrincipalLanguageOfMessage SpecimenSourceSite
        TestServiceDefaultDurationUnits""",
    "empty": """DischargedToLocation OperatorID PlanId RequestedDispenseUnits RequestedDosageForm
        RequestedDrugStrengthVolumeUnits RequestedGiveStrengthUnits RequestedGiveUnits
        RoutingInstruction SecurityLabelHandlingInstructions SpecimenSourceTypeModifier""",
    "structures of messages, not codes": "MessageStructure",
    "HTTP verbs; see DiagnosisAction, AllergyAction and ProcedureAction": "SegmentActionCode",
}


def _maps() -> Any:
    return json.loads(MAPS.read_text("utf-8"))


def _sources() -> dict[str, list[str]]:
    """The IG's maps that each table says it is from."""
    folder = Path(str(resources.files("wherry_hl7") / "maps" / "tables"))
    found = {}
    for name in load_shipped():
        text = (folder / f"{name}.csv").read_text("utf-8").split("\nfrom,")[0].replace("\n# ", " ")
        found[name] = re.findall(r"concept map (\w+(?:\[[^\]]+\])?)", text)
    return found


def _difference(table: Table, said: dict[str, str]) -> str | None:
    """What a code becomes here where that is not what the IG says."""
    row = table.get(said["from"])
    if row is None:
        return ABSENT
    theirs = said.get("to") or ""
    same_system = not (theirs and row.system) or row.system == said.get("toSystem")
    return None if row.to == theirs and same_system else row.to


def _differences() -> set[tuple[str, str, str]]:
    maps = _maps()
    return {
        (name, said["from"], ours)
        for name, sources in _sources().items()
        for source in sources
        for said in maps[source]
        if said.get("from") and (ours := _difference(load_shipped()[name], said)) is not None
    }


def _allowed() -> set[tuple[str, str, str]]:
    listed = {
        (name, code, code if to == "=" else to)
        for name, codes, to, _ in DIFFERENT
        for code in codes.split()
    }
    return listed | {("RepeatPattern", code, ABSENT) for code in WITH_BLANKS}


def test_a_table_differs_from_the_ig_only_where_it_is_decided() -> None:
    assert _differences() - _allowed() == set()


def test_every_decision_is_still_one() -> None:
    assert _allowed() - _differences() == set()


def test_every_map_of_the_ig_is_a_table_or_has_a_reason_not_to_be() -> None:
    used = {source for sources in _sources().values() for source in sources}
    left = {name for names in NOT_TAKEN.values() for name in names.split()}
    assert used | left == set(_maps())
    assert used & left == set()
