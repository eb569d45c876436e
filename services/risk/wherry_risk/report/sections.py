"""One model's findings become its section: figures, plots, groups, inputs."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from wherry_risk.monitoring.drift import Drift
from wherry_risk.monitoring.performance import Performance
from wherry_risk.monitoring.seen import Level
from wherry_risk.monitoring.watch import Findings
from wherry_risk.report.parts import anchor, facts, level, number, table
from wherry_risk.report.svg import Bar, Mark, Point, bars, calibration, over_days

WARN, ALARM = 0.10, 0.25
LONGEST = 0.5
"""Bars of larger indices end here; the figure says how large."""
MOST_BARS = 15
NAMED = 5
FIGURES = ("auroc", "auprc", "brier", "slope", "ece", "o_e")
NAMES: Mapping[str, str] = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier score",
    "slope": "calibration slope",
    "ece": "calibration error (ECE)",
    "o_e": "observed over expected",
}


def section(one: Findings, *, first: bool) -> str:
    """Everything about one version in one role."""
    kind = ' class="first"' if first else ""
    return (
        f'<section id="{anchor(one)}" aria-labelledby="h-{anchor(one)}">'
        f'<h2{kind} id="h-{anchor(one)}">{escape(one.model)} {escape(one.version)}, '
        f"{escape(one.role)}</h2><p>{level(one.level)} {_why(one)}</p>"
        f"{_facts(one)}{_alerts(one)}{_performance(one.performance)}{_drift(one)}{_inputs(one)}"
        "</section>"
    )


def _why(one: Findings) -> str:
    """What made the level, in a few words."""
    loud = {Level.WARN, Level.ALARM}
    told = (
        ("Late or silent", [each.input for each in one.feeds if each.level in loud]),
        ("Drifted", [each.name for each in _by_drift(one) if each.level is Level.ALARM]),
    )
    sentences = [f"{name}: {_some(names)}." for name, names in told if names]
    if one.performance is not None and one.performance.level is Level.ALARM:
        sentences.insert(0, "<strong>Its probabilities are not true here.</strong>")
    return " ".join(sentences)


def _some(names: Sequence[str]) -> str:
    rest = len(names) - NAMED
    return escape(", ".join(names[:NAMED])) + (f" and {rest} more" if rest > 0 else "")


def _facts(one: Findings) -> str:
    alerts = one.alerting
    rate = alerts.per_100_patient_days
    told = [
        ("scores", f"{alerts.scores}", f"of {alerts.patients} people"),
        ("refusals", number(alerts.abstained, "{:.1%}"), f"{alerts.refusals} times"),
        ("alerts per 100 patient-days", number(rate, "{:.1f}"), f"{alerts.alerts} alerts in "
         f"{alerts.patient_days} patient-days"),
    ]  # fmt: skip
    if one.performance is not None:
        figures = one.performance.figures
        told += [
            (NAMES[name], number(figures[name], "{:.2f}"), _ends(figures, name, "{:.2f}"))
            for name in ("auroc", "o_e", "slope")
        ]
    return facts(told)


def _alerts(one: Findings) -> str:
    days = [
        (str(each.day), 100 * each.alerts / each.patients)
        for each in one.alerting.days
        if each.patients
    ]
    if len(days) < 2 or not one.alerting.scores:
        return ""
    title = "Alerts per 100 patients looked at, by day"
    return f"<h3>{title}</h3>{over_days(title, days)}"


def _performance(told: Performance | None) -> str:
    if told is None:
        return ("<h3>Outcomes</h3><p>Nobody has told what became of the people: neither ranking "
                "nor calibration is known.</p>")  # fmt: skip
    figures = told.figures
    few = told.level is Level.INSUFFICIENT
    note = (
        "<p>Fewer than 20 events or others: insufficient, shown for the record.</p>" if few else ""
    )
    rows = [
        f'<tr><th scope="row">{NAMES[name]}</th><td>{number(figures[name], "{:.3f}")}</td>'
        f"<td>{_ends(figures, name, '{:.3f}')}</td></tr>"
        for name in FIGURES
    ]
    caption = (
        f"{figures['events']} events in {figures['n']} scores of {figures['patients']} people."
    )
    points = [Point(one["expected"], one["observed"], one["n"]) for one in told.curve]
    most = _ceiling([value for one in points for value in (one.expected, one.observed)])
    plot = "" if few else calibration("Calibration: expected and observed by tenths of the scores",
                                      points, most=most)  # fmt: skip
    figures_ = table(caption, ("figure", "value", "95 % interval"), rows)
    return (
        f'<h3>Ranking and calibration</h3>{note}<div class="pair">{plot}{figures_}</div>'
        + _groups(told.groups)
    )


def _groups(told: Mapping[str, Mapping[str, Any]]) -> str:
    if not told:
        return ""
    rows = []
    for name, one in told.items():
        head = f'<tr><th scope="row">{escape(name)}</th><td>{one["n"]}</td><td>{one["events"]}</td>'
        if "note" in one:
            rows.append(f'{head}<td class="text" colspan="3">insufficient: fewer than 20</td></tr>')
        else:
            cells = "".join(f"<td>{number(one[key], '{:.2f}')}</td>" for key in FIGURES[:1])
            cells += "".join(f"<td>{number(one[key], '{:.2f}')}</td>" for key in ("slope", "o_e"))
            rows.append(f"{head}{cells}</tr>")
    heads = ("group", "scores", "events", "AUROC", "slope", "O/E")
    return "<h3>Groups</h3>" + table("By age and sex as the model read them.", heads, rows)


def _by_drift(one: Findings) -> list[Drift]:
    """What could be compared, the farthest first."""
    known = [each for each in one.drifts if each.psi is not None]
    return sorted(known, key=lambda each: -(each.psi or 0.0))


def _drift(one: Findings) -> str:
    known = _by_drift(one)
    if not known:
        return ("<h3>Drift</h3><p>Fewer scores than it takes to compare them with training: "
                "insufficient.</p>")  # fmt: skip
    shown = [each for each in known if each.name == "score"]
    shown += [each for each in known if each.name != "score"][: MOST_BARS - len(shown)]
    title = "How far inputs and score have moved from training (population stability index)"
    told = [Bar(each.name, each.psi or 0.0, f"{each.psi:.2f}", each.level.value) for each in shown]
    plot = bars(title, told, (Mark(WARN, "warn"), Mark(ALARM, "alarm")), most=LONGEST)
    rest = len(known) - len(shown)
    note = f'<p class="soft">{rest} more have moved less.</p>' if rest else ""
    return f"<h3>{title}</h3>{plot}{note}"


def _inputs(one: Findings) -> str:
    if not one.feeds:
        return ""
    title = "Scores without a usable value of an input"
    worst = sorted((each for each in one.feeds if each.missing), key=lambda each: -each.missing)
    never = len(one.feeds) - len(worst)
    plot = bars(
        title,
        [Bar(each.input, each.missing, f"{each.missing:.0%}", "plain") for each in worst],
        most=1.0,
    )
    rows = [
        f'<tr><th scope="row">{escape(each.input)}</th>'
        + "".join(f"<td>{cell}</td>" for cell in (
            f"{each.unusable:.1%}", f"{each.too_old:.1%}", _time(each.age_p50_s),
            _time(each.age_p95_s), _time(each.lag_p50_s), _time(each.lag_p95_s),
            _time(each.silent_s)))
        + "</tr>"
        for each in one.feeds
    ]  # fmt: skip
    heads = ("input", "unusable", "too old", "age, median", "age, 95 %", "late by, median",
             "late by, 95 %", "silent for")  # fmt: skip
    caption = ("Unusable: wrong unit, range or answer. Late by: from the measurement until the "
               "worker's first score with it, of patients it knew.")  # fmt: skip
    note = f'<p class="soft">{never} inputs were never missing.</p>' if never else ""
    return f"<h3>{title}</h3>{plot}{note}<h3>Feeds</h3>" + table(caption, heads, rows)


def _ends(figures: Mapping[str, Any], name: str, form: str) -> str:
    low, high = figures["intervals"].get(name, (None, None))
    if low is None or high is None:
        return "no interval"
    return f"{form.format(low)} to {form.format(high)}"


def _ceiling(values: Sequence[float]) -> float:
    """The next tenth above everything, at most 1."""
    return min(1.0, (int(max(values, default=0.0) * 10) + 1) / 10)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
