"""A service's prefetch templates become what the store holds for them."""

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl

import msgspec

from wherry.errors import ABSENT, Failure
from wherry_ehr.ask import Ask
from wherry_ehr.deps import Deps
from wherry_ehr.interactions.compartment import ToPatient
from wherry_ehr.interactions.get import seen_in
from wherry_ehr.search.types import types

_TOKEN = re.compile(r"\{\{(?:context\.)?([A-Za-z]+)\}\}")
_ABSENT = frozenset(kind.http for kind in ABSENT)
NO_DATA = msgspec.Raw(b"null")


def prefetched(
    templates: Mapping[str, str], context: Mapping[str, str], *, base: str, deps: Deps
) -> dict[str, msgspec.Raw]:
    """The store's answer to each template; a key that cannot be filled is left out.

    A resource that is not there, or is not this patient's, is null.
    Source: CDS Hooks 2.0, Prefetch Template.
    """
    found: dict[str, msgspec.Raw] = {}
    with deps.store.view() as view:
        for name, template in templates.items():
            ask = _ask(template, context, base)
            if ask is None:
                continue
            try:
                answer = seen_in(view, ask, deps)
            except Failure as failure:
                if failure.kind in ABSENT:
                    found[name] = NO_DATA
                continue
            if answer.status == 200:
                found[name] = msgspec.Raw(answer.body.encode())
            elif answer.status in _ABSENT:
                found[name] = NO_DATA
    return found


def types_in(templates: Mapping[str, str]) -> list[str]:
    """The resource types that templates read."""
    named = {re.split(r"[/?]", template, maxsplit=1)[0] for template in templates.values()}
    return sorted(named & types())


def _ask(template: str, context: Mapping[str, str], base: str) -> Ask | None:
    if set(_TOKEN.findall(template)) - context.keys():
        return None
    query = _TOKEN.sub(lambda found: context[found[1]], template)
    path, _, params = query.partition("?")
    type_, _, id_ = path.partition("/")
    if type_ not in types() or "{{" in query:
        return None
    return Ask(
        type=type_,
        id=id_,
        params=tuple(parse_qsl(params, keep_blank_values=True)),
        base=base,
        # the clinician's chart is about one patient, and so is what leaves it
        limits=ToPatient(context["patientId"]),
    )
