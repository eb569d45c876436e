"""Codes and tokens of the sandbox: each code and each refresh token works once."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from wherry.errors import Failure, Kind

CLIENT_ID, CLIENT_SECRET = "sandbox-client", "sandbox-secret-made-up"
_CODE_LIVES = timedelta(minutes=5)

Who = tuple[str, str]
"""A vendor, and an account there."""


@dataclass(frozen=True, slots=True)
class Code:
    """What a person consented to."""

    who: Who
    redirect_uri: str
    challenge: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a client is given."""

    who: Who
    access: str = field(repr=False)
    refresh: str = field(repr=False)
    lives_s: int = 0


@dataclass(slots=True)
class Grants:
    """All codes and tokens that are good, and how often each person's were renewed."""

    now: Callable[[], datetime]
    text: Callable[[], str]
    codes: dict[str, Code] = field(default_factory=dict, repr=False)
    access: dict[str, tuple[Who, datetime]] = field(default_factory=dict, repr=False)
    refresh: dict[str, Who] = field(default_factory=dict, repr=False)
    renewed: dict[Who, int] = field(default_factory=dict)

    def consented(self, who: Who, redirect_uri: str, challenge_: str) -> str:
        """A code for somebody who said yes."""
        code = self.text()
        self.codes[code] = Code(who, redirect_uri, challenge_, self.now() + _CODE_LIVES)
        return code

    def exchanged(
        self, vendor: str, code: str, redirect_uri: str, verifier: str, lives_s: int
    ) -> Tokens:
        """Raises: Failure(UNAUTHENTICATED) for a code that is used, old, or somebody else's."""
        found = self.codes.pop(code, None)
        good = (
            found is not None
            and found.who[0] == vendor
            and found.redirect_uri == redirect_uri
            and found.until >= self.now()
            and (not found.challenge or hmac.compare_digest(found.challenge, _s256(verifier)))
        )
        if found is None or not good:
            raise _over()
        return self._given(found.who, lives_s)

    def rotated(self, vendor: str, refresh: str, lives_s: int, *, keep: bool = False) -> Tokens:
        """New tokens; the old refresh token works no more, unless its vendor keeps it.

        Raises: Failure(UNAUTHENTICATED).
        """
        who = self.refresh.get(refresh)
        if who is None or who[0] != vendor:
            raise _over()
        self.renewed[who] = self.renewed.get(who, 0) + 1
        if keep:
            return self._given(who, lives_s, refresh)
        del self.refresh[refresh]
        return self._given(who, lives_s)

    def whose(self, vendor: str, access: str) -> str:
        """The account of an access token. Raises: Failure(UNAUTHENTICATED)."""
        who, until = self.access.get(access, (("", ""), self.now()))
        if who[0] != vendor or until <= self.now():
            raise _over()
        return who[1]

    def expire(self, who: Who) -> None:
        """Access tokens of this person work no more; refresh tokens do."""
        self.access = {text: one for text, one in self.access.items() if one[0] != who}

    def revoke(self, who: Who) -> None:
        """The person's consent is over."""
        self.expire(who)
        self.refresh = {text: one for text, one in self.refresh.items() if one != who}

    def _given(self, who: Who, lives_s: int, refresh: str = "") -> Tokens:
        made = Tokens(who, self.text(), refresh or self.text(), lives_s)
        self.access[made.access] = (who, self.now() + timedelta(seconds=lives_s))
        self.refresh[made.refresh] = who
        return made


def _over() -> Failure:
    return Failure(Kind.UNAUTHENTICATED, "that is not good, or not any more")


def _s256(verifier: str) -> str:
    """Source: RFC 7636, 4.2."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
