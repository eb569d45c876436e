"""Tickets on a real Redis: what lies there, what happens when one is lost, or Redis is away."""

from functools import partial

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer

from wherry.adapters.rq_queue import RqQueue, flag_key
from wherry.errors import Failure, Kind


def test_a_ticket_holds_its_queues_name_and_nothing_else(redis_url: str) -> None:
    queue = RqQueue(redis_url)
    queue.ticket("hl7")
    queue.close()

    with Redis.from_url(redis_url) as redis:
        [job] = Queue("hl7", connection=redis, serializer=JSONSerializer).jobs
        seen = (job.func_name, job.args, job.kwargs, job.result_ttl, job.retries_left)
        flag_s = redis.ttl(flag_key("hl7"))
        keys = {key.decode().replace(job.id, "<id>") for key in redis.scan_iter()}

    assert seen == ("wherry.adapters.rq_ticket.run_job", ["hl7"], {}, 0, 3)
    assert 0 < flag_s <= 30
    assert keys == {"rq:queues", "rq:queue:hl7", "rq:job:<id>", "wherry:ticket:hl7"}


def test_a_lost_ticket_is_renewed_although_its_flag_stands(redis_url: str) -> None:
    queue = RqQueue(redis_url)
    queue.ticket("hl7")
    with Redis.from_url(redis_url) as redis:
        redis.delete("rq:queue:hl7")

        queue.renew("hl7")
        queue.renew("hl7")
        queue.close()

        assert redis.llen("rq:queue:hl7") == 1


def test_without_redis_it_fails_at_once_and_safely() -> None:
    queue = RqQueue("redis://:secret@127.0.0.1:1/0")

    for call in (partial(queue.ticket, "hl7"), partial(queue.renew, "hl7"), queue.ping):
        with pytest.raises(Failure) as caught:
            call()
        assert caught.value.kind is Kind.UNAVAILABLE
        assert "secret" not in str(caught.value)
    queue.close()


def test_a_ticket_that_could_not_be_put_leaves_no_flag(redis_url: str) -> None:
    with Redis.from_url(redis_url) as redis:
        redis.set("rq:queue:hl7", "not a list")  # so the push is refused
        queue = RqQueue(redis_url)

        with pytest.raises(Failure):
            queue.ticket("hl7")
        queue.close()

        assert not redis.exists(flag_key("hl7"))
