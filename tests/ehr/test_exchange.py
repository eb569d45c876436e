"""Resources go from files into a server and out again, digit by digit."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import responses
from click.testing import CliRunner

from wherry.adapters.http import session
from wherry.codec import decode, encode
from wherry.errors import Failure, Kind
from wherry_ehr.cli import ehr as command
from wherry_ehr.exchange import Server, bundle_of, exported, imported, read_file

BASE = "http://localhost/fhir"


@pytest.fixture
def server(ehr: Any) -> Any:
    """The sandbox behind the HTTP client that the commands use."""

    def answer(request: Any) -> tuple[int, dict[str, str], bytes]:
        parts = urlsplit(request.url)
        given = ehr.client.open(
            f"{parts.path}?{parts.query}",
            method=request.method,
            data=request.body,
            content_type=request.headers.get("Content-Type"),
        )
        return given.status_code, {"Content-Type": given.content_type}, given.data

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        for method in (responses.GET, responses.POST):
            mock.add_callback(method, url=re.compile(BASE), callback=answer)
        yield Server(BASE, session())


def _write(path: Path, *resources: Any) -> Path:
    path.write_bytes(b"\n".join(encode(one) for one in resources))
    return path


def test_what_was_exported_can_be_imported_and_is_the_same(
    server: Server, ehr: Any, make: Any, tmp_path: Path
) -> None:
    quantity = b'{"value":98.60,"unit":"F"}'
    text = encode(make.observation(valueQuantity="Q")).replace(b'"Q"', quantity)
    ehr.client.post("/fhir/Observation", data=text, content_type="application/fhir+json")
    for n in range(3):
        ehr.created(make.patient(str(n)))
    texts = list(exported(server))
    assert len(texts) == 4
    assert any("98.60" in one for one in texts)

    (tmp_path / "all.ndjson").write_text("\n".join(texts))
    (tmp_path / "all.json").write_text(bundle_of(texts))
    for name in ("all.ndjson", "all.json"):
        assert imported(server, read_file(tmp_path / name)) == 4

    assert list(exported(server)) == texts  # the same versions: nothing changed
    assert len(list(exported(server, ["Patient"]))) == 3


def test_more_than_one_page_and_one_transaction_go_through(
    server: Server, make: Any, tmp_path: Path
) -> None:
    path = _write(
        tmp_path / "many.ndjson", *(make.patient(str(n), id=f"p-{n}") for n in range(501))
    )

    assert imported(server, read_file(path)) == 501
    assert len(list(exported(server, ["Patient"]))) == 501


def test_a_transaction_in_a_file_is_carried_out(
    server: Server, ehr: Any, make: Any, tmp_path: Path
) -> None:
    entries = [make.entry("POST", "Patient", make.patient(), fullUrl=make.urn(1))]
    bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}

    assert imported(server, read_file(_write(tmp_path / "one.json", bundle))) == 1
    assert len(ehr.found("/Patient")) == 1


def test_a_batch_that_was_not_taken_whole_is_a_failure(
    server: Server, make: Any, tmp_path: Path
) -> None:
    bad = make.entry("POST", "Patient", {"resourceType": "Patient", "gender": "x"})
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [bad]}

    with pytest.raises(Failure) as caught:
        imported(server, [bundle])

    assert (caught.value.kind, caught.value.at) == (Kind.UNPROCESSABLE, "Bundle.entry[0]")


@pytest.mark.parametrize("text", [b"{", b"[]", b'{"id":"1"}', b'{"resourceType":1}'])
def test_a_line_that_is_no_resource_is_named(tmp_path: Path, text: bytes, make: Any) -> None:
    path = tmp_path / "bad.ndjson"
    path.write_bytes(encode(make.patient()) + b"\n\n" + text)

    with pytest.raises(Failure) as caught:
        read_file(path)

    assert caught.value.at == f"{path}:3"


def test_the_commands_say_what_they_did_and_why_they_could_not(
    server: Server, make: Any, tmp_path: Path
) -> None:
    _write(tmp_path / "a.ndjson", make.patient("1", id="a"), make.patient("2", id="b"))
    run = CliRunner().invoke

    good = run(command, ["import", str(tmp_path), "--url", BASE])
    assert (good.exit_code, good.stdout) == (0, "2\n")
    lines = run(command, ["export", "--type", "Patient", "--url", BASE]).stdout.splitlines()
    assert [decode(line)["id"] for line in lines] == ["a", "b"]
    bundle = decode(run(command, ["export", "--bundle", "--url", BASE]).stdout)
    assert len(bundle["entry"]) == 2

    _write(tmp_path / "b.json", {"resourceType": "Patient", "gender": "made-up-value"})
    bad = run(command, ["import", str(tmp_path / "b.json"), "--url", BASE])
    assert bad.exit_code == 1
    assert "422" in bad.output
    assert "made-up-value" not in bad.output
