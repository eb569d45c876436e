"""A checked call becomes the cards of its answer: gathered, scored, and judged by the policy."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import structlog

from wherry.errors import Failure, Kind
from wherry_cds.board.port import About
from wherry_cds.clients.client import Client
from wherry_cds.deadline import Deadline
from wherry_cds.deps import Deps
from wherry_cds.gather import Record, gather
from wherry_cds.policy import levels
from wherry_cds.policy.decide import Decision, Finding
from wherry_cds.policy.levels import Level
from wherry_cds.policy.policy import ServicePolicy, TenantPolicy
from wherry_cds.protocol.call import Call
from wherry_cds.rules.cards import RULES
from wherry_cds.rules.drafts import Whom, suggestion
from wherry_cds.rules.early_warning import Basis, Card
from wherry_cds.rules.finish import Extra, finished
from wherry_cds.rules.orders import asked_orders
from wherry_cds.rules.score import AnyAnswer, Withheld
from wherry_cds.rules.stay import unit_of

log = structlog.get_logger()


def answer(call: Call, client: Client, needs: Deps, deadline: Deadline) -> list[Card]:
    """One card, or none because the policy decided so on a score that was computed.

    Every decision is kept before it is answered.
    Raises: Failure: as gathering and scoring do; UNAVAILABLE when the service is switched off, or
    the decision cannot be kept.
    """
    tenant = needs.policies.of(client.tenant)
    policy = tenant.of(call.service.id)
    about = _about(call, client, tenant, needs)
    if _is_off(call, client, policy, needs):
        return _off(call, about, tenant, policy, needs)
    rule = RULES[call.service.id]
    orders = asked_orders(call.context) if rule.about_orders else ()
    if rule.about_orders and not orders:
        return _judged(about, _nothing(call, tenant, needs), policy, needs, None)
    record = gather(call, client, needs, deadline)
    at = needs.clock.now()
    model = policy.model or rule.model
    score = needs.scorer.score(
        model, call.patient_id, record.resources, at=at, timeout_s=deadline.left_s()
    )
    said = score.refused if isinstance(score, Withheld) else score
    log.info(
        "hook_answered",
        cds_service=call.service.id,
        hook_instance=call.hook_instance,
        patient_id=call.patient_id,
        user_id=call.user_id,
        model=said.model,
        version=said.version,
    )
    card = rule.card(score, replace(_basis(call, about, record, needs), at=at, orders=orders))
    about = replace(
        about,
        unit=unit_of(record.resources, tenant.units),
        model=said.model,
        version=said.version,
        record=said.record,
        summary=card["summary"],
    )
    finding = _finding(call, score, card, tenant, at)
    extra = Extra(
        model=said.model,
        models_url=needs.links.models,
        suggestions=_suggestions(call, finding, policy, needs),
    )
    return _judged(about, finding, policy, needs, finished(card, client.profile, extra))


def _finding(
    call: Call, score: AnyAnswer, card: Card, tenant: TenantPolicy, at: datetime
) -> Finding:
    return Finding(
        at=at,
        level=levels.level(score, card),
        amount=levels.amount(score),
        user=call.user_id,
        refused=levels.is_refusal(score),
        beside=levels.beside(score),
        stay=call.context.get("encounterId", ""),
        role=tenant.role_of(call.user_id),
    )


def _judged(
    about: About, finding: Finding, policy: ServicePolicy, needs: Deps, card: Card | None
) -> list[Card]:
    made = needs.board.judge(about, finding, policy)
    _count(about, finding, made, needs)
    return [card] if made.shown and card is not None else []


def _count(about: About, finding: Finding, made: Decision, needs: Deps) -> None:
    needs.metrics.decided(
        about.service, level=finding.level.word, rule=made.rule.value, shown=made.shown
    )


def _is_off(call: Call, client: Client, policy: ServicePolicy, needs: Deps) -> bool:
    return (
        policy.mode == "off"
        or call.service.id in needs.off
        or needs.board.switched_off(client.tenant, call.service.id)
    )


def _off(
    call: Call, about: About, tenant: TenantPolicy, policy: ServicePolicy, needs: Deps
) -> list[Card]:
    """The kill switch: kept as a decision, then 503 or no cards, as the policy says."""
    off = msgspec.structs.replace(policy, mode="off")
    _judged(about, _nothing(call, tenant, needs), off, needs, None)
    if policy.when_off == "nothing":
        return []
    raise Failure(Kind.UNAVAILABLE, "this service is switched off")


def _nothing(call: Call, tenant: TenantPolicy, needs: Deps) -> Finding:
    return Finding(
        at=needs.clock.now(),
        level=Level.NONE,
        amount=None,
        user=call.user_id,
        nothing=True,
        stay=call.context.get("encounterId", ""),
        role=tenant.role_of(call.user_id),
    )


def _about(call: Call, client: Client, tenant: TenantPolicy, needs: Deps) -> About:
    return About(
        tenant=client.tenant,
        client=client.id,
        service=call.service.id,
        hook=call.service.hook,
        patient=call.patient_id,
        card=needs.new_id(),
        stay=call.context.get("encounterId", ""),
        covering=tenant.covering(call.service.id),
    )


def _basis(call: Call, about: About, record: Record, needs: Deps) -> Basis:
    chart = needs.links.chart.rstrip("/")
    return Basis(
        at=needs.clock.now(),
        card_id=about.card,
        truncated=record.truncated,
        partial=record.partial,
        source_url=needs.links.source,
        chart_url=f"{chart}/{call.patient_id}" if chart else "",
        smart_url=needs.links.smart,
    )


def _suggestions(
    call: Call, finding: Finding, policy: ServicePolicy, needs: Deps
) -> list[dict[str, Any]]:
    """Drafts are offered only on a score that asks for something."""
    if finding.level < Level.WARNING or finding.refused:
        return []
    whom = Whom(call.patient_id, finding.stay, call.user_id)
    return [suggestion(name, whom, needs.new_id()) for name in policy.suggestions]
