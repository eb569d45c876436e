"""A profile becomes what a token request says of who sends it: a signature, a secret, or an id."""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus

from wherry.ports import Clock
from wherry_smart.protocol import client as assertions
from wherry_smart.protocol.client import Key
from wherry_smart.protocol.profiles import BASIC, KEY, NONE, POST, Profile

Parts = tuple[dict[str, str], dict[str, str]]
"""Members of the form, and headers."""


@dataclass(frozen=True, slots=True)
class ClientAuth:
    """How this host proves to an EHR who it is.

    `signing` is the key for an algorithm and kid, `secret_of` the secret of a file's name.
    """

    signing: Callable[[str, str], Key]
    secret_of: Callable[[str], str]
    clock: Clock
    random: Callable[[int], str]

    def parts(self, profile: Profile, audience: str, *, refresh: bool = False) -> Parts:
        """What is added to one request; `audience` is the token endpoint. Raises: Failure(FAULT).

        A confidential client leaves its id out of the form, but for EHRs that want it there.
        Source: SMART App Launch 2.2, R63, R64, R71, R72, R333, R334, R345.
        """
        form, headers = self._ways()[profile.auth_method](profile, audience)
        wanted = profile.refresh_send_client_id if refresh else profile.send_client_id_in_body
        if wanted:
            form = {"client_id": profile.client_id, **form}
        return form, headers

    def _ways(self) -> Mapping[str, Callable[[Profile, str], Parts]]:
        return {KEY: self._by_key, BASIC: self._by_basic, POST: self._by_form, NONE: _by_id}

    def _by_key(self, profile: Profile, audience: str) -> Parts:
        signed = assertions.assertion(
            self.signing(profile.alg, profile.kid),
            client_id=profile.client_id,
            audience=audience,
            jti=self.random(16),
            now=self.clock.now(),
        )
        return {"client_assertion_type": assertions.ASSERTION_TYPE, "client_assertion": signed}, {}

    def _by_basic(self, profile: Profile, _: str) -> Parts:
        """Some EHRs want both parts encoded as RFC 6749, 2.3.1 says, others as they are."""
        pair = (profile.client_id, self.secret_of(profile.secret_ref))
        name, secret = map(quote_plus, pair) if profile.basic_urlencode else pair
        said = base64.b64encode(f"{name}:{secret}".encode()).decode()
        return {}, {"Authorization": f"Basic {said}"}

    def _by_form(self, profile: Profile, _: str) -> Parts:
        secret = self.secret_of(profile.secret_ref)
        return {"client_id": profile.client_id, "client_secret": secret}, {}


def _by_id(profile: Profile, _: str) -> Parts:
    return {"client_id": profile.client_id}, {}
