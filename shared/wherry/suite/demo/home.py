"""A moment becomes a day of readings at home, before their stay, of four of the demo's people."""

from datetime import datetime

from wherry.suite.demo.day import Day, last_of
from wherry.suite.demo.home_dexcom import dexcom
from wherry.suite.demo.home_hub import hub
from wherry.suite.demo.home_openmhealth import openmhealth
from wherry.suite.demo.home_withings import withings
from wherry.suite.demo.roster import PEOPLE, WORST

WITH_WITHINGS, WITH_DEXCOM, WITH_HUB, WITH_OPEN_MHEALTH = WORST, PEOPLE[2], PEOPLE[8], PEOPLE[5]


def home(reference: datetime) -> tuple[Day, ...]:
    """The days that end before the feed which ends at `reference`, an aware moment."""
    last = last_of(reference)
    return (
        withings(WITH_WITHINGS, last),
        dexcom(WITH_DEXCOM, last),
        hub(WITH_HUB, last),
        openmhealth(WITH_OPEN_MHEALTH, last),
    )
