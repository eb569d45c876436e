"""JSON logs: constant event names, identifiers as keywords, never patient data."""

import logging
import sys

import structlog

REQUEST_ID_HEADER = "X-Request-Id"

_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def configure(service: str, level: str = "info") -> None:
    """Send structlog events to stderr as one JSON object a line, each with the service's name."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _named(service),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS.get(level, logging.INFO)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def current_request_id() -> str:
    """The id bound to this piece of work, or an empty text outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def _named(service: str) -> structlog.typing.Processor:
    def add(_: object, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        event["service"] = service
        return event

    return add
