"""Patients and what is looked for become one page of the patient list."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from wherry.errors import Failure, Kind
from wherry_ehr.chart.assessments import Assessment, most_urgent_first, newest_by_patient
from wherry_ehr.chart.banner import Banner, banner
from wherry_ehr.chart.reader import ChartReader

PER_PAGE, LOOKED_AT = 50, 1000
_MOST_CHARS = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form asks for; `page` counts from 1."""

    name: str = ""
    mrn: str = ""
    born: str = ""
    page: int = 1

    @property
    def is_search(self) -> bool:
        """Whether anything is looked for."""
        return bool(self.name or self.mrn or self.born)

    @property
    def params(self) -> dict[str, str]:
        """As a search of the FHIR API. Source: FHIR R4 Patient, Search Parameters."""
        asked = {
            "name:contains": _escaped(self.name),
            "identifier": _escaped(self.mrn),
            "birthdate": self.born,
        }
        return {name: value for name, value in asked.items() if value}


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of patients, and of how many; `cut` when there are more than are looked at."""

    patients: list[Banner]
    assessed: Mapping[str, Assessment]
    total: int
    page: int
    pages: int
    cut: bool


def wanted(form: Mapping[str, str]) -> Wanted:
    """What this form asks for. Raises: Failure(INVALID) that names the field."""
    fields = {name: form.get(name, "").strip()[:_MOST_CHARS] for name in ("name", "mrn", "born")}
    born = fields["born"]
    if born:
        try:
            date.fromisoformat(born)
        except ValueError:
            text = "Birth date: give it as year, month and day, such as 1951-03-02."
            raise Failure(Kind.INVALID, text, at="born") from None
    page = form.get("page", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 1
    return Wanted(fields["name"], fields["mrn"], born, max(1, number))


def listed(record: ChartReader, asked: Wanted, *, today: date) -> Listed:
    """Who fits, the most urgent risk first, then whoever was changed last."""
    params = {**asked.params, "_sort": "-_lastUpdated"}
    found = record.search("Patient", params, limit=LOOKED_AT)
    assessed = newest_by_patient(record.search("RiskAssessment", {"_sort": "-date"}))
    people = most_urgent_first([banner(each, today=today) for each in found], assessed)
    pages = max(1, -(-len(people) // PER_PAGE))
    page = min(asked.page, pages)
    shown = people[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Listed(shown, assessed, len(people), page, pages, len(found) == LOOKED_AT)


def _escaped(text: str) -> str:
    r"""Source: FHIR R4 search, Escaping Search Parameters."""
    for sign in "\\$,|":
        text = text.replace(sign, f"\\{sign}")
    return text
