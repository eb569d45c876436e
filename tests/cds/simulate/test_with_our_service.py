"""The command line against our own service: a signed call, its card, and the call again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from tests.conformance.cds.parties import DEFAULT_TENANT, ec
from tests.conformance.cds.people import Kind, somebody
from tests.conformance.cds.product import product
from tests.conformance.cds.stub import stub
from tests.conformance.cds.target import Target

from wherry.codec import decode, encode
from wherry_cds.cli import cds


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody at a command line, as a client that the service knows."""

    target: Target
    folder: Path

    def call(self, patient: str, *more: str, service: str = "early-warning") -> Result:
        """`wherry cds call` about this patient."""
        key = self.folder / "key.json"
        key.write_bytes(encode(ec("first").as_dict(private=True)))
        first = self.target.first
        options = ["--service", service, "--patient", patient, "--base", self.target.base]
        options += ["--fhir", self.target.stub.fhir, "--client", first.issuer, "--key", str(key)]
        options += ["--jku", first.jku, "--tenant", DEFAULT_TENANT]
        return CliRunner().invoke(cds, ["call", *options, *more])


@pytest.fixture
def desk(tmp_path: Path, redis_server_url: str) -> Iterator[Desk]:
    with stub() as around, product(around, tmp_path, redis_server_url) as target:
        yield Desk(target, tmp_path)


def test_a_signed_call_is_answered_and_the_second_one_is_quiet(desk: Desk) -> None:
    patient = somebody(Kind.ILL)

    first, second = desk.call(patient), desk.call(patient)

    assert (first.exit_code, second.exit_code) == (0, 0), first.output + second.output
    assert "CRITICAL NEWS2" in first.output
    assert "No card" in second.output


def test_what_was_not_prefetched_is_read_with_the_way_there(desk: Desk) -> None:
    refused = desk.call(somebody(), "--without", "observations")
    read = desk.call(somebody(), "--without", "observations", "--access", "--json")

    assert refused.exit_code == 1
    assert "HTTP 412" in refused.output
    assert decode(read.output.splitlines()[-1])["status"] == 200


def test_suggestions_are_shown_with_what_they_would_do(desk: Desk) -> None:
    shown = desk.call(somebody(), service="deterioration").output

    assert "[1] Request a review at the bedside" in shown
    assert "create:" in shown
    assert "choose any" in shown
