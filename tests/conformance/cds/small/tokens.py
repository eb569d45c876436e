"""The small server's judgement of tokens, and the ways in which it can be wrong."""

import base64
import hmac
import json
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import errors, jws
from joserfc.jwk import ECKey, RSAKey
from joserfc.jws import JWSRegistry
from tests.conformance.cds.parties import Party

Has = Callable[[str], bool]
Key = ECKey | RSAKey

_GOOD = ("ES384", "RS384")
_ANY = (*_GOOD, "RS256", "PS384")
_KINDS = {"E": "EC", "R": "RSA", "P": "RSA"}


class Refused(Exception):
    """A token that proves nothing; the text is for a server that tells why."""


@dataclass
class Tokens:
    """Who may call, with which keys, and which tokens were seen."""

    parties: Mapping[str, Party]
    has: Has
    seen: set[str]
    http: requests.Session = field(default_factory=requests.Session)
    key_sets: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict)

    def judged(self, header: str, audiences: tuple[str, ...], host: str) -> Party:
        """The client whose token this is. Raises: Refused."""
        scheme, _, made = header.partition(" ")
        if scheme != "Bearer" or not made:
            raise Refused("no token")
        if len(made) > 8192 and not self.has("long tokens"):
            raise Refused("too long")
        head, claims = _opened(made)
        party = self._party(head, claims)
        self._claims(head, claims, audiences, host)
        jti = str(claims.get("jti"))
        seen = jti if self.has("ids of all issuers together") else f"{party.issuer}|{jti}"
        if self.has("ids before signatures"):
            self._once(seen)
            self._signature(made, head, claims, party)
        else:
            self._signature(made, head, claims, party)
            self._once(seen)
        if claims.get("tenant", party.tenant) != party.tenant and not self.has("any tenant"):
            raise Refused("tenant")
        return party

    def _once(self, seen: str) -> None:
        if seen in self.seen and not self.has("any number of times"):
            raise Refused("seen before")
        self.seen.add(seen)

    def _party(self, head: Mapping[str, Any], claims: Mapping[str, Any]) -> Party:
        found = self.parties.get(str(claims.get("iss")))
        if found is None and self.has("any issuer"):
            return Party("evil", str(claims.get("iss")), str(head.get("jku")))
        if found is None:
            raise Refused("issuer")
        jku = head.get("jku", found.jku)
        if "jku" not in head and self.has("jku is needed"):
            raise Refused("no jku")
        listed = {one.jku for one in self.parties.values()}
        if self.has("any jku") or (self.has("any listed jku") and jku in listed):
            return Party(found.name, found.issuer, str(jku))
        if jku != found.jku:
            raise Refused("jku")
        return found

    def _claims(
        self,
        head: Mapping[str, Any],
        claims: Mapping[str, Any],
        audiences: tuple[str, ...],
        host: str,
    ) -> None:
        if not self.has("any claims"):
            jti = claims.get("jti")
            if not isinstance(jti, str) or not 0 < len(jti) <= 256:
                raise Refused("jti")
            if head.get("typ") != "JWT" or "kid" not in head or "crit" in head:
                raise Refused("header")
        self._times(claims)
        said = claims.get("aud")
        named = said if isinstance(said, list) else [said]
        if isinstance(said, list) and self.has("an audience is one text"):
            raise Refused("audience is no text")
        if self.has("the audience of the Host header"):
            path = audiences[0].partition("://")[2].partition("/")[2]
            audiences = (*audiences, f"http://{host}/{path}")
        if not self.has("any audience") and not {str(one) for one in named} & set(audiences):
            raise Refused("audience")

    def _times(self, claims: Mapping[str, Any]) -> None:
        if self.has("any time of a token"):
            return
        now, leeway = time.time(), 0 if self.has("no leeway") else 60
        begin, end = claims.get("iat"), claims.get("exp")
        if not isinstance(begin, int) or not isinstance(end, int):
            raise Refused("time")
        late = end + leeway <= now or end <= begin or end - begin > 3600
        if late or max(begin, claims.get("nbf", 0)) > now + leeway:
            raise Refused("time")

    def _signature(
        self, made: str, head: Mapping[str, Any], claims: Mapping[str, Any], party: Party
    ) -> None:
        alg = str(head.get("alg"))
        if alg.lower() == "none" and self.has("algorithm none"):
            return
        key = self._key(head, party)
        if alg.startswith("HS") and self.has("symmetric algorithms"):
            _symmetric(made, alg, key)
            return
        allowed = _ANY if self.has("any algorithm") else _GOOD
        if alg not in allowed or self.has(f"no {alg}"):
            raise Refused("algorithm")
        if key.key_type != _KINDS[alg[0]] or (
            key.as_dict().get("use") == "enc" and not self.has("keys for encryption")
        ):
            raise Refused("key")
        if isinstance(key, RSAKey) and key.raw_value.key_size < 2048 and not self.has("short keys"):
            raise Refused("key size")
        try:
            jws.deserialize_compact(made, key, registry=_Any(algorithms=[*_ANY]))
        except (errors.JoseError, ValueError):
            raise Refused("signature") from None

    def _key(self, head: Mapping[str, Any], party: Party) -> Key:
        if isinstance(head.get("jwk"), dict) and self.has("the token's own key"):
            return ECKey.import_key(head["jwk"])
        found = self._find(head, party)
        if found is None:
            raise Refused("key")
        if self.has("any algorithm") or self.has("keys for encryption"):
            found = {name: found[name] for name in found.keys() - {"alg", "use"}}
        kinds: dict[str, Any] = {"EC": ECKey, "RSA": RSAKey}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", errors.SecurityWarning)  # judged by its size later
            key: Key = kinds[found["kty"]].import_key(found)
        return key

    def _find(self, head: Mapping[str, Any], party: Party) -> dict[str, Any] | None:
        at, held = self.key_sets.get(party.jku, (0.0, {}))
        found = _named(held, head)
        again = self.has("a fetch for each unknown key") or time.monotonic() - at > 60
        if (found is None and (again or not held)) or self.has("a fetch for each call"):
            held = self._fetched(party.jku)
            self.key_sets[party.jku] = (time.monotonic(), held)
            found = _named(held, head)
        return found

    def _fetched(self, jku: str) -> dict[str, Any]:
        follow = self.has("redirects are followed")
        answer = self.http.get(jku, timeout=2, allow_redirects=follow)
        if answer.status_code != 200:
            raise Refused("key set")
        held: dict[str, Any] = answer.json()
        return held


class _Any(JWSRegistry):
    """Headers that nobody knows are judged elsewhere."""

    def check_header(self, header: Any) -> None:
        return


def _named(held: Mapping[str, Any], head: Mapping[str, Any]) -> dict[str, Any] | None:
    for one in held.get("keys", []):
        if one.get("kid") == head.get("kid"):
            return dict(one)
    return None


def _opened(made: str) -> tuple[dict[str, Any], dict[str, Any]]:
    parts = made.split(".")
    if len(parts) != 3:
        raise Refused("no JWT")
    try:
        head, claims = (json.loads(_decoded(one)) for one in parts[:2])
    except ValueError:
        raise Refused("no JWT") from None
    if not isinstance(head, dict) or not isinstance(claims, dict):
        raise Refused("no JWT")
    return head, claims


def _symmetric(made: str, alg: str, key: Key) -> None:
    text, _, signature = made.rpartition(".")
    pem = key.public_key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    if not hmac.compare_digest(_decoded(signature), hmac.digest(pem, text.encode(), "sha384")):
        raise Refused("signature of " + alg)


def _decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part.encode("ascii", "strict") + b"=" * (-len(part) % 4))
