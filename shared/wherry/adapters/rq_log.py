"""RQ's own log lines turned into events without arguments or tracebacks, which may be clinical."""

import logging

import structlog

log = structlog.get_logger()


class _Events(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        template = str(record.msg).partition("\n")[0]
        log.warning("rq_warned", logger=record.name, template=template)


def route_rq_log() -> None:
    """Take RQ's warnings and errors over; its chatter is dropped."""
    logger = logging.getLogger("rq")
    logger.handlers = [_Events(logging.WARNING)]
    logger.propagate = False
