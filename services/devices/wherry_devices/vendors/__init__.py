"""The clouds of vendors that we fetch from: facts and pure generators, one module for each."""

from collections.abc import Mapping
from types import MappingProxyType

from wherry_devices.vendors.dexcom import DEXCOM
from wherry_devices.vendors.google import GOOGLE
from wherry_devices.vendors.ihealth import IHEALTH
from wherry_devices.vendors.omron import OMRON
from wherry_devices.vendors.protocol import Vendor
from wherry_devices.vendors.withings import WITHINGS

VENDORS: Mapping[str, Vendor] = MappingProxyType(
    {one.source: one for one in (WITHINGS, DEXCOM, OMRON, GOOGLE, IHEALTH)}
)
"""By the source whose template reads what they send."""
