"""Which peers count as this machine. All addresses are of documentation or private networks."""

import pytest

from wherry.web.peers import is_near, read_networks

TRUSTED = read_networks("172.30.87.1/32, fd00:87::/64")


@pytest.mark.parametrize(
    ("peer", "near"),
    [
        ("127.0.0.1", True),
        ("127.8.9.10", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("172.30.87.1", False),
        ("::ffff:172.30.87.1", False),
        ("203.0.113.9", False),
        ("2001:db8::1", False),
        ("", False),
        (None, False),
        ("localhost", False),
        ("127.0.0.1, 203.0.113.9", False),
        ("unix:", False),
    ],
)
def test_nobody_but_loopback_is_near_when_nothing_is_said(peer: str | None, near: bool) -> None:
    assert is_near(peer) is near


@pytest.mark.parametrize(
    ("peer", "near"),
    [
        ("172.30.87.1", True),
        ("::ffff:172.30.87.1", True),
        ("::ffff:ac1e:5701", True),
        ("172.30.87.2", False),
        ("::ffff:172.30.87.2", False),
        ("fd00:87::5", True),
        ("fd00:88::5", False),
        ("127.0.0.1", True),
        ("::1", True),
        ("203.0.113.9", False),
        ("nonsense", False),
    ],
)
def test_peers_of_a_trusted_network_are_near_in_every_way_of_writing(peer: str, near: bool) -> None:
    assert is_near(peer, TRUSTED) is near


@pytest.mark.parametrize(
    ("text", "networks"),
    [
        ("", []),
        (" , ", []),
        ("172.30.87.1", ["172.30.87.1/32"]),
        ("10.0.0.0/8 192.168.4.0/22", ["10.0.0.0/8", "192.168.4.0/22"]),
        ("fd00:87::/64,127.0.0.0/8", ["fd00:87::/64", "127.0.0.0/8"]),
    ],
)
def test_networks_are_read_from_a_list(text: str, networks: list[str]) -> None:
    assert [str(network) for network in read_networks(text)] == networks


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("gateway", "'gateway' is no network"),
        ("10.0.0.0/8 172.30.87.0/33", "'172.30.87.0/33' is no network"),
        ("172.30.87.1/24", "has host bits set"),
        ("0.0.0.0/0", "strangers would be trusted"),
        ("::/0", "strangers would be trusted"),
        ("10.0.0.0/7", "strangers would be trusted"),
        ("203.0.113.0/24", "strangers would be trusted"),
        ("2001:db8::/32", "strangers would be trusted"),
        ("::ffff:172.30.87.0/120", "write it as one"),
        ("*", "is no network"),
    ],
)
def test_what_is_no_private_network_is_refused_by_name(text: str, why: str) -> None:
    with pytest.raises(ValueError, match="network") as refused:
        read_networks(text)

    assert why in str(refused.value)
