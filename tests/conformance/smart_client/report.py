"""What checks found becomes a report: each requirement passed, failed, or not applicable."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from tests.conformance.smart_client.app import App
from tests.conformance.smart_client.check import Check

_TABLE = Path(__file__).with_name("requirements.tsv")


class State(Enum):
    """What is known of one requirement."""

    PASS = "pass"
    ELSEWHERE = "other tests"
    """No request of an EHR can show it; tests of the host itself do."""
    FAIL = "fail"
    NOT_APPLICABLE = "not applicable"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement in our words; `note` names tests elsewhere, or why it does not apply."""

    id: int
    kind: str
    words: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What a check found: nothing to say, or words about what is wrong."""

    check: Check
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known of one requirement, and by what."""

    requirement: Requirement
    state: State
    why: str


def requirements() -> list[Requirement]:
    """The table."""
    rows = [line.split("\t") for line in _TABLE.read_text(encoding="utf-8").splitlines()]
    return [Requirement(int(row[0]), *row[1:]) for row in rows if not row[0].startswith("#")]


def found_by(check: Check, app: App) -> Found:
    """Ask; what goes wrong on the way, whatever it is, is a failure of the check."""
    try:
        check.ask(app)
    except AssertionError as error:
        return Found(check, wrong=str(error) or "it does not hold")
    except Exception as error:  # a check that falls over has shown nothing
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
    if held:
        return Verdict(one, State.PASS, "; ".join(found.check.title for found in held))
    if one.note.startswith("n/a: "):
        return Verdict(one, State.NOT_APPLICABLE, one.note.removeprefix("n/a: "))
    if one.note:
        return Verdict(one, State.ELSEWHERE, one.note)
    return Verdict(one, State.NOT_CHECKED, "no check proves it")


def lines(all_verdicts: Iterable[Verdict]) -> list[str]:
    """One line for each requirement, then the counts."""
    known = list(all_verdicts)
    counts = Counter(one.state for one in known)
    body = [
        f"R{one.requirement.id:<4}{one.state.value:<15} {one.requirement.words}  [{one.why}]"
        for one in known
    ]
    summed = ", ".join(f"{counts[state]} {state.value}" for state in State)
    return [*body, "", f"{len(known)} client requirements (SHALL, SHALL NOT): {summed}"]
