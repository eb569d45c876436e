"""What interface engines do with our answers, by their documented defaults.

The rules are those of the engines' own senders; all messages here are synthetic.
"""

from dataclasses import dataclass, field

import pytest
from tests.hl7.mllp.harness import Listen, Running, adt

from wherry.errors import Failure
from wherry.hl7.head import read
from wherry.hl7.message import Message
from wherry.hl7.mllp_client import MllpClient
from wherry.ports import State
from wherry.testing.inbox import FakeInbox
from wherry_hl7.mapping.profile import Acknowledge
from wherry_hl7.senders import Senders
from wherry_hl7.translate import Sender

NO_PID = "EVN|A01"
MOST = 5
"""Attempts after which a simulated engine, which would go on for ever, is stopped."""


@dataclass
class Engine:
    """A sender that is first in, first out and one at a time, as engines are."""

    running: Running
    inbox: FakeInbox
    log: list[str] = field(default_factory=list)

    def play(self, *messages: bytes) -> list[str]:
        """Send each until its rules say that it is over."""
        for message in messages:
            for attempt in range(MOST):
                said = self.once(message)
                self.log.append(said)
                if said not in {"QUEUED", "RETRY"}:
                    break
                self.inbox.away = False  # the outage is over when it tries again
                if attempt == MOST - 1:
                    return [*self.log, "BLOCKED"]
        return self.log

    def once(self, message: bytes) -> str:
        """One attempt over a connection of its own."""
        try:
            with MllpClient("127.0.0.1", self.running.port, timeout_s=5) as client:
                return self.judge(message, client.send(message))
        except Failure:
            return self.unanswered()

    def judge(self, message: bytes, ack: bytes) -> str:
        raise NotImplementedError

    def unanswered(self) -> str:
        raise NotImplementedError


class Mirth(Engine):
    """TCP Sender: SENT only if MSA-2 is MSH-10; AE and AR are errors that are not sent again."""

    def judge(self, message: bytes, ack: bytes) -> str:
        found = ack.decode("latin-1")
        at = found.find("\rMSA")  # it searches for this text
        fields = found[at + 1 :].split("\r")[0].split("|") if at >= 0 else []
        if len(fields) < 3:
            return "QUEUED"
        if fields[2] != read(message).control_id:
            return "ERROR ids do not match"
        return "SENT" if fields[1] in {"AA", "CA"} else f"ERROR {fields[1]}"

    def unanswered(self) -> str:
        return "QUEUED"


class Iris(Engine):
    """ReplyCodeActions :?R=RF,:?E=S,:~=S,:?A=C,:*=S,:I?=W,:T?=C: R is tried again for ever."""

    def judge(self, message: bytes, ack: bytes) -> str:
        msa = Message.parse(ack).first("MSA")
        code = msa.text(1) if msa else ""
        return {"A": "COMPLETE", "E": "SUSPENDED", "R": "RETRY"}.get(code[1:], "SUSPENDED")

    def unanswered(self) -> str:
        return "RETRY"


@pytest.fixture(params=[Mirth, Iris])
def kind(request: pytest.FixtureRequest) -> type[Engine]:
    made: type[Engine] = request.param
    return made


def test_an_outage_costs_an_attempt_and_loses_and_doubles_nothing(
    listen: Listen, inbox: FakeInbox, kind: type[Engine]
) -> None:
    inbox.away = True

    said = kind(listen(), inbox).play(*(adt(str(n)) for n in range(3)))

    assert said[0] in {"QUEUED", "RETRY"}
    assert set(said[1:]) <= {"SENT", "COMPLETE"}
    assert [(one.control_id, one.repeats) for one in inbox.search()] == [
        ("0", 0),
        ("1", 0),
        ("2", 0),
    ]


@pytest.mark.parametrize("id_", ["1", "A^B", "\\F\\", " x ", "9" * 150, "\u00e9"])
def test_mirth_finds_its_own_control_id_whatever_it_is(
    listen: Listen, inbox: FakeInbox, id_: str
) -> None:
    assert Mirth(listen(), inbox).play(adt(id_)) == ["SENT"]


def test_a_message_that_cannot_be_used_does_not_hold_up_those_behind_it(
    listen: Listen, inbox: FakeInbox
) -> None:
    messages = adt("1"), adt("2", body=NO_PID), adt("3")

    assert Mirth(listen(), inbox).play(*messages) == ["SENT", "ERROR AE", "SENT"]
    assert Iris(listen(), inbox).play(*messages) == ["COMPLETE", "SUSPENDED", "COMPLETE"]


def test_iris_sends_what_is_rejected_for_ever_and_it_is_kept_once(
    listen: Listen, inbox: FakeInbox
) -> None:
    said = Iris(listen(), inbox).play(adt("1", "A99"), adt("2"))

    assert said == ["RETRY"] * MOST + ["BLOCKED"]
    assert [(one.state, one.repeats) for one in inbox.search()] == [(State.ASIDE, MOST - 1)]


@pytest.mark.parametrize(("code", "said"), [("AE", "SUSPENDED"), ("AA", "COMPLETE")])
def test_a_profile_keeps_iris_from_blocking_its_queue(
    listen: Listen, inbox: FakeInbox, code: str, said: str
) -> None:
    profile = Sender("iris", acknowledge=Acknowledge(unsupported=code))  # type: ignore[arg-type]

    running = listen(senders=Senders(profile))

    assert Iris(running, inbox).play(adt("1", "A99"), adt("2")) == [said, "COMPLETE"]


def test_an_answer_that_was_lost_is_given_again(listen: Listen, inbox: FakeInbox) -> None:
    running = listen()
    sock = running.raw()
    sock.sendall(b"\x0b" + adt("1") + b"\x1c\r")
    assert sock.recv(1) == b"\x0b"
    sock.close()  # the engine's response time-out: it has not read the answer

    assert Mirth(running, inbox).play(adt("1")) == ["SENT"]
    assert [(one.control_id, one.repeats) for one in inbox.search()] == [("1", 1)]
