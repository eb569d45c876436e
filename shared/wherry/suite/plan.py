"""A data directory, addresses and the environment become the plan of one suite."""

import secrets

from wherry.adapters import redis_server
from wherry.errors import Failure, Kind
from wherry.suite import cds_clients
from wherry.suite.addresses import HOST, PORTS, Addresses, free_port, is_taken
from wherry.suite.place import Place, write_private
from wherry.suite.processes import Process, Suite
from wherry.suite.settings import UpSettings

# which service a person knows the port by
_OWNERS = {
    "mllp": "hl7-feed (MLLP)",
    "feed-health": "hl7-feed (health)",
    "risk-health": "risk-worker (health)",
}


def plan(place: Place, at: Addresses, settings: UpSettings, *, open_fhir: bool) -> Suite:
    """What the processes will have in common; makes the FHIR token and clients of the CDS service.

    Raises: Failure(UNAVAILABLE) when a Redis is needed and no server can be found.
    """
    redis_url, redis = settings.redis_url, None
    if redis_url is None:
        redis = own_redis(place, free_port())
        redis_url = redis.ready
    given = settings.fhir_token
    return Suite(
        addresses=at,
        database_url=settings.database_url or place.sqlite("wherry"),
        ehr_database_url=settings.ehr_database_url or place.sqlite("ehr"),
        redis_url=redis_url,
        fhir_token=given.get_secret_value() if given else place.token(),
        open_fhir=open_fhir,
        smart_data_dir=str(place.root / "smart"),
        cds_clients=settings.cds_clients or str(cds_clients.write(place, at)),
        redis=redis,
        vendors=settings.devices_vendors is None,
    )


def own_redis(place: Place, port: int) -> Process:
    """The row of a Redis or Valkey server for this suite alone; its password is new each time.

    Raises: Failure(UNAVAILABLE) when there is no server program.
    """
    binary = redis_server.find_server()
    if binary is None:
        raise Failure(
            Kind.UNAVAILABLE,
            "no redis-server or valkey-server was found; install one or set WHERRY_REDIS_URL",
            at="redis",
        )
    password = secrets.token_urlsafe(24)
    directory = place.directory("redis")
    config = directory / "redis.conf"
    write_private(config, redis_server.configuration(port, password))
    return Process(
        "redis",
        (str(binary), str(config)),
        ready=f"redis://:{password}@{HOST}:{port}/0",
        address=f"redis://{HOST}:{port}",
        cwd=directory,
        phase=0,
    )


def refuse_taken_ports(at: Addresses) -> None:
    """Nothing is started when a port is taken.

    Raises: Failure(CONFLICT) naming each such port and the service that needs it.
    """
    taken = [name for name in PORTS if is_taken(at.port(name))]
    if not taken:
        return
    named = ", ".join(f"{at.port(name)} (needed by {_OWNERS.get(name, name)})" for name in taken)
    raise Failure(
        Kind.CONFLICT,
        f"taken by another program: {named}. Stop it, or move the suite with --port-offset",
        at="ports",
    )
