"""`python -m tests.conformance.smart --base-url URL`: the report on a running server."""

import sys
from pathlib import Path

import click
from tests.conformance.smart.every import EVERY
from tests.conformance.smart.report import Found, State, found_by, lines, verdicts
from tests.conformance.smart.seam import Sandbox
from tests.conformance.smart.server import Server


@click.command()
@click.option("--base-url", required=True, help="FHIR base of the server, such as .../fhir.")
@click.option("--only", default="", help="Checks whose name holds this text.")
@click.option("--report", type=click.Path(path_type=Path), help="File for the report too.")
def main(base_url: str, only: str, report: Path | None) -> None:
    """Check a SMART server, requirement by requirement; exit 1 when one fails.

    The server is the sandbox EHR with WHERRY_EHR_TEST_SEAM=true, or any other for which somebody
    writes a Seam (tests/conformance/smart/seam.py). Data are made up; what the suite puts into the
    server stays there.
    """
    server = Server(base_url, Sandbox(base_url))
    chosen = [check for check in EVERY if only in check.name]
    found: list[Found] = []
    with click.progressbar(chosen, label="Checking", file=sys.stderr) as checks:
        found += [found_by(check, server) for check in checks]
    told = lines(verdicts(found)) if not only else _by_check(found)
    click.echo("\n".join(told))
    if report:
        report.write_text("\n".join([*told, ""]), encoding="utf-8")
    bad = any(one.wrong for one in found)
    unproved = not only and any(one.state is State.NOT_CHECKED for one in verdicts(found))
    sys.exit(1 if bad or unproved else 0)


def _by_check(found: list[Found]) -> list[str]:
    return [f"{'FAIL' if one.wrong else 'pass'} {one.check.title} {one.wrong}" for one in found]


if __name__ == "__main__":
    main()
