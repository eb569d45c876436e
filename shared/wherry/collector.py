"""A process that makes many dicts and few cycles looks for cycles seldom."""

import gc

_YOUNG, _MIDDLE, _OLD = 100_000, 20, 20


def spare_the_collector() -> None:
    """Leave out of every collection what is alive now, and collect seldom; once, after start-up.

    Fifty messages, or a day of a monitor, are a hundred thousand dicts and none of them is in a
    cycle; a collection over all modules of a service stops it for 50 ms.
    """
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _OLD)
