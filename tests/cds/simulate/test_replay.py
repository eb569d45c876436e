"""Kept calls under another policy: what would be shown, beside what is shown now."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from tests.conformance.cds.people import Kind, matches, resource, somebody
from tests.conformance.cds.scoring import scoring
from tests.conformance.cds.serving import served

from wherry.adapters.clock import SystemClock
from wherry.codec import decode, encode
from wherry_cds.policy.policy import Repeat, ServicePolicy, TenantPolicy
from wherry_cds.rules.cards import RULES
from wherry_cds.rules.score import Scored
from wherry_cds.simulate.pseudonyms import pseudonyms
from wherry_cds.simulate.redact import Mask
from wherry_cds.simulate.replay import NOT_SCORED, Answering, Compared, Side, compared
from wherry_cds.simulate.replay_cli import replay
from wherry_cds.simulate.stored import Stored, load, write
from wherry_risk.model.registry import registry

AT = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
SCORED = Scored(
    model="news2",
    version="1.0.0",
    score=9,
    tier="high",
    partial=False,
    parts=(),
    missing=(),
    intended_use="Supports.",
    response="Assess",
)


def stored(hours: float = 0, *, patient: str = "x1", service: str = "early-warning") -> Stored:
    request = {
        "hook": "patient-view",
        "context": {"patientId": patient, "userId": "Practitioner/x9"},
        "prefetch": {"patient": {"resourceType": "Patient", "id": patient}},
    }
    at = AT + timedelta(hours=hours)
    return Stored(f"{hours}.json", service, at, request, 200, ())


def side(answer: Scored = SCORED, **policy: Any) -> Answering:
    return Answering(Side(TenantPolicy(default=ServicePolicy(**policy))), RULES, lambda *_: answer)


def shown(rows: list[Compared]) -> list[tuple[bool, bool]]:
    return [(row.before.shown, row.after.shown) for row in rows]


def test_each_side_has_its_own_memory() -> None:
    calls = [stored(0), stored(1), stored(3)]

    rows = compared(calls, side(), side(repeat_after_h=Repeat(critical=0)))

    assert shown(rows) == [(True, True), (False, True), (True, True)]
    assert [row.changed for row in rows] == [False, True, False]
    assert [row.before.rule for row in rows] == [
        "first-crossing",
        "within-repeat-window",
        "repeat-window-over",
    ]


def test_calls_are_judged_in_the_order_of_their_moments() -> None:
    rows = compared([stored(1), stored(0)], side(), side())

    assert [row.stored.at for row in rows] == [AT, AT + timedelta(hours=1)]
    assert shown(rows) == [(True, True), (False, False)]


def test_patients_do_not_silence_one_another() -> None:
    rows = compared([stored(0), stored(1, patient="x2")], side(), side())

    assert shown(rows) == [(True, True), (True, True)]


def test_another_score_changes_the_level() -> None:
    low = replace(SCORED, score=2, tier="low")

    row = compared([stored()], side(), side(low))[0]

    assert (row.before.level.word, row.after.level.word) == ("critical", "none")
    assert row.changed


def test_a_service_that_is_gone_is_said() -> None:
    row = compared([stored(service="gone")], side(), side())[0]

    assert (row.before.rule, row.before.shown) == (NOT_SCORED, False)


@pytest.fixture
def risk() -> Iterator[str]:
    with served(lambda _: scoring(registry())) as url:
        yield url


@pytest.fixture
def kept(tmp_path: Path) -> Callable[[str, str], Path]:
    """Keep a call about a patient who is ill, as `--save` does."""

    def keep(name: str, patient: str) -> Path:
        found = matches("Observation", patient, {"category": "vital-signs"})
        request = {
            "hook": "patient-view",
            "context": {"patientId": patient, "userId": "Practitioner/u"},
            "prefetch": {
                "patient": resource("Patient", patient),
                "observations": {
                    "resourceType": "Bundle",
                    "entry": [{"resource": one} for one in found],
                },
            },
        }
        mask = Mask(pseudonyms(b"s"), timedelta(weeks=-30), SystemClock().now())
        path = tmp_path / name
        body = {"cards": [{"summary": "NEWS2 18", "indicator": "critical", "uuid": "u"}]}
        # as it is on the wire, with decimals in place of floats
        sent = decode(encode(request))
        write(path, service="early-warning", request=sent, mask=mask, status=200, body=body)
        return path

    return keep


def run(risk: str, *arguments: str | Path) -> Result:
    return CliRunner().invoke(replay, [*map(str, arguments), "--risk", risk])


def told_by(found: Result) -> Any:
    """The JSON of one call; the risk service, which is in this process, logs before it."""
    return decode(found.output.splitlines()[-1])


def test_a_redacted_call_scores_as_the_call_did(kept: Any, risk: str, tmp_path: Path) -> None:
    path = kept("a.json", somebody(Kind.ILL))
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\ndefault:\n  default:\n    mode: silent\n")

    told = told_by(run(risk, path, "--policy", policy, "--json"))

    assert told["now"]["level"] == "critical"
    assert told["now"]["summary"].startswith("NEWS2 1")
    assert (told["now"]["shown"], told["then"]["shown"]) == (True, False)
    assert told["then"]["rule"] == "silent-mode"
    assert told["changed"] is True


def test_the_table_puts_both_side_by_side(kept: Any, risk: str, tmp_path: Path) -> None:
    patient = somebody(Kind.ILL)
    paths = [kept(name, patient) for name in ("a.json", "b.json")]
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\ndefault:\n  default:\n    repeat_after_h: {critical: 0}\n")

    told = run(risk, *paths, "--policy", policy).output

    assert "2 calls, 1 answered differently; cards: 1 now, 2 then" in " ".join(told.split())


def test_a_model_that_is_not_there_is_said(kept: Any, risk: str) -> None:
    path = kept("a.json", somebody(Kind.ILL))

    told = told_by(run(risk, path, "--model", "no-such-model", "--json"))

    assert told["then"]["rule"] == NOT_SCORED
    assert told["now"]["shown"] is True


def test_a_policy_that_is_wrong_is_named(kept: Any, risk: str, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"
    policy.write_text("version: 1\ndefault:\n  default:\n    modes: silent\n")

    found = run(risk, kept("a.json", somebody()), "--policy", policy)

    assert found.exit_code == 1
    assert "modes" in found.output


def test_there_has_to_be_something_to_compare(kept: Any, risk: str) -> None:
    assert run(risk, kept("a.json", somebody())).exit_code == 2


def test_kept_calls_hold_what_came_as_prefetch(kept: Any) -> None:
    request = load(kept("a.json", somebody())).request

    assert len(request["prefetch"]["observations"]["entry"]) == 8
