"""Python's garbage collector is told that a service of large Bundles is running."""

import gc


def calm() -> None:
    """Leave what is loaded by now alone, and look for garbage less often.

    A large Bundle makes tens of thousands of dicts; collecting as usual took most of the time of
    reading it. Call once, when everything is imported.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
