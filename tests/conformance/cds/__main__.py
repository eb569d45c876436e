"""`python -m tests.conformance.cds --base-url URL`: the report on a running server."""

import json
import sys
from pathlib import Path

import click
from tests.conformance.cds.every import EVERY
from tests.conformance.cds.parties import NAMES, ec, party, publish, rsa
from tests.conformance.cds.report import Found, as_json, found_by, lines, verdicts
from tests.conformance.cds.stub import Stub, stub
from tests.conformance.cds.target import Target


@click.command()
@click.option("--base-url", required=True, help="What stands before /cds-services.")
@click.option("--port", default=8190, show_default=True, help="Own key sets and FHIR server.")
@click.option("--service", default="", help="Service to ask most. Default: first on patient-view.")
@click.option("--needs", default="", help="Prefetch keys that it cannot do without, by commas.")
@click.option("--origin", default="https://ehr.suite.example", help="Origin that may call.")
@click.option("--deadline", default=5.0, show_default=True, help="Seconds a call may take.")
@click.option("--max-bytes", default=0, help="Largest request; 0 leaves that check out.")
@click.option(
    "--catalogue",
    type=click.Path(exists=True, path_type=Path),
    help="JSON list of services, for a server whose discovery does not work.",
)
@click.option("--only", default="", help="Checks whose title holds this text.")
@click.option("--json", "to", type=click.Path(path_type=Path), help="File for the report as JSON.")
@click.option("--register", is_flag=True, help="Only tell what has to be registered first.")
def main(  # noqa: PLR0917 - click names them all
    base_url: str,
    port: int,
    service: str,
    needs: str,
    origin: str,
    deadline: float,
    max_bytes: int,
    catalogue: Path | None,
    only: str,
    to: Path | None,
    *,
    register: bool,
) -> None:
    """Check a CDS service, requirement by requirement; exit 1 when one fails.

    The suite is a CDS client with key sets and a FHIR server of its own on 127.0.0.1. The server
    under test has to know its clients (--register tells them), may read its FHIR server, and lets
    --origin call. All patients are made up; each call is about a new one.
    """
    with stub(port) as around:
        publish(around)
        if register:
            click.echo(json.dumps(_registration(around, origin), indent=2))
            return
        keys = tuple(filter(None, needs.split(",")))
        assumed = json.loads(catalogue.read_bytes()) if catalogue else []
        target = Target(
            base_url,
            around,
            origin,
            service,
            needs=keys,
            assumed=tuple(assumed),
            deadline_s=deadline,
            max_bytes=max_bytes,
        )
        chosen = [check for check in EVERY if only in check.title]
        found: list[Found] = []
        with click.progressbar(chosen, label="Checking", file=sys.stderr) as checks:
            found += [found_by(check, target) for check in checks]
    known = verdicts(found)
    click.echo("\n".join(lines(found, known)))
    if to:
        to.write_text(json.dumps(as_json(found, known), indent=2) + "\n", encoding="utf-8")
    sys.exit(1 if any(one.wrong for one in found) else 0)


def _registration(around: Stub, origin: str) -> dict[str, object]:
    clients = [party(name, around) for name in NAMES]
    return {
        "clients": [
            {"name": one.name, "iss": one.issuer, "jku": one.jku, "tenant": one.tenant}
            for one in clients
        ],
        "fhirServer": around.fhir,
        "origin": origin,
        "algorithms": [ec("first").as_dict()["alg"], rsa("first").as_dict()["alg"]],
    }


if __name__ == "__main__":
    main()
