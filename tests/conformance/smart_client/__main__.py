"""`python -m tests.conformance.smart_client`: the report on the launch host of this checkout."""

import sys
import tempfile
from pathlib import Path

import click
from tests.conformance.smart_client.every import EVERY
from tests.conformance.smart_client.host import app_under_test
from tests.conformance.smart_client.report import Found, State, found_by, lines, verdicts


@click.command()
@click.option("--only", default="", help="Checks whose name holds this text.")
@click.option("--report", type=click.Path(path_type=Path), help="File for the report too.")
def main(only: str, report: Path | None) -> None:
    """Check the app's host as an EHR and a browser see it; exit 1 when a requirement fails.

    Everything happens on this machine: the suite is the EHR, well-behaved and otherwise.
    """
    chosen = [check for check in EVERY if only in check.name]
    found: list[Found] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        app_under_test(Path(folder)) as app,
        click.progressbar(chosen, label="Checking", file=sys.stderr) as checks,
    ):
        for check in checks:
            app.ehr.begin()
            app.clock.ahead_s = 0
            found.append(found_by(check, app))
    told = [
        *(lines(verdicts(found)) if not only else []),
        *(f"FAIL {one.check.title}: {one.wrong}" for one in found if one.wrong),
        f"{sum(not one.wrong for one in found)} of {len(found)} checks pass",
    ]
    click.echo("\n".join(told))
    if report:
        report.write_text("\n".join([*told, ""]), encoding="utf-8")
    unproved = not only and any(one.state is State.NOT_CHECKED for one in verdicts(found))
    sys.exit(1 if unproved or any(one.wrong for one in found) else 0)


if __name__ == "__main__":
    main()
