"""Certificate files of listeners are read at the start, and again when somebody says so."""

import ssl

import structlog

from wherry.errors import Failure
from wherry_hl7.listeners import Listening
from wherry_hl7.tls import renew, server_context

log = structlog.get_logger()


class Certificates:
    """The TLS of each listener of one process."""

    def __init__(self) -> None:
        self._known: list[tuple[Listening, ssl.SSLContext]] = []

    def of(self, one: Listening) -> ssl.SSLContext | None:
        """What this listener speaks; None is plain TCP. Raises: Failure(INVALID)."""
        context = server_context(one.certificate, one.key, one.client_ca)
        if context is not None:
            self._known.append((one, context))
        return context

    def renew(self) -> None:
        """Read all files again; where they cannot be used the listener goes on with the old."""
        for one, context in self._known:
            try:
                renew(context, one.certificate, one.key, one.client_ca)
            except Failure as failure:
                log.error("certificate_not_renewed", channel=one.channel, at=failure.at)
            else:
                log.info("certificate_renewed", channel=one.channel)
