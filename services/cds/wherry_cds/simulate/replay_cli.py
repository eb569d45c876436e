"""`wherry cds replay`: kept calls again, under a policy or model that is not in force yet."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import track
from rich.table import Table

from wherry.codec import encode
from wherry.errors import Failure
from wherry.resource import Resource
from wherry_cds.policy.files import load as policies
from wherry_cds.policy.policy import TenantPolicy
from wherry_cds.risk_http import HttpScorer
from wherry_cds.rules.cards import RULES
from wherry_cds.rules.score import AnyAnswer
from wherry_cds.settings import Settings
from wherry_cds.simulate.replay import Answering, Compared, Side, Verdict, compared
from wherry_cds.simulate.show import plain
from wherry_cds.simulate.stored import Stored, load

_THERE = click.Path(exists=True, dir_okay=False, path_type=Path)
_WITHIN_S = 10.0


@click.command()
@click.argument("files", nargs=-1, required=True, type=_THERE)
@click.option("--policy", type=_THERE, help="Policy file to try.")
@click.option("--before", type=_THERE, help="Policy file now in force. Default: the built-in one.")
@click.option("--model", default="", help="Model to try in place of each service's own.")
@click.option("--tenant", default="", help="Whose part of the policy files. Default: `default`.")
@click.option("--risk", "risk_url", help="Risk service that scores. Default: WHERRY_CDS_RISK_URL.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a call.")
def replay(files: Sequence[Path], **given: Any) -> None:
    """Score kept calls again and compare what would be shown now with what would be shown then.

    FILES are calls that `wherry cds call --save` kept. Calls about one patient are judged in their
    order where they were saved with one file of --pseudonyms. Nothing is written, and nobody is
    shown a card.
    """
    if not given["policy"] and not given["model"]:
        raise click.UsageError("--policy or --model is needed: there is nothing to compare")
    with _safely():
        calls = [load(path) for path in files]
        settings = Settings()
        token = settings.service_token
        secret = token.get_secret_value() if token else ""
        scorer = HttpScorer(given["risk_url"] or settings.risk_url, token=secret)
        now = policy_of(given["before"], given["tenant"])
        new = policy_of(given["policy"] or given["before"], given["tenant"])
        scored = _scores(scorer)
        rows = _run(
            calls,
            Answering(Side(now), RULES, scored),
            Answering(Side(new, given["model"]), RULES, scored),
        )
    if given["as_json"]:
        for row in rows:
            click.echo(encode(_as_json(row)))
    else:
        Console().print(_table(rows))


def policy_of(path: Path | None, tenant: str) -> TenantPolicy:
    """What file and built-in policies say of this tenant. Raises: Failure(INVALID)."""
    return policies(str(path or "")).of(tenant)


def _run(calls: Sequence[Stored], before: Answering, after: Answering) -> list[Compared]:
    console = Console(stderr=True)
    in_turn = sorted(calls, key=lambda one: (one.at, one.name))
    steps = track(in_turn, "Scoring", console=console, disable=not console.is_terminal)
    return [row for one in steps for row in compared([one], before, after)]


def _scores(scorer: HttpScorer) -> Callable[[str, str, Sequence[Resource], datetime], AnyAnswer]:
    def score(model: str, patient: str, found: Sequence[Resource], at: datetime) -> AnyAnswer:
        return scorer.score(model, patient, found, at=at, timeout_s=_WITHIN_S)

    return score


def _table(rows: Sequence[Compared]) -> Table:
    changed = sum(row.changed for row in rows)
    shown = [sum(side.shown for side in sides) for sides in _sides(rows)]
    table = Table(
        "call", "service", "now", "then", "",
        title=f"{len(rows)} calls, {changed} answered differently; cards: {shown[0]} now, "
        f"{shown[1]} then",
        title_justify="left",
    )  # fmt: skip
    for row in rows:
        mark = "[bold]changed[/bold]" if row.changed else ""
        sides = (_words(row.before), _words(row.after))
        table.add_row(plain(row.stored.name), plain(row.stored.service), *sides, mark)
    return table


def _sides(rows: Sequence[Compared]) -> tuple[list[Verdict], list[Verdict]]:
    return [row.before for row in rows], [row.after for row in rows]


def _words(verdict: Verdict) -> str:
    what = verdict.level.word if verdict.shown else "no card"
    return f"{what} ({verdict.rule})\n{plain(verdict.summary)}".replace("[", r"\[")


def _as_json(row: Compared) -> dict[str, Any]:
    return {
        "call": row.stored.name,
        "service": row.stored.service,
        "at": row.stored.at.isoformat(),
        "answered": [dict(one) for one in row.stored.cards],
        "now": row.before.as_json(),
        "then": row.after.as_json(),
        "changed": row.changed,
    }


@contextmanager
def _safely() -> Iterator[None]:
    """A failure is one line."""
    try:
        yield
    except Failure as failure:
        raise click.ClickException(str(failure)) from None
