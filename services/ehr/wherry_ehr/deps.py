"""Everything the sandbox EHR needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from flask import current_app
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from wherry.ports import Clock
from wherry.resource import Issue, Resource
from wherry_ehr.metrics import Metrics
from wherry_ehr.store.sql_store import SqlStore


@dataclass(frozen=True, slots=True)
class Deps:
    """`check` says what is wrong with a resource; `public_url` is empty to use the caller's."""

    store: SqlStore
    clock: Clock
    new_id: Callable[[], str]
    check: Callable[[Resource], list[Issue]]
    metrics: Metrics
    registry: CollectorRegistry
    fhir_token: SecretStr | None = None
    open_fhir: bool = False
    public_url: str = ""


def deps() -> Deps:
    """The Deps of the app that is answering."""
    return cast(Deps, current_app.extensions["wherry"])
