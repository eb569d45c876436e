"""A worker's name turned into a ticket on its RQ queue: a hint to look, never the work itself."""

import contextlib

from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry as RedisRetry
from rq import Queue, Retry
from rq.serializers import JSONSerializer

from wherry.errors import Failure, Kind

JOB = "wherry.adapters.rq_ticket.run_job"
JOB_TIMEOUT_S = 120
_FLAG_S = 30
_FAILURE_S = 60


def flag_key(name: str) -> str:
    """Set while a ticket of this queue waits to be picked up."""
    return f"wherry:ticket:{name}"


def connect(redis_url: str) -> Redis:
    """A connection for short commands that fails soon rather than waits: tickets are only hints."""
    return Redis.from_url(
        redis_url,
        socket_connect_timeout=1.0,
        socket_timeout=2.0,
        retry=RedisRetry(NoBackoff(), 1),
    )


class RqQueue:
    """The `Queue` port on RQ."""

    def __init__(self, redis_url: str) -> None:
        self._redis = connect(redis_url)
        self._queues: dict[str, Queue] = {}

    def ticket(self, name: str) -> None:
        """Wake a worker of this queue unless a ticket is lying there already."""
        try:
            if self._redis.set(flag_key(name), "1", nx=True, ex=_FLAG_S):
                self._put(name)
        except RedisError:
            with contextlib.suppress(RedisError):
                self._redis.delete(flag_key(name))
            raise Failure(Kind.UNAVAILABLE, "the queue is not available", at="queue") from None

    def renew(self, name: str) -> None:
        """Wake a worker even when a flag stands, if no ticket lies behind it: that one was lost."""
        try:
            if self._queue(name).count == 0:
                self._redis.delete(flag_key(name))
        except RedisError:
            raise Failure(Kind.UNAVAILABLE, "the queue is not available", at="queue") from None
        self.ticket(name)

    def ping(self) -> None:
        """Return when Redis answers."""
        try:
            self._redis.ping()
        except RedisError:
            raise Failure(Kind.UNAVAILABLE, "the queue is not available", at="queue") from None

    def close(self) -> None:
        """Give the connections back."""
        self._redis.close()

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            self._queues[name] = Queue(name, connection=self._redis, serializer=JSONSerializer)
        return self._queues[name]

    def _put(self, name: str) -> None:
        self._queue(name).enqueue_call(
            JOB,
            args=(name,),
            timeout=JOB_TIMEOUT_S,
            result_ttl=0,
            failure_ttl=_FAILURE_S,
            description=f"drain {name}",
            retry=Retry(max=3),
        )
