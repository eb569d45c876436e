"""Who we are to a vendor and where it is: its facts and our settings as one value. Pure."""

from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import ip_address
from urllib.parse import urlsplit

from wherry_devices.vendors import oauth
from wherry_devices.vendors.protocol import Client, Vendor

CALLBACK = "/v1/connections/callback"


@dataclass(frozen=True, slots=True)
class Registration:
    """A vendor, us as its client, and the addresses that are asked: none comes from a request.

    `api` and `tokens` are what a Request's path stands behind, by its host; `consent` is the page
    for a person. `backfill`: how far back the first fetch goes. `notify_url`: where notices are to
    be sent.
    """

    vendor: Vendor
    client: Client
    api: str
    tokens: str
    consent: str
    interval_s: float
    backfill: timedelta
    notify_url: str = field(default="", repr=False)

    def consent_address(self, *, public_url: str, state: str, verifier: str) -> str:
        """Where a person is sent to consent."""
        query = oauth.consent_query(
            self.vendor,
            self.client,
            redirect_uri=redirect_uri(public_url),
            state=state,
            verifier=verifier,
        )
        return f"{self.consent}?{query}"

    @property
    def is_real(self) -> bool:
        """Whether tokens of this vendor open more than a sandbox on this machine."""
        return not all(_is_here(one) for one in (self.api, self.tokens, self.consent))


def registered(
    vendor: Vendor,
    client: Client,
    *,
    base_url: str = "",
    auth_url: str = "",
    interval_s: float | None = None,
    backfill_days: float = 30.0,
    notify_url: str = "",
) -> Registration:
    """The vendor at its own addresses, or at `base_url`, and its page of consent at `auth_url`."""
    base, auth = base_url.rstrip("/"), (auth_url or base_url).rstrip("/")
    return Registration(
        vendor=vendor,
        client=client,
        api=base + urlsplit(vendor.api).path if base else vendor.api,
        tokens=base or vendor.tokens,
        consent=auth + urlsplit(vendor.consent).path if auth else vendor.consent,
        interval_s=interval_s or vendor.interval_s,
        backfill=timedelta(days=backfill_days),
        notify_url=notify_url,
    )


def redirect_uri(public_url: str) -> str:
    """Where a vendor sends people back to."""
    return public_url.rstrip("/") + CALLBACK


def safe_address(address: str) -> str:
    """An address that is encrypted or stays on this machine.

    Raises: ValueError for any other, or one with a query, a fragment or a user name.
    """
    parts = urlsplit(address)
    is_plain = not parts.query and not parts.fragment and "@" not in parts.netloc
    known = parts.scheme == "https" or (parts.scheme == "http" and _is_here(address))
    if not (known and parts.hostname and is_plain and address.isascii() and address.isprintable()):
        raise ValueError("an https address, or an http one of this machine")
    return address.rstrip("/")


def _is_here(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
