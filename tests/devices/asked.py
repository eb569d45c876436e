"""Plays a vendor's generator against answers that were written down beforehand."""

from collections.abc import Generator, Iterable
from typing import Any

from wherry.codec import encode
from wherry_devices.vendors.protocol import Answer, Page, Request


def said(body: Any, status: int = 200, **more: Any) -> Answer:
    """An answer with this JSON."""
    return Answer(status, encode(body), **more)


def played(
    asking: Generator[Any, Answer | None, Any], answers: Iterable[Answer]
) -> tuple[list[Request], list[Page], Any]:
    """What was asked, which pages came, and what was returned in the end."""
    left = iter(answers)
    asked: list[Request] = []
    pages: list[Page] = []
    reply: Answer | None = None
    while True:
        try:
            step = asking.send(reply)
        except StopIteration as ended:
            return asked, pages, ended.value
        if isinstance(step, Page):
            pages.append(step)
            reply = None
        else:
            asked.append(step)
            reply = next(left)
