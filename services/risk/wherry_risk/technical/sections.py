"""A package's manifest and evaluation become the sections of its technical file."""

from collections.abc import Mapping, Sequence
from typing import Any

from wherry_risk.onnx.manifest import Input, Manifest
from wherry_risk.technical.hazards import ALARM, HAZARDS, ICU, MEASURED, STAY, Hazard
from wherry_risk.training.card.tables import (
    bullets,
    figures_table,
    gaps_table,
    groups_table,
    tiers_table,
    tried_table,
)

Measured = Mapping[str, Any]
INSUFFICIENT = "insufficient: fewer than 20 events, or fewer than 20 people without one"


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; a bar inside of a cell is escaped."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"
              for row in rows]  # fmt: skip
    return "\n".join(lines)


def use(manifest: Manifest) -> str:
    """Section 1: what it is for, for whom, what it reads and says."""
    inputs = [
        (one.label, ", ".join(one.loinc) or one.path or "", one.ucum,
         f"{one.plausible[0]:g} to {one.plausible[1]:g}", _age(one), _need(one))
        for one in manifest.inputs
    ]  # fmt: skip
    gates = [f"At least {g.at_least} of {len(g.inputs)} {g.called}." for g in manifest.gates]
    return "\n\n".join(
        [
            manifest.intended_use,
            f"Users: {manifest.intended_users} Setting: {manifest.setting} People of "
            f"{manifest.min_age_years} and over.",
            f"Output: {manifest.outcome.definition}",
            f"Not for:\n\n{bullets(manifest.out_of_scope)}",
            f"Known limits:\n\n{bullets(manifest.limits)}",
            table(("input", "code or path", "unit", "plausible", "oldest", "need"), inputs),
            "Refusals are typed: `missing_inputs`, `stale_inputs`, `out_of_population`"
            f"{_lag(manifest)}. {' '.join(gates)} Asked in turn when inputs are lacking: "
            f"{', '.join(manifest.siblings) or 'nobody'}.",
        ]
    )


def data(manifest: Manifest) -> str:
    """Section 2: what it was made from."""
    told = manifest.training
    parts = [(n, p.patients, p.n, p.events, _share(p.events, p.n)) for n, p in told.parts.items()]
    files = "\n".join(f"- `{name}` {digest}" for name, digest in told.files.items())
    return "\n\n".join(
        [
            f"{told.dataset}: {told.period}. {told.inclusion} {told.exclusion}",
            table(("part", "people", "rows", "events", "rate"), parts),
            f"Parts share nobody: a hash of the person's number decides, with the salt "
            f"`{told.salt}`.",
            f"Licence: {told.licence}. {told.attribution}",
            f"Files by SHA-256:\n\n{files}",
        ]
    )


def training(manifest: Manifest, measured: Measured) -> str:
    """Section 3: how it was made, and what was tried."""
    told, made = manifest.training, manifest.artifact
    settings = [(name, value) for name, value in told.parameters.items()]
    parts = [
        f"Gradient-boosted trees (LightGBM), {len(manifest.features)} features, then Platt scaling "
        f"on {manifest.calibration.fitted_on}. Seed {told.seed}. Exported by our own exporter; "
        f"largest difference to LightGBM {made.parity_max_abs:.1e} on {made.parity_rows} rows.",
        table(("setting", "value"), settings),
        f"Code {told.code_sha256}; "
        + ", ".join(f"{name} {version}" for name, version in told.libraries.items())
        + ".",
    ]
    if tried := measured.get("tried"):
        parts += [
            "What was tried, in cross-validation by person inside of the training part; the test "
            "part chose nothing:",
            tried_table(tried),
        ]
    return "\n\n".join(parts)


def performance(manifest: Manifest, measured: Measured) -> str:
    """Section 4: figures, tiers, calibration, and what gaps cost."""
    rows = {
        "test part": measured["test"]["figures"],
        "test part, rows it would answer": measured["test"]["answered"],
    }
    rows |= {f"test part: {name}": one for name, one in measured["comparators"].items()}
    for name, told in measured["external"].items():
        rows[f"{name}, unchanged"] = told["figures"]
        rows |= {f"{name}: {other}": one for other, one in told["comparators"].items()}
    curve = [
        (n + 1, one["n"], one["expected"], one["observed"])
        for n, one in enumerate(measured["test"]["calibration_curve"])
    ]
    return "\n\n".join(
        [
            figures_table(rows),
            "In brackets, 95 % intervals: people drawn with replacement, each with all their rows.",
            f"Tiers on the test part:\n\n{tiers_table(manifest.thresholds[1:])}",
            "Calibration on the test part, by tenths of rising probability:\n\n"
            + table(("tenth", "rows", "expected", "observed"), curve),
            "Inputs away (plain training, and as shipped with panels left out in training):\n\n"
            + gaps_table(measured["gaps"]),
        ]
    )


def groups(measured: Measured) -> str:
    """Section 5: the figures of each group."""
    parts = [f"Test part:\n\n{groups_table(measured['subgroups'])}"]
    parts += [f"{name}, unchanged:\n\n{groups_table(told['subgroups'])}"
              for name, told in measured["external"].items()]  # fmt: skip
    few = [n for n, one in measured["subgroups"].items() if "note" in one]
    for name, told in measured["external"].items():
        few += [f"{name}, {n}" for n, one in told["subgroups"].items() if "note" in one]
    parts.append(f"{INSUFFICIENT}: {'; '.join(few) or 'none'}.")
    parts.append(
        "Of groups that the data do not tell of, nothing is known; a site looks at its own."
    )
    return "\n\n".join(parts)


def kinds_of(manifest: Manifest) -> frozenset[str]:
    """Which hazards concern it."""
    sources = {one.source for one in manifest.inputs}
    kinds = {"ai", STAY if "stay" in sources else MEASURED}
    kinds |= {ICU} if "stay" not in sources else set()
    kinds |= {ALARM} if manifest.metrics["internal"].get("utility") is not None else set()
    return frozenset(kinds)


def hazards(kinds: frozenset[str]) -> str:
    """The table of hazards for models of these kinds. Source: ISO 14971:2019, clauses 5 to 7."""
    rows = [
        (n + 1, one.name, one.sequence, one.harm, one.severity, one.probability, _control(one),
         "; ".join(f"`{test}`" for test in one.verification))
        for n, one in enumerate(each for each in HAZARDS if each.of & kinds)
    ]  # fmt: skip
    head = ("", "hazard", "sequence of events", "harm", "severity", "probability with control",
            "control", "verification")  # fmt: skip
    return (
        table(head, rows)
        + "\n\nSeverity and probability are estimates of the developers; whoever deploys the model "
        "assesses them again for their own site, with the residual risk."
    )


def changes(manifest: Manifest) -> str:
    """Section 7. Source: FDA, predetermined change control plans, final guidance of 2025."""
    told, watch = manifest.change_control, manifest.monitoring
    return "\n\n".join(
        [
            f"**Description of modifications.** Allowed:\n\n{bullets(told.allowed)}\n\nNot "
            f"allowed under this plan:\n\n{bullets(told.not_allowed)}",
            f"**Modification protocol.** {told.protocol}",
            f"**Impact assessment.** {told.impact} Watched: population stability per input and "
            f"score from {watch.min_n} rows over {watch.window_d} days (warning {watch.psi_warn}, "
            f"alarm {watch.psi_alarm}), calibration when outcomes are known, alarm rate, groups.",
        ]
    )


def _control(one: Hazard) -> str:
    return f"{one.control} (`{one.where}`)"


def _lag(manifest: Manifest) -> str:
    if MEASURED not in kinds_of(manifest):
        return ""
    lag = manifest.monitoring
    return (
        f", `feed_lag` (all measured inputs older than {lag.lag_refuse_min} min; a score says so "
        f"from {lag.lag_warn_min} min)"
    )


def _age(one: Input) -> str:
    minutes = one.max_age_min.inpatient
    return f"{minutes / 60:g} h" if minutes else "–"


def _need(one: Input) -> str:
    return "required" if one.required or one.missing == "refuse" else "may be missing"


def _share(events: int, rows: int) -> str:
    return f"{events / rows:.2%}" if rows else "–"
