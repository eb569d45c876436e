"""Two keys, each made once and readable by this host alone."""

import base64
import hashlib
from pathlib import Path

import fakeredis
import pytest
from pydantic import SecretStr

from wherry.errors import Failure, Kind
from wherry_smart.key_ring import KeyRing
from wherry_smart.keys import kept, seal_keys
from wherry_smart.protocol.client import ES384
from wherry_smart.vault_redis import RedisVault


def test_the_client_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first, second = (KeyRing(tmp_path / "smart").signing(ES384) for _ in range(2))

    file = tmp_path / "smart" / "client-key.pem"
    assert first.thumbprint() == second.thumbprint()
    assert first.is_private
    assert file.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["client-key.pem"]


def test_nothing_is_written_before_a_key_is_needed(tmp_path: Path) -> None:
    KeyRing(tmp_path / "smart")
    seal_keys(tmp_path / "smart", None)

    assert list(tmp_path.iterdir()) == []


def test_a_key_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    KeyRing(tmp_path).signing(ES384)
    (tmp_path / "client-key.pem").chmod(0o640)

    with pytest.raises(Failure) as failure:
        KeyRing(tmp_path).signing(ES384)

    assert failure.value.kind is Kind.FAULT


def test_of_two_who_make_a_key_at_once_the_first_counts(tmp_path: Path) -> None:
    def make() -> bytes:
        kept(tmp_path / "key", lambda: b"first")
        return b"second"

    assert kept(tmp_path / "key", make) == b"first"


@pytest.mark.parametrize("text", ["", "short", base64.b64encode(b"x" * 31).decode()])
def test_a_sealing_key_of_the_wrong_size_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(Failure) as failure:
        seal_keys(tmp_path, SecretStr(text))()

    assert failure.value.kind is Kind.FAULT
    assert list(tmp_path.iterdir()) == []


class TestVault:
    """What is kept in Redis."""

    def test_a_value_comes_back_and_a_taken_one_does_not(self) -> None:
        vault = RedisVault(fakeredis.FakeRedis(), lambda: (b"k" * 32,))
        vault.put("launch", "state", b"made-up", life_s=60)

        assert vault.get("launch", "state") == b"made-up"
        assert vault.take("launch", "state") == b"made-up"
        assert vault.take("launch", "state") is None

    def test_it_goes_by_itself(self) -> None:
        redis = fakeredis.FakeRedis()
        RedisVault(redis, lambda: (b"k" * 32,)).put("launch", "state", b"x", life_s=60)

        (entry,) = redis.scan_iter()
        assert 0 < redis.ttl(entry) <= 60

    def test_neither_name_nor_value_can_be_read(self) -> None:
        redis = fakeredis.FakeRedis()
        RedisVault(redis, lambda: (b"k" * 32,)).put("session", "secret-name", b"secret", life_s=60)

        (entry,) = redis.scan_iter()
        assert b"secret" not in entry + (redis.get(entry) or b"")

    def test_under_another_name_or_key_or_when_changed_it_does_not_open(self) -> None:
        redis = fakeredis.FakeRedis()
        vault = RedisVault(redis, lambda: (b"k" * 32,))
        vault.put("session", "one", b"x", life_s=60)
        vault.put("session", "two", b"y", life_s=60)
        one, two = (f"wherry:smart:session:{_digest(name)}" for name in ("one", "two"))
        redis.set(two, redis.get(one) or b"")

        assert vault.get("session", "two") is None
        assert RedisVault(redis, lambda: (b"z" * 32,)).get("session", "one") is None
        redis.set(one, b"short")
        assert vault.get("session", "one") is None


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()
