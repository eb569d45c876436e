"""What a kind of EHR understands and how it signs, as data."""

from collections.abc import Mapping
from dataclasses import dataclass

# Source: CDS Hooks 2.0, Trusting CDS Clients: ES384 and RS384 are recommended
RECOMMENDED = frozenset({"ES384", "RS384"})


@dataclass(frozen=True, slots=True)
class Profile:
    """How to talk to one EHR. A client's registration may change single values of its profile.

    `allowed_link_hosts` empty means all; `max_detail_chars` 0 means no limit. `fhir_server` is the
    only server that its calls may be read from, where the EHR has one fixed. `jku_list_url` is
    where it publishes which key sets are its own. `loopback_keys`: keys may come over http from
    this machine. `any_hook_instance`: its calls may be known by something else than a UUID.
    `leeway_s` and `max_life_s` are the seconds that clocks may differ and that a token may live.
    """

    name: str
    supports_app_context: bool = True
    allowed_link_hosts: frozenset[str] = frozenset()
    max_detail_chars: int = 0
    supports_action_selection_behavior: bool = False
    algs: frozenset[str] = RECOMMENDED
    any_hook_instance: bool = False
    leeway_s: int = 60
    max_life_s: int = 3600
    fhir_server: str = ""
    jku_list_url: str = ""
    loopback_keys: bool = False


STRICT = Profile("strict")

# Source: Oracle Health, CDS Hooks for Millennium (beta): no appContext, links that are not
# registered are stripped, cards are shown in a narrow side bar. Epic signs RS384, its `aud` is
# typed in by hand (an alias of the client), `nbf` lies five minutes back.
PROFILES: Mapping[str, Profile] = {
    "strict": STRICT,
    "epic": Profile("epic", algs=frozenset({"RS384"}), leeway_s=120),
    "oracle": Profile(
        "oracle",
        supports_app_context=False,
        max_detail_chars=1200,
        jku_list_url="https://authorization.cerner.com/jwk",
    ),
    "sandbox": Profile("sandbox", loopback_keys=True),
}
