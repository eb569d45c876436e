"""Diagnoses become the comorbidity points of LACE."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from wherry_risk.model.icd import Codes, matching


class Weighed(NamedTuple):
    """A condition, its points, and the worse form of it that takes its place."""

    points: int
    codes: Codes
    worse: str = ""


# Source: van Walraven et al., CMAJ 2010;182:551-7, Charlson's index as LACE weighs it; codes after
# Quan et al., Med Care 2005;43:1130-9.
CONDITIONS: Mapping[str, Weighed] = {
    "infarction": Weighed(1, Codes("410 412", "I21-I22 I252")),
    "cerebrovascular": Weighed(1, Codes("430-438", "G45-G46 H340 I60-I69")),
    "peripheral-vascular": Weighed(
        1, Codes("440-441 4431-4439 4471 5571 5579 V434", "I70-I71 I731 I738-I739 I771 K551 Z958")
    ),
    "diabetes": Weighed(
        1,
        Codes("2500-2503 2508-2509", "E100-E101 E106 E108-E111 E116 E118-E119 E130-E131 E139"),
        "diabetes-complicated",
    ),
    "heart-failure": Weighed(2, Codes("39891 40201 40211 40291 425 428", "I099 I110 I43 I50")),
    "diabetes-complicated": Weighed(2, Codes("2504-2507", "E102-E105 E112-E115 E132-E135")),
    "chronic-lung": Weighed(2, Codes("490-505", "J40-J47 J60-J67")),
    "liver-or-renal": Weighed(
        2,
        Codes("570-571 5733-5734 582 585 5880", "K700-K703 K709 K73-K74 K760 N03 N05 N18 N250"),
        "severe-liver-or-renal",
    ),
    "tumour": Weighed(2, Codes("140-172 174-195 200-208", "C00-C43 C45-C76 C81-C96"), "metastatic"),
    "dementia": Weighed(3, Codes("290 2941 3312", "F00-F03 G30 G311")),
    "connective-tissue": Weighed(
        3, Codes("4465 7100-7104 7140-7142 725", "M05-M06 M315 M32-M34 M353")
    ),
    "aids": Weighed(4, Codes("042-044", "B20-B24")),
    "severe-liver-or-renal": Weighed(
        4,
        Codes("4560-4562 5722-5728 5855-5856 V451", "I850 I859 K704 K711 K721 K729 K766-K767 "
              "N184-N186 Z992"),
    ),
    "metastatic": Weighed(6, Codes("196-199", "C77-C80")),
}  # fmt: skip


def comorbidity(codes: Iterable[tuple[str, str]]) -> int:
    """The points of all conditions that these (system, code) pairs stand for."""
    found = matching({name: one.codes for name, one in CONDITIONS.items()}, codes)
    return sum(
        one.points for name, one in CONDITIONS.items() if name in found and one.worse not in found
    )
