"""Settings become the real Deps; nothing else builds adapters."""

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import redis
from prometheus_client import CollectorRegistry

from wherry.adapters.clock import SystemClock
from wherry.adapters.sql import make_engine
from wherry.errors import Failure, Kind
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.cards_http import HttpCards
from wherry_smart.client_auth import ClientAuth
from wherry_smart.deeds_sql import SqlDeeds
from wherry_smart.deps import Deps, Here, Limits
from wherry_smart.fetching import Fetcher
from wherry_smart.fhir_of import fhir_of
from wherry_smart.key_ring import KeyRing
from wherry_smart.keys import seal_keys, secret_of
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.addresses import origin
from wherry_smart.protocol.profiles import Profiles, profiles, read_profiles
from wherry_smart.risk_http import HttpScorer
from wherry_smart.settings import Settings
from wherry_smart.side_by_side import SideBySide
from wherry_smart.vault_redis import RedisVault

_REDIS_S = 2.0
_BUILT = Path(__file__).parents[3] / "smart-app" / "dist"


def wire(settings: Settings) -> Deps:
    """The launch host around Redis, the risk service and the EHRs of the settings."""
    registry, clock = CollectorRegistry(), SystemClock()
    known, ring, side = known_ehrs(settings), KeyRing(settings.data_dir), SideBySide()
    vault = RedisVault(
        redis.Redis.from_url(
            settings.redis_url, socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S
        ),
        seal_keys(settings.data_dir, settings.seal_key),
    )
    token = settings.service_token
    service_token = token.get_secret_value() if token else ""
    return Deps(
        profiles=known,
        authorization=authorization(settings),
        vault=vault,
        turns=vault,
        fhir=fhir_of(timeout_s=settings.fhir_timeout_s, routes=settings.routes),
        scorer=HttpScorer(settings.risk_url, token=service_token),
        cards=HttpCards(settings.cds_url, token=service_token),
        deeds=SqlDeeds(make_engine(settings.database_url)),
        clock=clock,
        secret=secrets.token_urlsafe,
        pause=time.sleep,
        each=side,
        later=side.later,
        here=Here(settings.public_url),
        keys=ring.public,
        page=settings.page_dir or _BUILT,
        frame_ancestors={
            each.base: (origin(each.iss), *each.frame_ancestors, *settings.frame_ancestors)
            for each in known.listed
        },
        limits=Limits(session_s=settings.session_s, idle_s=settings.idle_s),
        metrics=Metrics(registry),
        registry=registry,
    )


def authorization(settings: Settings) -> HttpAuthorization:
    """The authorization servers of the EHRs, with the keys and secrets of the data directory."""
    auth = ClientAuth(
        signing=KeyRing(settings.data_dir).signing,
        secret_of=secret_of(settings.data_dir),
        clock=SystemClock(),
        random=secrets.token_urlsafe,
    )
    return HttpAuthorization(auth=auth, fetcher=Fetcher(settings.routes), ticks=time.monotonic)


def known_ehrs(settings: Settings) -> Profiles:
    """The profiles of the file, and a plain one for every further issuer.

    Raises: Failure(INVALID).
    """
    told = read_profiles(_text(settings.profiles)) if settings.profiles else []
    special = {str(one.get("iss", "")).removesuffix("/") for one in told}
    shared: Mapping[str, Any] = {
        "scopes_v2": settings.scopes.split(),
        "allowed_hosts": settings.auth_origins,
    }
    plain = [
        {**shared, "iss": iss} for iss in settings.issuers if iss.removesuffix("/") not in special
    ]
    redirect = Here(settings.public_url).redirect
    return profiles([*told, *plain], client_id=settings.client_id, redirect=redirect)


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Failure(
            Kind.INVALID, f"the file of profiles cannot be read: {error.strerror}", at="profiles"
        ) from None
