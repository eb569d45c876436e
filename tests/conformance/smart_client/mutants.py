"""Apps that break one rule each: a hop between the browser and the host spoils what it says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

Wsgi = Callable[[Any, Any], Iterable[bytes]]
Query = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Mutant:
    """One broken app, and the checks that have to notice; what it spoils is its request."""

    name: str
    spoil: Callable[[Query], Query]
    noticed_by: tuple[str, ...]


def _with(**more: str) -> Callable[[Query], Query]:
    return lambda asked: {**asked, **more}


def _without(*names: str) -> Callable[[Query], Query]:
    return lambda asked: {name: text for name, text in asked.items() if name not in names}


def _scope(old: str, new: str) -> Callable[[Query], Query]:
    return lambda asked: {**asked, "scope": asked["scope"].replace(old, new)}


MUTANTS = (
    Mutant(
        "state is always the same",
        _with(state="s" * 43),
        ("state_is_new_each_time_and_hard_to_guess",),
    ),
    Mutant(
        "state is short",
        lambda asked: {**asked, "state": asked["state"][:8]},
        ("state_is_new_each_time_and_hard_to_guess",),
    ),
    Mutant(
        "plain challenge",
        _with(code_challenge_method="plain"),
        (
            "the_challenge_is_s256_and_new_each_time",
            "pkce_is_used_even_when_the_ehr_does_not_name_it",
        ),
    ),
    Mutant(
        "fixed challenge",
        _with(code_challenge="x" * 43),
        ("the_challenge_is_s256_and_new_each_time", "the_verifier_is_the_one_of_the_challenge"),
    ),
    Mutant("token flow", _with(response_type="token"), ("response_type_is_code",)),
    Mutant("another id", _with(client_id="another"), ("client_id_is_the_one_that_was_registered",)),
    Mutant("handle is lost", _without("launch"), ("the_launch_handle_is_passed_on_to_the_letter",)),
    Mutant(
        "handle is made up",
        _with(launch="made-up"),
        ("the_launch_handle_is_passed_on_to_the_letter", "a_standalone_launch_sends_no_handle"),
    ),
    Mutant(
        "aud is normalised",
        lambda asked: {**asked, "aud": asked["aud"].rstrip("/")},
        ("aud_is_the_issuer_as_it_was_sent",),
    ),
    Mutant("max_age is sent", _with(max_age="3600"), ("no_max_age_is_sent",)),
    Mutant(
        "launch scope is lost", _scope("launch ", ""), ("context_is_asked_for_by_launch_scopes",)
    ),
    Mutant(
        "wildcards",
        _scope("patient/Observation.rs", "patient/*.rs"),
        ("scopes_follow_the_grammar_and_name_what_is_needed",),
    ),
    Mutant(
        "letters out of order",
        _scope(".rs", ".sr"),
        ("scopes_follow_the_grammar_and_name_what_is_needed",),
    ),
    Mutant(
        "nobody is asked for", _scope("openid fhirUser", ""), ("who_uses_the_app_is_asked_for",)
    ),
    Mutant(
        "online_access is lost",
        _scope("online_access", ""),
        ("a_refresh_token_is_asked_for_while_the_person_is_online",),
    ),
    Mutant(
        "redirects elsewhere",
        _with(redirect_uri="https://evil.example/callback"),
        ("launch_and_redirect_addresses_are_fixed",),
    ),
)


def spoilt(app: Wsgi, mutant: Mutant) -> Wsgi:
    """The host with this mutant's hop before it."""

    def answer(environ: Any, start: Any) -> Iterable[bytes]:
        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start(status, [_spoil(each, mutant) for each in headers], *rest)

        return app(environ, begin)

    return answer


def _spoil(header: tuple[str, str], mutant: Mutant) -> tuple[str, str]:
    name, value = header
    parts = urlsplit(value)
    if name.lower() != "location" or "code_challenge=" not in parts.query:
        return header
    asked = mutant.spoil(dict(parse_qsl(parts.query, keep_blank_values=True)))
    return name, parts._replace(query=urlencode(asked)).geturl()
