"""What `Queue` promises, on the fake and on a real Redis."""

from typing import Any, Protocol

from wherry.ports import Queue


class Parts(Protocol):
    queue: Queue

    def lying(self, name: str) -> int: ...
    def pick_up(self, name: str) -> Any: ...


def test_a_ticket_lies_there_until_it_is_picked_up(queues: Parts) -> None:
    queues.queue.ticket("hl7")

    assert queues.lying("hl7") == 1


def test_tickets_are_not_doubled(queues: Parts) -> None:
    for _ in range(3):
        queues.queue.ticket("hl7")

    assert queues.lying("hl7") == 1


def test_each_queue_has_its_own_tickets(queues: Parts) -> None:
    queues.queue.ticket("hl7")
    queues.queue.ticket("risk")

    assert (queues.lying("hl7"), queues.lying("risk")) == (1, 1)


def test_there_may_be_another_ticket_once_the_first_is_picked_up(queues: Parts) -> None:
    queues.queue.ticket("hl7")
    queues.pick_up("hl7")
    queues.queue.ticket("hl7")

    assert queues.lying("hl7") == 1


def test_a_queue_that_is_there_answers(queues: Parts) -> None:
    queues.queue.ping()
