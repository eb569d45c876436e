"""Every code table that is shipped is whole, says its sources and keeps to what R4 allows."""

import re
from importlib import resources
from pathlib import Path

import pytest

from wherry_hl7.mapping import bindings
from wherry_hl7.mapping.tables import BINDINGS, Row, Table, load_shipped

FOLDER = Path(str(resources.files("wherry_hl7") / "maps" / "tables"))
FILES = sorted(file for file in FOLDER.glob("*.csv") if file.name != BINDINGS)
BOUND = bindings.parse((FOLDER / BINDINGS).read_text("utf-8"), path=BINDINGS)

# Plain codes, but of elements that R4 requires no value set for.
FREE = {
    "AppointmentPriority",  # numbers
    "AppointmentResource",  # types of resources
    "BirthSex",  # US Core
    "CodingSystems",  # URIs
    "ImmunizationPrimarySource",  # booleans
    "MimeSubtypes",
    "MimeTypes",
    "NameRepresentation",  # an extension
    "WasSubstituted",
    "YesNo",
}


def _rows(table: Table) -> list[Row]:
    return [*table.listed.values(), *([table.default] if table.default else ())]


def test_every_file_is_a_table_under_its_name() -> None:
    assert sorted(load_shipped()) == [file.stem for file in FILES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_table_begins_with_what_it_maps_and_names_its_sources(file: Path) -> None:
    comments = file.read_text("utf-8").split("\nfrom,")[0]
    assert re.match(r"# .+ to ", comments)
    assert re.search(r"^# .*Source: \S", comments, re.MULTILINE)


@pytest.mark.parametrize("table", load_shipped().values(), ids=lambda table: table.name)
def test_a_table_has_rows_and_short_displays(table: Table) -> None:
    assert _rows(table)
    assert [row for row in _rows(table) if len(row.display) > 48] == []


@pytest.mark.parametrize("table", load_shipped().values(), ids=lambda table: table.name)
def test_every_listed_code_is_found_in_any_case_unless_the_table_is_exact(table: Table) -> None:
    for code, row in table.listed.items():
        assert table.get(f" {code} ") is row
        if not table.exact:
            assert table.get(code.lower()) == row


@pytest.mark.parametrize("name", BOUND)
def test_a_target_of_a_required_binding_is_in_the_value_set(name: str) -> None:
    bindings.check(load_shipped()[name], BOUND[name])


def test_a_table_of_plain_codes_says_which_elements_they_are_for() -> None:
    shipped = load_shipped().values()
    plain = {t.name for t in shipped if any(row.to and not row.system for row in _rows(t))}
    assert plain - set(BOUND) == FREE


@pytest.mark.parametrize(
    ("name", "code", "to"),
    [
        ("EncounterStatusOfEvent", "A11", "cancelled"),
        ("EncounterStatusOfEvent", "A21", "onleave"),
        ("EncounterStatusOfEvent", "A08", ""),
        ("EncounterClass", "", "UNK"),
        ("ObservationStatus", "D", "entered-in-error"),
        ("ReportStatus", "I", "registered"),
        ("OrderControlCode", "CA", "revoked"),
        ("AppointmentStatus", "NOSHOW", "noshow"),
        ("AppointmentStatusOfEvent", "S17", "entered-in-error"),
        ("DocumentAvailability", "OB", "superseded"),
        ("Relationship", "MTH", "MTH"),
        ("RaceCategory", "2034-7", "2028-9"),
        ("SubscriberRelationshipOfInsured", "PAR", "child"),
        ("Language", "ger", "de"),
        ("Ucum", "mcg/dL", "ug/dL"),
        ("MonitorUnits", "266016", "mm[Hg]"),
        ("MdcCodes", "150301", "8480-6"),
        ("CodingSystems", "ln", "http://loinc.org"),
        ("CodingSystems", "SNM3", ""),
    ],
)
def test_what_a_code_becomes(name: str, code: str, to: str) -> None:
    row = load_shipped()[name].get(code)
    assert row is not None
    assert row.to == to


@pytest.mark.parametrize("code", ["Mg/dl", "MM/hg", "MU/L", "G", "U", ""])
def test_a_unit_that_could_mean_two_things_has_no_row(code: str) -> None:
    assert load_shipped()["Ucum"].get(code) is None


@pytest.mark.parametrize("name", ["Ucum", "MonitorUnits", "DurationUnit"])
def test_what_a_unit_becomes_is_a_unit_that_means_itself(name: str) -> None:
    targets = {row.to for row in load_shipped()[name].listed.values()}
    units = load_shipped()["Ucum"]
    assert {to for to in targets if (row := units.get(to)) is None or row.to != to} == set()


def test_a_measurement_or_unit_of_a_monitor_is_the_same_by_number_and_by_name() -> None:
    for name, prefix in (("MdcCodes", "MDC_"), ("MonitorUnits", "MDC_DIM_")):
        rows = load_shipped()[name].listed
        by_name = sorted(row.to for code, row in rows.items() if code.startswith(prefix))
        assert by_name == sorted(row.to for code, row in rows.items() if code.isdecimal())


def test_every_detailed_race_and_ethnicity_has_a_category_or_none_on_purpose() -> None:
    for name in ("Race", "Ethnicity"):
        targets = {row.to for row in load_shipped()[name].listed.values() if row.to}
        assert {to for to in targets if load_shipped()[f"{name}Category"].get(to) is None} == set()
