"""Plays a vendor's pages against the sandbox, and reads what came by the source's template."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.devices.harness import TEMPLATES
from tests.devices.sandboxed import Clouds

from wherry.codec import encode
from wherry_devices.connectors import decoded
from wherry_devices.mapping.instants import Site
from wherry_devices.mapping.read import read
from wherry_devices.mapping.reading import Reading
from wherry_devices.sandbox.grants import CLIENT_ID, CLIENT_SECRET
from wherry_devices.sandbox.ihealth import SC, SV
from wherry_devices.vendors import VENDORS
from wherry_devices.vendors.protocol import Answer, Client, Page, Request

_SERIALS = ("sv_bp", "sv_weight", "sv_spo2", "sv_glucose")
CLIENT = Client(CLIENT_ID, CLIENT_SECRET, {"sc": SC, **dict.fromkeys(_SERIALS, SV)})
"""We to the sandbox's vendors."""


@dataclass
class Account:
    """One made-up person's account, fetched from where the last run stood."""

    clouds: Clouds
    vendor: str
    cursor: str
    account: str = "made-up-1"
    token: str = ""
    asked: list[Request] = field(default_factory=list)
    cursors: list[str] = field(default_factory=list)

    def ask(self, request: Request) -> Answer:
        """The sandbox's answer in this process."""
        dressed = VENDORS[self.vendor].dressed
        headers = {**request.headers, "Authorization": f"Bearer {self.token}"}
        if dressed is not None:
            request, headers = dressed(request, CLIENT, self.token), {**request.headers}
        body = encode(request.json) if request.json is not None else urlencode(request.form)
        answer = self.clouds.web.open(
            f"/{self.vendor}{request.path}",
            method=request.method,
            query_string=dict(request.query),
            data=body,
            headers=headers,
            content_type="application/x-www-form-urlencoded",
        )
        retry = float(answer.headers.get("Retry-After", 0))
        return Answer(answer.status_code, answer.data, dict(answer.headers), retry)

    def fetch(self, *, stop_after: int = 0) -> list[Reading]:
        """What one run brings; it is cut off after so many pages, if any number is said.

        Raises: Failure as the vendor's pages do; then the cursor stays where it was.
        """
        made = self.clouds.tokens(self.vendor)
        made = made.get("body", made)
        self.token = made["AccessToken" if self.vendor == "ihealth" else "access_token"]
        self.asked, self.cursors = [], []
        readings: list[Reading] = []
        asking = VENDORS[self.vendor].pages(self.account, self.cursor, self.clouds.clock.now())
        reply: Answer | None = None
        while True:
            try:
                step = asking.send(reply)
            except StopIteration:
                return readings
            if isinstance(step, Request):
                self.asked.append(step)
                reply = self.ask(step)
                continue
            reply = None
            readings += self.read(step)
            self.cursor = step.cursor
            self.cursors.append(step.cursor)
            if stop_after and len(self.cursors) == stop_after:
                return readings

    def read(self, page: Page) -> list[Reading]:
        """A page as its template reads it."""
        if not page.body:
            return []
        payload = decoded(self.vendor, page.body)
        site = Site("", self.clouds.clock.now())
        return list(read(payload, TEMPLATES[self.vendor], site=site).readings)


def said(readings: list[Reading]) -> list[str]:
    """Numbers in the order of their times, each once: what comes again is the same reading."""
    found = {(one.instant, one.kind, one.record): one for one in readings}
    return [str(found[key].value) for key in sorted(found)]
