"""A policy document becomes policies, or everything that is wrong with it."""

from collections.abc import Collection, Iterator

import msgspec

from wherry.errors import Failure, Kind
from wherry_cds.policy.policy import Policies, ServicePolicy, TenantPolicy

NOT_VALIDATED = ("sepsis-6h",)
"""Models that nobody has validated elsewhere: a site takes them on by name."""


def read(value: object) -> Policies:
    """The policies of a document. Raises: Failure(INVALID), saying where and what."""
    try:
        return msgspec.convert(value, Policies)
    except msgspec.ValidationError as error:
        raise Failure(Kind.INVALID, str(error), at="policy") from None


def problems(
    policies: Policies, *, services: Collection[str], drafts: Collection[str]
) -> list[str]:
    """What reads well and does not do what it seems to."""
    return [text for at, one in _tenants(policies) for text in _of(at, one, services, drafts)]


def _tenants(policies: Policies) -> Iterator[tuple[str, TenantPolicy]]:
    yield "default", policies.default
    for name, one in policies.tenants.items():
        yield f"tenants.{name}", one


def _of(
    at: str, tenant: TenantPolicy, services: Collection[str], drafts: Collection[str]
) -> Iterator[str]:
    named = {
        *tenant.services,
        *tenant.covers,
        *(s for held in tenant.covers.values() for s in held),
    }
    for name in sorted(named - set(services)):
        yield f"{at}: there is no service {name}; there are {', '.join(sorted(services))}"
    for name, policy in (("default", tenant.default), *tenant.services.items()):
        yield from _of_service(f"{at}.{name}", policy, drafts)


def _of_service(at: str, policy: ServicePolicy, drafts: Collection[str]) -> Iterator[str]:
    for name in policy.suggestions:
        if name not in drafts:
            yield f"{at}.suggestions: there is no {name}; there are {', '.join(sorted(drafts))}"
    if policy.model in NOT_VALIDATED and policy.not_validated != policy.model:
        yield (
            f"{at}.model: {policy.model} is not validated elsewhere; "
            f"name it under not_validated to take it on"
        )
