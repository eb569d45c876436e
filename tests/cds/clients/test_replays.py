"""Token ids in Redis: hashes, once, for the life of the token."""

import pytest
from fakeredis import FakeRedis
from tests.cds.clients.ehr import ISS

from wherry.errors import Failure, Kind
from wherry_cds.clients.replays_redis import RedisReplays, connect


def test_redis_keeps_a_hash_of_each_token_for_its_life() -> None:
    redis = FakeRedis()
    replays = RedisReplays(redis)

    first = [replays.first(ISS, "jti-1", life_s=360), replays.first(ISS, "jti-1", life_s=360)]

    (key,) = redis.keys()
    assert first == [True, False]
    assert replays.first("https://other.example.org", "jti-1", life_s=360)
    assert b"jti-1" not in key
    assert ISS.encode() not in key
    assert redis.get(key) == b""
    assert 350 < int(redis.ttl(key)) <= 360


def test_issuer_and_id_are_not_run_together() -> None:
    replays = RedisReplays(FakeRedis())

    assert [replays.first("ab", "c", life_s=9), replays.first("a", "bc", life_s=9)] == [True, True]


def test_without_redis_nothing_is_said_to_be_new() -> None:
    replays = RedisReplays(connect("redis://127.0.0.1:1/0"))

    for ask in (lambda: replays.first(ISS, "1", life_s=9), replays.ping):
        with pytest.raises(Failure) as caught:
            ask()
        assert (caught.value.kind, caught.value.at) == (Kind.UNAVAILABLE, "redis")
