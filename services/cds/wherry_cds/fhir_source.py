"""A call and its client become the one FHIR server that may be read for it, or none."""

from dataclasses import dataclass, field

from wherry_cds.clients.client import LOCAL, Client
from wherry_cds.deps import Servers
from wherry_cds.protocol.call import Call
from wherry_cds.protocol.servers import allowed, same_server


@dataclass(frozen=True, slots=True)
class Source:
    """The server that this call may read from; no base means none."""

    base: str = ""
    token: str = field(default="", repr=False)


NOWHERE = Source()


def source_of(call: Call, client: Client, servers: Servers) -> Source:
    """Where this call may be read from.

    Our own server, read with our own token, is for callers of this suite and for clients that list
    it: another EHR's patient ids mean other people there.
    """
    listed = (client.profile.fhir_server,) if client.profile.fhir_server else client.fhir_servers
    trusted = client is LOCAL or allowed(servers.own, listed)
    if not call.fhir_server:
        own = servers.own_by_default and trusted
        return Source(servers.own, _secret(servers)) if own else NOWHERE
    is_own = trusted and same_server(call.fhir_server, servers.own)
    if not is_own and not allowed(call.fhir_server, listed or servers.others):
        return NOWHERE
    if call.authorization:  # its user's rights, never ours in their place
        usable = call.authorization.usable
        return Source(call.fhir_server, call.authorization.token) if usable else NOWHERE
    return Source(call.fhir_server, _secret(servers) if is_own else "")


def _secret(servers: Servers) -> str:
    return servers.own_token.get_secret_value() if servers.own_token else ""
