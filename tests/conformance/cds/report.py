"""What checks found becomes a report: each requirement passed, failed, or not applicable."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from tests.conformance.cds.check import Check, NotApplicable
from tests.conformance.cds.target import Target

_TABLE = Path(__file__).with_name("requirements.tsv")


class State(Enum):
    """What is known of one requirement."""

    PASS = "pass"
    FAIL = "fail"
    NOT_APPLICABLE = "n/a"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One service requirement in our words; `note` is why no check is keyed to it."""

    id: int
    kind: str
    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: nothing to say, words about what is wrong, or why it does not apply."""

    check: Check
    wrong: str = ""
    not_applicable: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one requirement, and by what."""

    requirement: Requirement
    state: State
    why: str

    def as_json(self) -> dict[str, Any]:
        """As it stands in the report."""
        one = self.requirement
        return {
            "id": f"cds-hooks_2.0@{one.id}",
            "conformance": one.kind,
            "words": one.words,
            "state": self.state.value,
            "why": self.why,
        }


def requirements() -> list[Requirement]:
    """The table."""
    rows = [line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines()]
    return [Requirement(int(row[0]), *row[1:]) for row in rows if not row[0].startswith("#")]


def found_by(check: Check, target: Target) -> Found:
    """Ask; what goes wrong on the way, whatever it is, is a failure of the check."""
    try:
        check.ask(target)
    except NotApplicable as reason:
        return Found(check, not_applicable=str(reason))
    except AssertionError as error:
        return Found(check, wrong=str(error) or "it does not hold")
    except Exception as error:
        return Found(check, wrong=f"{type(error).__name__} instead of an answer")
    return Found(check)


def verdicts(all_found: Iterable[Found]) -> list[Verdict]:
    """What is known of every requirement of the table."""
    by_id: dict[int, list[Found]] = {}
    for found in all_found:
        for id_ in found.check.proves:
            by_id.setdefault(id_, []).append(found)
    return [_verdict(one, by_id) for one in requirements()]


def _verdict(one: Requirement, by_id: Mapping[int, list[Found]]) -> Verdict:
    held = by_id.get(one.id, [])
    for found in held:
        if found.wrong:
            return Verdict(one, State.FAIL, f"{found.check.title}: {found.wrong}")
    asked = [found for found in held if not found.not_applicable]
    if asked:
        return Verdict(one, State.PASS, ", ".join(found.check.id for found in asked))
    if held:
        return Verdict(one, State.NOT_APPLICABLE, held[0].not_applicable)
    return Verdict(one, State.NOT_APPLICABLE, one.note or "not checked in this run")


def lines(all_found: Iterable[Found], known: Iterable[Verdict]) -> list[str]:
    """A line for each requirement, the checks that failed, and the counts."""
    found, told = list(all_found), list(known)
    body = [
        f"@{one.requirement.id:<4}{one.requirement.kind:<11}{one.state.value:<5} "
        f"{one.requirement.words}  [{one.why}]"
        for one in told
    ]
    wrong = [f"FAIL {one.check.title}: {one.wrong}" for one in found if one.wrong]
    aside = [f"n/a  {one.check.title}: {one.not_applicable}" for one in found if one.not_applicable]
    states = Counter(one.state for one in told)
    return [
        *body,
        "",
        *wrong,
        *aside,
        "",
        f"{len(found)} checks: {len(found) - len(wrong) - len(aside)} passed, "
        f"{len(wrong)} failed, {len(aside)} not applicable",
        f"{len(told)} service requirements: "
        + ", ".join(f"{states[state]} {state.value}" for state in State),
    ]


def as_json(all_found: Iterable[Found], known: Iterable[Verdict]) -> dict[str, Any]:
    """The report for programs."""
    return {
        "requirements": [one.as_json() for one in known],
        "checks": [
            {
                "id": one.check.id,
                "name": one.check.title,
                "proves": list(one.check.proves),
                "wrong": one.wrong,
                "not_applicable": one.not_applicable,
            }
            for one in all_found
        ],
    }
