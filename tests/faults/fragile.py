"""A house whose rooms can be put to sleep and killed, and a sender that goes on all the same."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from tests.life.house import House, wait_for

from wherry.adapters.http import session
from wherry.errors import Failure
from wherry.hl7.mllp_client import MllpClient
from wherry.suite import guard

PATIENTS, MESSAGES = 4, 40
AT = "20260105120000+0000"


class FragileHouse(House):
    """What happens to servers, on demand."""

    def pid(self, name: str) -> int:
        """The first process of the newest group of this name."""
        return [one for one in self._children if one.process.name == name][-1].group

    def alive(self, name: str) -> bool:
        """Whether it runs still."""
        return [one for one in self._children if one.process.name == name][-1].alive()

    def metrics(self, name: str) -> str:
        """The page of metrics at this part's port."""
        return str(session().get(f"{self.at.url(name)}/metrics").text)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the newest process of this name and all of its children."""
        child = [one for one in self._children if one.process.name == name][-1]
        guard.send(child.group, number)

    def kill(self, name: str) -> None:
        """SIGKILL, and wait until it is gone."""
        child = [one for one in self._children if one.process.name == name][-1]
        child.clear()

    @contextmanager
    def asleep(self, name: str) -> Iterator[None]:
        """A process that hangs: it neither answers nor goes away."""
        self.signal(name, signal.SIGSTOP)
        try:
            yield
        finally:
            self.signal(name, signal.SIGCONT)


class Sender:
    """Sends numbered results of a few synthetic patients; what gets no ACK is sent again."""

    def __init__(self, house: House, name: str) -> None:
        self.acked = 0
        self._port = house.at.port("mllp")
        self._name = name
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Sender":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def patients(self) -> list[str]:
        """Their medical record numbers."""
        return [f"{self._name}-{patient}" for patient in range(PATIENTS)]

    def wait_until_acked(self, count: int) -> None:
        """Go on in the middle of the load."""
        wait_for(lambda: self.acked >= count or None)

    def _run(self) -> None:
        for number in range(MESSAGES):
            for mrn in self.patients():
                while not self._sent(result(mrn, number)):
                    time.sleep(0.05)
                self.acked += 1

    def _sent(self, message: bytes) -> bool:
        try:
            with MllpClient("127.0.0.1", self._port) as client:
                return b"\rMSA|AA|" in client.send(message)
        except Failure:  # nobody listens, or it went in the middle
            return False


def result(mrn: str, number: int) -> bytes:
    """One order of its own for each number, and one that every number corrects in the same second.

    Only the order in which the messages are worked on tells which correction is the last.
    """
    lines = [
        rf"MSH|^~\&|LOAD|FAULTS|WHERRY|SITE|{AT}||ORU^R01^ORU_R01|{mrn}-{number}|P|2.5.1",
        f"PID|1||{mrn}^^^FAULTS^MR||Synthetic",
        f"OBR|1||{mrn}-{number}^LOAD|8867-4^Heart rate^LN|||{AT}" + "|" * 18 + "F",
        f"OBX|1|NM|8867-4^Heart rate^LN||{number}|/min^^UCUM|||||F|||{AT}",
        f"OBR|2||{mrn}-LAST^LOAD|8310-5^Body temperature^LN|||{AT}" + "|" * 18 + "C",
        f"OBX|1|NM|8310-5^Body temperature^LN||{number}|Cel^^UCUM|||||C|||{AT}",
    ]
    return ("\r".join(lines) + "\r").encode()
