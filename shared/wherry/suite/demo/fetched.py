"""A day is put into the sandbox of a vendor's cloud, consented to, fetched, and corrected there.

What a vendor tells us of right after a fetch is fetched ten seconds later.
"""

import time
from collections.abc import Callable, Sequence
from urllib.parse import urlencode

import requests

from wherry.errors import Failure, Kind
from wherry.suite.demo.comparison import readings
from wherry.suite.demo.day import Cloud, Day
from wherry.suite.demo.feed import Result
from wherry.suite.demo.web import Service

WITHIN_S = 60.0
_LOOK_EVERY_S = 0.3
_WHO = "wherry demo"

Found = Callable[[], Sequence[Result]]
Ending = Callable[[], None]


def fetched(
    day: Day, cloud: Cloud, patient: str, found: Found, *, vendors: Service, devices: Service
) -> Ending:
    """Make the account up, let the person consent, and wait until what is `found` is complete.

    What is wrong at first is then corrected in the cloud, which tells us so; what is returned waits
    for it. Raises, as it does: Failure(UNAVAILABLE) when something does not come.
    """
    people = vendors.get("/sandbox/people")["people"]
    if (day.source, cloud.account) not in {(one["vendor"], one["account"]) for one in people}:
        vendors.post("/sandbox/people", {"vendor": day.source, "account": cloud.account})
    at = f"/sandbox/people/{day.source}/{cloud.account}/readings"
    ids = vendors.post(at, {"readings": cloud.readings, "tell": False})["ids"]
    asked = {"source": day.source, "patient": patient, "verified_by": _WHO}
    consent(devices.post("/v1/connections", asked)["authorize_url"], cloud.account)
    _until(day, cloud.at_first, found)
    for place, values in cloud.corrected.items():
        vendors.post(f"{at}/{ids[place]}", {"values": values, "tell": True})
    return lambda: _until(day, day.results, found)


def consent(address: str, account: str) -> None:
    """What a person does in a browser: open the vendor's page, say yes, come back.

    Raises: Failure(UNAVAILABLE) unless they read at the end that it is connected.
    """
    joint = "&" if "?" in address else "?"
    with requests.Session() as browser:  # ours would not follow the way back
        browser.trust_env = False
        try:
            answer = browser.get(f"{address}{joint}{urlencode({'person': account})}", timeout=10)
        except requests.RequestException:
            raise Failure(Kind.UNAVAILABLE, "does not answer", at="vendors") from None
    if answer.status_code != requests.codes.ok:
        text = f"the consent ended with {answer.status_code}"
        raise Failure(Kind.UNAVAILABLE, text, at="devices")


def _until(day: Day, wanted: Sequence[Result], found: Found) -> None:
    end_s = time.monotonic() + WITHIN_S
    while not readings(day.title, wanted, found()).even:
        if time.monotonic() > end_s:
            text = f"what {day.source} has was not fetched in {WITHIN_S:.0f} s"
            raise Failure(Kind.UNAVAILABLE, text, at="devices-fetcher")
        time.sleep(_LOOK_EVERY_S)
