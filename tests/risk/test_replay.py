"""A kept score computed again: the same bits, or a clear word about what differs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result
from tests.risk.conftest import ICU

from wherry.adapters.sql import make_engine
from wherry.codec import decode
from wherry.errors import Failure, Kind
from wherry_risk.audit_sql import SqlScoreAudit
from wherry_risk.cli import risk
from wherry_risk.migrate import upgrade
from wherry_risk.model.judgement import judge
from wherry_risk.model.record import record
from wherry_risk.model.recording import decoded, encoded
from wherry_risk.model.registry import registry
from wherry_risk.onnx.load import PACKAGES
from wherry_risk.recording import kept_of
from wherry_risk.records import ScoreRecord
from wherry_risk.records_sql import SqlRecords
from wherry_risk.replay import differences, model_of

AT = datetime(2026, 3, 1, 12, 0, 0, 123457, tzinfo=UTC)
Keep = Callable[..., ScoreRecord]


@pytest.fixture
def keep(make: Any, models: Any) -> Keep:
    """The record of a verdict, as it comes back from the table."""

    def kept(model: str = "icu-mortality-24h", *resources: Any, **more: Any) -> ScoreRecord:
        given = resources or [*make.icu(), *make.normal()[1:]]
        judged = judge(models[model], record(given, patient_id="p-1"), at=AT, **more)
        made = kept_of(judged, id_="r-1", made_at=AT, asked_by="request")
        return replace(made, body=decoded(encoded(made.body)))

    return kept


@pytest.mark.parametrize("model", ["news2", "qsofa", "hospital", "icu-mortality-24h",
                                   "icu-mortality-24h-full", "sepsis-6h", "sepsis-6h-vitals",
                                   "readmission-30d"])  # fmt: skip
def test_every_verdict_comes_out_the_same_bit_for_bit(model: str, keep: Keep, models: Any) -> None:
    assert differences(keep(model), models[model]) == ()


@pytest.mark.parametrize("minutes", [100, 300])
def test_a_feed_that_lags_comes_out_the_same(
    minutes: int, keep: Keep, make: Any, models: Any
) -> None:
    stamp = (make.at - timedelta(minutes=minutes)).isoformat()
    late = [
        {**one, "effectiveDateTime": stamp, "issued": make.at.isoformat()} for one in make.icu()
    ]

    kept = keep("icu-mortality-24h", *late)

    assert kept.head.refusal == ("feed_lag" if minutes > 240 else "")
    assert differences(kept, models["icu-mortality-24h"]) == ()


def test_a_window_of_many_readings_comes_out_the_same(keep: Keep, make: Any, models: Any) -> None:
    charted = [
        make.measured("8867-4", f"{80 + hour}.{hour}", "/min", age_min=60 * hour + 1 / 3)
        for hour in range(20)
    ]
    sent = make.measured("2160-0", "168.3", "umol/L", age_min=7)
    resources = [*make.icu(without=("8867-4", "2160-0")), *charted, sent]

    kept = keep("icu-mortality-24h", *resources)

    assert kept.head.status == "scored"
    assert len(kept.body.series["heart-rate"]) == 20
    assert differences(kept, models["icu-mortality-24h"]) == ()


def test_a_refusal_comes_out_the_same(keep: Keep, make: Any, models: Any) -> None:
    for model in ("news2", "icu-mortality-24h"):
        assert differences(keep(model, make.patient(born="2020-01-01")), models[model]) == ()


def test_a_feed_that_lags_is_refused_the_same_way(keep: Keep, make: Any, models: Any) -> None:
    late = [make.measured(code, value, unit, age_min=300) for code, (unit, value) in ICU.items()]

    kept = keep("icu-mortality-24h", make.patient(), *late)

    assert kept.head.refusal == "feed_lag"
    assert differences(kept, models["icu-mortality-24h"]) == ()


def test_what_a_clinician_said_is_part_of_the_record(keep: Keep, make: Any, models: Any) -> None:
    kept = keep("news2", *make.normal(spo2="90"), told={"spo2-scale": "2"})

    assert (kept.head.score, differences(kept, models["news2"])) == (Decimal(0), ())


@pytest.mark.parametrize("field", ["row", "margin", "probability", "contributions"])
def test_one_bit_of_the_graph_is_a_difference(field: str, keep: Keep, models: Any) -> None:
    kept = keep()
    graph = kept.body.graph
    assert graph is not None
    bits = bytearray.fromhex(getattr(graph, field))
    bits[0] ^= 1
    spoilt = msgspec.structs.replace(graph, **{field: bits.hex()})

    found = differences(
        replace(kept, body=msgspec.structs.replace(kept.body, graph=spoilt)),
        models["icu-mortality-24h"],
    )

    assert [one.what for one in found] == [f"graph.{field}"]
    assert found[0].now == getattr(graph, field)


def test_another_value_of_an_input_is_a_difference(keep: Keep, make: Any, models: Any) -> None:
    kept = keep("news2", *make.normal())
    pulse = msgspec.structs.replace(kept.body.used["pulse"], value=Decimal(140))
    body = msgspec.structs.replace(kept.body, used={**kept.body.used, "pulse": pulse})

    found = differences(replace(kept, body=body), models["news2"])

    assert {one.what for one in found} == {"score.score", "score.tier", "score.parts"}


def test_with_another_manifest_nothing_is_computed(keep: Keep, models: Any) -> None:
    kept = keep()
    other = replace(kept, head=replace(kept.head, manifest_sha256="0" * 64))

    (found,) = differences(other, models["icu-mortality-24h"])

    assert (found.what, "0" * 64 in found.kept) == ("manifest", True)


def test_another_limit_of_the_site_is_another_manifest(keep: Keep) -> None:
    strict = registry(max_age=timedelta(hours=1))

    (found,) = differences(keep("news2"), strict["news2"])

    assert found.what == "manifest"


def test_a_package_that_is_not_here_is_named(keep: Keep) -> None:
    kept = keep()

    with pytest.raises(Failure, match=r"icu-mortality-24h 9\.9\.9 is not here") as caught:
        model_of(replace(kept.head, version="9.9.9"), registry(), PACKAGES)

    assert caught.value.kind is Kind.NOT_FOUND


@pytest.fixture
def run(tmp_path: Path, keep: Keep) -> Callable[..., Result]:
    """The command on a database with a good record and one of another manifest."""
    url = f"sqlite:///{tmp_path / 'wherry.db'}"
    upgrade(url)
    engine = make_engine(url)
    good = keep()
    other = replace(good, head=replace(good.head, id="r-2", manifest_sha256="0" * 64))
    graph = good.body.graph
    assert graph is not None
    spoilt = msgspec.structs.replace(graph, margin="00000000")
    wrong = replace(good, head=replace(good.head, id="r-3"),
                    body=msgspec.structs.replace(good.body, graph=spoilt))  # fmt: skip
    SqlRecords(engine).add([good, other, wrong])
    engine.dispose()

    def invoked(*arguments: str) -> Result:
        return CliRunner().invoke(risk, ["replay", *arguments, "--data", str(tmp_path)])

    return invoked


def test_the_command_says_that_it_is_the_same(run: Callable[..., Result]) -> None:
    plain, told = run("r-1"), run("r-1", "--json")

    assert (plain.exit_code, told.exit_code) == (0, 0)
    assert plain.stdout.startswith("r-1: the same, bit for bit: icu-mortality-24h ")
    answer = decode(told.stdout)
    assert (answer["same"], answer["differences"], answer["status"]) == (True, [], "scored")


def test_the_command_fails_with_a_clear_text_when_anything_differs(
    run: Callable[..., Result],
) -> None:
    other, wrong = run("r-2"), run("r-3", "--json")

    assert (other.exit_code, wrong.exit_code) == (1, 1)
    assert "not computed: the record was made with the manifest" in other.stdout
    assert [one["what"] for one in decode(wrong.stdout)["differences"]] == ["graph.margin"]


def test_an_unknown_record_is_told(run: Callable[..., Result]) -> None:
    result = run("nobody")

    assert (result.exit_code, result.stderr) == (1, "Error: there is no such score record\n")


def test_whoever_replays_leaves_a_row(run: Callable[..., Result], tmp_path: Path) -> None:
    run("r-1")

    engine = make_engine(f"sqlite:///{tmp_path / 'wherry.db'}")
    (deed,) = SqlScoreAudit(engine).deeds()
    engine.dispose()
    assert (deed.what, deed.record_id, deed.who[:3]) == ("replay", "r-1", "os:")
