"""A signing key is changed in three steps, none of which an EHR notices; `wherry smart keys`."""

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from wherry.errors import Failure, Kind
from wherry_smart.cli import smart
from wherry_smart.key_ring import CACHE_S, KeyRing
from wherry_smart.protocol.client import ES384, RS384, Key, new_key

NOW_S = 1_800_000_000.0


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path)


def _aged(directory: Path, name: str, age_s: float) -> None:
    os.utime(directory / name, (NOW_S - age_s, NOW_S - age_s))


def _kids(ring: KeyRing) -> list[str]:
    return [key.thumbprint() for key in ring.public()]


def test_a_change_never_signs_with_a_key_that_is_not_hosted(ring: KeyRing, tmp_path: Path) -> None:
    first = ring.signing(ES384).thumbprint()
    second = ring.publish(ES384).thumbprint()
    assert (ring.signing(ES384).thumbprint(), _kids(ring)) == (first, [first, second])

    _aged(tmp_path, "client-key-next.pem", CACHE_S)
    ring.promote(ES384, now_s=NOW_S)
    assert (ring.signing(ES384).thumbprint(), _kids(ring)) == (second, [second, first])

    ring.retire(ES384, now_s=NOW_S + CACHE_S)
    assert _kids(ring) == [second]


def test_a_process_that_runs_follows_a_change_that_another_made(
    ring: KeyRing, tmp_path: Path
) -> None:
    ring.signing(ES384)
    other = KeyRing(tmp_path)
    second = other.publish(ES384).thumbprint()
    other.promote(ES384, now_s=NOW_S, at_once=True)

    assert ring.signing(ES384).thumbprint() == second


def test_a_key_that_ehrs_cannot_know_yet_does_not_sign(ring: KeyRing, tmp_path: Path) -> None:
    first = ring.signing(ES384).thumbprint()
    ring.publish(ES384)
    _aged(tmp_path, "client-key-next.pem", CACHE_S - 1)

    with pytest.raises(Failure) as failure:
        ring.promote(ES384, now_s=NOW_S)

    assert failure.value.kind is Kind.CONFLICT
    assert ring.signing(ES384).thumbprint() == first


def test_a_key_whose_signatures_may_still_be_looked_at_stays(ring: KeyRing) -> None:
    ring.signing(ES384)
    ring.publish(ES384)
    ring.promote(ES384, now_s=NOW_S, at_once=True)

    with pytest.raises(Failure):
        ring.retire(ES384, now_s=NOW_S + CACHE_S - 1)
    with pytest.raises(Failure):
        ring.publish(ES384) and ring.promote(ES384, now_s=NOW_S, at_once=True)

    assert len(_kids(ring)) == 3


def test_an_ehr_that_knows_one_key_by_its_kid_gets_that_one(ring: KeyRing) -> None:
    first = ring.signing(ES384).thumbprint()
    ring.publish(ES384)
    ring.promote(ES384, now_s=NOW_S, at_once=True)

    assert ring.signing(ES384, first).thumbprint() == first
    with pytest.raises(Failure):
        ring.signing(ES384, "made-up")


def test_rsa_keys_are_made_when_an_ehr_wants_them(tmp_path: Path) -> None:
    def small(algorithm: str) -> Key:
        return new_key(algorithm)

    ring = KeyRing(tmp_path, small)
    ring.signing(ES384)
    assert [key.key_type for key in ring.public()] == ["EC"]

    ring.signing(RS384)

    assert [key.key_type for key in ring.public()] == ["EC", "RSA"]


class TestCommand:
    """`wherry smart keys`."""

    @pytest.fixture(autouse=True)
    def _directory(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("WHERRY_SMART_DATA_DIR", str(tmp_path))

    def _run(self, *words: str) -> Result:
        return CliRunner().invoke(smart, ["keys", *words])

    def test_it_takes_the_three_steps(self) -> None:
        told = [
            self._run(*words)
            for words in (["jwks"], ["publish"], ["promote", "--now"], ["retire", "--now"])
        ]

        assert [each.exit_code for each in told] == [0, 0, 0, 0]
        assert '"d"' not in told[0].output
        assert self._run("list").output.count("current") == 1

    def test_a_step_too_early_is_one_line_and_changes_nothing(self, tmp_path: Path) -> None:
        self._run("jwks")
        self._run("publish")
        before = sorted(path.name for path in tmp_path.iterdir())

        answer = self._run("promote")

        assert answer.exit_code == 1
        assert "wait" in answer.output
        assert sorted(path.name for path in tmp_path.iterdir()) == before


def test_an_ehr_without_a_profile_is_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERRY_SMART_ISSUERS", "https://ehr.example.org/fhir")

    answer = CliRunner().invoke(smart, ["check", "https://evil.example/fhir"])

    assert (answer.exit_code, "evil" in answer.output) == (1, False)
