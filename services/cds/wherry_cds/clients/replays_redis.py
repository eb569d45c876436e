"""Token ids in Redis, as hashes, until the token would have ended anyway."""

import hashlib

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from wherry.codec import encode
from wherry.errors import Failure, Kind

_PREFIX = "wherry:cds:jti"
_WITHIN_S = 0.5


def connect(redis_url: str) -> redis.Redis:
    """A client that gives up soon: a caller waits."""
    return redis.Redis.from_url(
        redis_url,
        socket_timeout=_WITHIN_S,
        socket_connect_timeout=_WITHIN_S,
        retry=Retry(NoBackoff(), 0),
    )


class RedisReplays:
    """Keeps the `Replays` port's contract with one round trip for each token."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def first(self, iss: str, jti: str, *, life_s: int) -> bool:
        """Whether this is the first token of that issuer and id. Raises: Failure(UNAVAILABLE)."""
        name = hashlib.sha256(encode([iss, jti])).hexdigest()
        try:
            return bool(self._client.set(f"{_PREFIX}:{name}", b"", nx=True, ex=life_s))
        except redis.RedisError:
            raise _away() from None

    def ping(self) -> None:
        """Return when it answers. Raises: Failure(UNAVAILABLE)."""
        try:
            self._client.ping()
        except redis.RedisError:
            raise _away() from None


def _away() -> Failure:
    return Failure(Kind.UNAVAILABLE, "callers cannot be checked right now", at="redis")
