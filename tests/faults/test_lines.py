"""Lines that vanish, senders that never read, a thousand at a time; and a disk that is full.

The MLLP listener is a real process; all data are synthetic.
"""

import asyncio
import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.faults.families import Family
from tests.faults.fragile import FragileHouse
from tests.faults.load import until
from tests.faults.servers import RedisServer

from wherry.adapters.inbox_desk import SqlInboxDesk
from wherry.adapters.sql import make_engine
from wherry.errors import Failure
from wherry.hl7.framing import Block, Deframer, frame
from wherry.hl7.mllp_client import MllpClient
from wherry.ports import State

pytestmark = pytest.mark.slow

CROWD = 1_000
WITHIN_S = 30.0
TCP_REPAIR = 19  # Source: Linux, include/uapi/linux/tcp.h
SETTINGS = {
    "WHERRY_HL7_MAX_CONNECTIONS": "1500",
    "WHERRY_HL7_WRITE_TIMEOUT_S": "1",
    "WHERRY_HL7_KEEPALIVE_S": "1",
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FragileHouse]:
    directory = tmp_path_factory.mktemp("lines")
    redis = RedisServer(directory / "redis")
    redis.start()
    rooms = FragileHouse(directory, redis.url, settings=SETTINGS)
    try:
        rooms.enter("inbox-tables", "hl7-feed")
        yield rooms
    finally:
        rooms.close()
        redis.kill()


@pytest.fixture
def desk(house: FragileHouse) -> Iterator[SqlInboxDesk]:
    engine = make_engine(house.database_url)
    yield SqlInboxDesk(engine)
    engine.dispose()


@pytest.fixture
def port(house: FragileHouse) -> int:
    return house.at.port("mllp")


def kept(desk: SqlInboxDesk) -> int:
    return desk.counts().get(("hl7", State.WAITING), 0)


def message(name: str, number: int = 2) -> bytes:
    return Family(name, 40).message(number)


def accepted(port: int, name: str) -> bool:
    """Whether another sender is served at once."""
    with MllpClient("127.0.0.1", port, timeout_s=WITHIN_S) as client:
        return b"\rMSA|AA|" in client.send(message(name))


def connections(house: FragileHouse) -> float:
    """How many connections the listener counts."""
    page = house.metrics("feed-health").splitlines()
    counted = [line.split() for line in page if line.startswith("wherry_hl7_mllp_connections")]
    assert counted
    return sum(float(count) for *_, count in counted)


def test_a_thousand_connections_at_a_time_are_all_served(port: int, desk: SqlInboxDesk) -> None:
    with files(2 * CROWD + 500):
        before = kept(desk)

        answers = asyncio.run(crowd(port))

    assert answers == [True] * CROWD
    assert kept(desk) - before == CROWD


async def crowd(port: int) -> list[bool]:
    """All connect, and when all have, each sends one message."""
    here = asyncio.Barrier(CROWD)

    async def one(number: int) -> bool:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await here.wait()
        writer.write(frame(message(f"crowd{number}-")))
        deframer = Deframer()
        blocks: list[Block] = []
        while not blocks:
            events = deframer.feed(await reader.read(4096))
            blocks = [event for event in events if isinstance(event, Block)]
        writer.close()
        await writer.wait_closed()
        return b"\rMSA|AA|" in blocks[0].payload

    async with asyncio.timeout(WITHIN_S * 2):
        return await asyncio.gather(*(one(number) for number in range(CROWD)))


@contextmanager
def files(count: int) -> Iterator[None]:
    """Let this process open so many; skip where that is not allowed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        pytest.skip(f"this machine lets a process open {hard} files only")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_sender_that_never_reads_is_cut_off_and_hinders_nobody(
    port: int, house: FragileHouse, desk: SqlInboxDesk
) -> None:
    before = connections(house)
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    deaf.settimeout(0.2)
    deaf.connect(("127.0.0.1", port))
    block, sent = frame(message("deaf-")), 0
    try:
        while True:  # until neither side takes any more
            sent += deaf.send(block * 200)
    except TimeoutError:
        served = accepted(port, "other-")
    except OSError:  # cut off already
        served = accepted(port, "other-")

    gone = until(lambda: connections(house) == before, WITHIN_S)
    deaf.close()

    assert (served, gone) == (True, True)
    assert sent > len(block)
    assert accepted(port, "deaf-")


def test_a_sender_that_vanished_without_a_word_is_forgotten(port: int, house: FragileHouse) -> None:
    before = connections(house)
    lines = [socket.create_connection(("127.0.0.1", port)) for _ in range(5)]
    lines[0].sendall(frame(message("vanished-"))[:50])  # in the middle of a block
    assert until(lambda: connections(house) == before + len(lines), WITHIN_S)

    for line in lines:
        vanish(line)

    assert until(lambda: connections(house) == before, WITHIN_S)
    assert accepted(port, "after-")


def vanish(line: socket.socket) -> None:
    """Close without FIN or RST, as a machine does whose power is cut."""
    try:
        line.setsockopt(socket.IPPROTO_TCP, TCP_REPAIR, 1)
    except OSError:
        pytest.skip("only who may administer the network can let a connection vanish")
    line.close()


def test_a_full_disk_means_no_acknowledgment_and_all_goes_on_after(
    port: int, house: FragileHouse, desk: SqlInboxDesk
) -> None:
    before = kept(desk)
    with full_disk(house):
        refused = [no_answer(port, message("full-", number)) for number in (2, 3)]
        alive = house.alive("hl7-feed")

    assert (refused, alive, kept(desk)) == ([True, True], True, before)
    assert [accepted(port, name) for name in ("full-", "more-")] == [True, True]
    assert kept(desk) == before + 2


@contextmanager
def full_disk(house: FragileHouse) -> Iterator[None]:
    """The listener's files may grow no further, as on a disk that is full."""
    pid = house.pid("hl7-feed")
    limits = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def no_answer(port: int, body: bytes) -> bool:
    """Whether the line is closed without a word."""
    try:
        with MllpClient("127.0.0.1", port, timeout_s=WITHIN_S) as client:
            client.send(body)
    except Failure as failure:
        return "closed" in failure.detail
    return False
