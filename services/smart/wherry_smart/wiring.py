"""Settings become the real Deps; nothing else builds adapters."""

import secrets
from pathlib import Path

import redis
from prometheus_client import CollectorRegistry

from wherry.adapters.clock import SystemClock
from wherry_smart.authorization_http import HttpAuthorization
from wherry_smart.deps import Client, Deps
from wherry_smart.fhir_of import fhir_of
from wherry_smart.keys import client_key, seal_key
from wherry_smart.metrics import Metrics
from wherry_smart.protocol.addresses import allow_list, origin
from wherry_smart.risk_http import HttpScorer
from wherry_smart.settings import Settings
from wherry_smart.vault_redis import RedisVault

_REDIS_S = 2.0
_BUILT = Path(__file__).parents[3] / "smart-app" / "dist"


def wire(settings: Settings) -> Deps:
    """The launch host around Redis, the risk service and the EHRs of the settings."""
    registry, clock = CollectorRegistry(), SystemClock()
    allow = allow_list(settings.issuers, settings.auth_origins)
    client = Client(settings.client_id, settings.scopes, settings.public_url)
    key = client_key(settings.data_dir)
    token = settings.service_token
    return Deps(
        allow=allow,
        authorization=HttpAuthorization(
            allow=allow,
            client=client,
            key=key,
            clock=clock,
            secret=secrets.token_urlsafe,
            routes=settings.routes,
        ),
        vault=RedisVault(
            redis.Redis.from_url(
                settings.redis_url, socket_timeout=_REDIS_S, socket_connect_timeout=_REDIS_S
            ),
            seal_key(settings.data_dir, settings.seal_key),
        ),
        fhir=fhir_of(timeout_s=settings.fhir_timeout_s, routes=settings.routes),
        scorer=HttpScorer(settings.risk_url, token=token.get_secret_value() if token else ""),
        clock=clock,
        secret=secrets.token_urlsafe,
        client=client,
        key=key,
        page=settings.page_dir or _BUILT,
        frame_ancestors=(*map(origin, settings.issuers), *settings.frame_ancestors),
        session_s=settings.session_s,
        metrics=Metrics(registry),
        registry=registry,
    )
