"""ICD-9-CM and ICD-10-CM codes become the few conditions that models read."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10 = "http://hl7.org/fhir/sid/icd-10"
ICD9CM = "http://hl7.org/fhir/sid/icd-9-cm"
SYSTEMS = frozenset({ICD10CM, ICD10, ICD9CM})


class Codes(NamedTuple):
    """The codes of one condition, without dots, by revision of the ICD.

    "428" stands for 428 and all below it, "490-496" for all from 490 to 496 and below them.
    """

    icd9: str
    icd10: str


# Source: ICD-9-CM and ICD-10-CM tabular lists; groups after Quan et al., Med Care 2005;43:1130-9.
# The models were trained with ICD-9: that both revisions mean the same is an assumption, and named
# on their cards.
CONDITIONS: Mapping[str, Codes] = {
    "heart-failure": Codes("39891 40201 40211 40291 428", "I0981 I110 I130 I132 I50"),
    "chronic-lung": Codes("490-496", "J40-J47"),
    "chronic-kidney": Codes("403-404 585-586", "I12-I13 N18-N19"),
    "cancer": Codes("140-209", "C00-C96"),
    "ischaemic-heart": Codes("410-414", "I20-I25"),
    "cerebrovascular": Codes("430-438", "G45 I60-I69"),
    "liver": Codes("570-573", "K70-K77"),
    "diabetes-complicated": Codes(
        "2501 2504-2509",
        "E081-E086 E088 E091-E096 E098 E101-E106 E108 E111-E116 E118 E131-E136 E138",
    ),
}


def conditions(codes: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The conditions that any of these (system, code) pairs stand for."""
    return matching(CONDITIONS, codes)


def matching(table: Mapping[str, Codes], codes: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The names of the table whose codes any of these (system, code) pairs belong to."""
    given = [(system == ICD9CM, code.replace(".", "").upper())
             for system, code in codes if system in SYSTEMS]  # fmt: skip
    return frozenset(
        name
        for name, known in table.items()
        if any(_belongs(code, known.icd9 if old else known.icd10) for old, code in given)
    )


def _belongs(code: str, listed: str) -> bool:
    for one in listed.split():
        first, _, last = one.partition("-")
        size = len(first)
        if len(code) >= size and first <= code[:size] <= (last or first):
            return True
    return False
