"""A small Withings: tokens that rotate, measure groups by time of change, troubles on demand."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from wherry.codec import encode
from wherry.errors import Failure
from wherry_devices.accounts.registration import Registration, registered
from wherry_devices.vendors import VENDORS
from wherry_devices.vendors.protocol import Answer, Client, Request

HERE = "http://127.0.0.1:8102"


def at_withings(base_url: str = "", **more: Any) -> Registration:
    """We as a client of Withings, at its own addresses or at another."""
    client = Client("client-1", "made-up-client-secret")
    return registered(VENDORS["withings"], client, base_url=base_url, **more)


@dataclass
class FakeWithings:
    """The vendor behind the `Cloud` port. Its clock is a number that a test moves.

    `troubles` are answers, or failures, for the next requests in place of what it would say;
    `then` is called with each request before it is answered. With `grace` an old refresh token
    works until the new access token is used.
    """

    account: str = "acc-4711"
    time_s: int = 10_000
    page_size: int = 2
    access: str = ""
    refresh: str = "made-up-refresh-0"
    grants: int = 0
    groups: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[Answer | Failure | None] = field(default_factory=list)
    then: Callable[[Request], None] = lambda _request: None
    asked: list[Request] = field(default_factory=list)
    refreshes: int = 0
    revoked: list[str] = field(default_factory=list)
    subscribed: list[str] = field(default_factory=list)
    slow_s: float = 0.0
    grace: bool = False
    old: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, registration: Registration, request: Request, *, token: str = "") -> Answer:
        self.asked.append(request)
        self.then(request)
        trouble = self.troubles.pop(0) if self.troubles else None
        if isinstance(trouble, Failure):
            raise trouble
        if trouble is not None:
            return trouble
        time.sleep(self.slow_s)
        with self.lock:
            return self._said(request, token)

    def _said(self, request: Request, token: str) -> Answer:
        form = request.form
        match form.get("action"):
            case "requesttoken":
                return self._granted(form.get("refresh_token"), form.get("code"))
            case "getmeas":
                return self._measured(form, token)
            case "subscribe":
                self.subscribed.append(form["appli"])
                return said(0 if token == self.access else 401, {})
            case "getnonce":
                return said(0, {"nonce": "n1"})
            case "revoke":
                self.revoked.append(form["userid"])
                self.access = self.refresh = ""
                return said(0, {})
        return said(293)

    def _granted(self, refresh: str | None, code: str | None) -> Answer:
        if refresh is not None:
            if refresh not in {self.refresh, *self.old}:
                return said(401)
            self.old = [refresh] if self.grace else []
            self.refreshes += 1
        elif code != "good-code":
            return said(401)
        self.grants += 1
        self.access = f"made-up-access-{self.grants}"
        self.refresh = f"made-up-refresh-{self.grants}"
        return said(
            0,
            {
                "access_token": self.access,
                "refresh_token": self.refresh,
                "userid": self.account,
                "expires_in": 10800,
                "scope": "user.info,user.metrics",
            },
        )

    def _measured(self, form: Any, token: str) -> Answer:
        if not self.access or token != self.access:
            return said(401)
        self.old = []
        since, offset = int(form["lastupdate"]), int(form.get("offset", "0"))
        found = [one for one in self.groups if one["modified"] >= since]
        more = len(found) > offset + self.page_size
        return said(
            0,
            {
                "updatetime": self.time_s,
                "timezone": "Europe/Berlin",
                "measuregrps": found[offset : offset + self.page_size],
                "more": int(more),
                "offset": offset + self.page_size if more else 0,
            },
        )


def said(status: int, body: Any = None) -> Answer:
    """What Withings says: 200, whatever happened."""
    return Answer(200, encode({"status": status, "body": {} if body is None else body}))
