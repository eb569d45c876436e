"""What the holder of a SMART token asks is answered within its scope and its patient."""

from dataclasses import replace

import msgspec

from wherry.errors import Failure, Kind
from wherry_ehr.ask import Answer, Ask
from wherry_ehr.auth.records import Grant
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.batch import batch
from wherry_ehr.interactions.entries import Bundle, Entry, bundle_in, only, wanted
from wherry_ehr.interactions.limited_store import LimitedStore, outside
from wherry_ehr.interactions.limits import Limits, limits_of
from wherry_ehr.interactions.needs import ABOUT_ONE, NEEDS, bundled
from wherry_ehr.interactions.responses import failed, response_bundle
from wherry_ehr.interactions.table import Interaction
from wherry_ehr.interactions.transaction import transaction

# Of one entry: what it may look up, whatever it is
_ALL = "rs"


def limited(interaction: Interaction, ask: Ask, deps: Deps, rights: Grant) -> Answer:
    """Answer one interaction. Raises: Failure(FORBIDDEN) for what the scope does not cover.

    Source: SMART 2.2, R95, R119, R130, R136, R243.
    """
    limits = limits_of(rights)
    if interaction.name == "system":
        return _bundle(ask, deps, limits)
    name = "conditional-create" if ask.if_none_exist else interaction.name
    letters = _check(name, ask.type, ask.id, deps, limits)
    return interaction.answer(ask, _within(deps, limits, letters))


def _check(name: str, type_: str, id_: str, deps: Deps, limits: Limits) -> str:
    """The letters that resources are looked up by. Raises: Failure(FORBIDDEN, NOT_FOUND).

    An interaction that is not in the table is refused.
    """
    letters = NEEDS.get(name, "")
    if not letters:
        raise outside()
    if letters == "r" and limits.is_self(type_, id_):
        return letters
    if not all(limits.covers(type_, letter) for letter in letters):
        raise outside()
    if name in ABOUT_ONE:
        _refuse_unseen(type_, id_, letters, deps, limits)
    return letters if letters == "r" else _ALL


def _refuse_unseen(type_: str, id_: str, letters: str, deps: Deps, limits: Limits) -> None:
    """Another's resource is answered as if it were not there, before anything is said of it."""
    with LimitedStore(deps.store, limits, letters).view() as view, deps.store.view() as all_:
        if all_.read(type_, id_) is not None and view.read(type_, id_) is None:
            raise Failure(Kind.NOT_FOUND, "no resource has this id", at=type_)


def _within(deps: Deps, limits: Limits, letters: str) -> Deps:
    return replace(deps, store=LimitedStore(deps.store, limits, letters))


def _bundle(ask: Ask, deps: Deps, limits: Limits) -> Answer:
    """Entry by entry; in a transaction one refusal refuses all. Source: SMART 2.2, R130."""
    bundle = bundle_in(ask.text)
    if bundle.type == "transaction":
        for at, entry in bundle.placed():
            _entry(entry, at, ask, deps, limits)
        return transaction(bundle, ask, _within(deps, limits, _ALL))
    answers: list[Answer | msgspec.Raw] = []
    for at, entry in bundle.placed():
        try:
            letters = _entry(entry, at, ask, deps, limits)
        except Failure as failure:
            answers.append(failed(failure))
        else:
            answers.append(_alone(bundle, entry, ask, _within(deps, limits, letters)))
    return response_bundle("batch", answers)


class _Answered(msgspec.Struct):
    """A response Bundle, its entries untouched."""

    entry: list[msgspec.Raw]


def _alone(bundle: Bundle, entry: Entry, ask: Ask, deps: Deps) -> msgspec.Raw:
    """The answer to one entry of a batch, as the batch itself gives it."""
    one = batch(only(bundle, entry), ask, deps)
    return msgspec.json.decode(one.body, type=_Answered).entry[0]


def _entry(entry: Entry, at: str, ask: Ask, deps: Deps, limits: Limits) -> str:
    """As `_check`, of one entry. Raises: Failure(INVALID) for one that makes no sense."""
    one = wanted(entry, at, ask.base)
    name = bundled(one.method, has_id=bool(one.id), has_condition=bool(one.if_none_exist))
    return _check(name, one.type, one.id, deps, limits)
