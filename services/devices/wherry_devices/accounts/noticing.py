"""A kept notification makes the connections it tells of due: it is a hint, the pull is the truth.

The worker does it and not the web door: the notice is kept by then, is decoded anyway, is worked on
until it was, and a vendor's answer need not wait for it.
"""

from typing import Any

import structlog

from wherry_devices.deps import Deps
from wherry_devices.mapping.reading import ACCOUNT, DeviceKey

log = structlog.get_logger()


def nudge(source: str, payload: Any, needs: Deps) -> int:
    """Make due what a payload tells of; 0 when it is no notice, or of nobody we know."""
    at = needs.clouds.registrations.get(source)
    if at is None:
        return 0
    count = 0
    notices = at.vendor.noticed(payload)
    for in_doubt in (False, True):
        keys = [
            DeviceKey(source, ACCOUNT, one.account).opaque
            for one in notices
            if one.in_doubt is in_doubt
        ]
        if keys:
            count += needs.clouds.connections.nudge(keys, in_doubt=in_doubt)
    if notices:
        log.info("notice_followed", source=source, connections=count)
    return count
