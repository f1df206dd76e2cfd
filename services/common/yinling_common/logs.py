"""Logging: one line an event, for people or as JSON."""

import logging
import sys
from typing import Literal

import structlog

LogFormat = Literal["console", "json"]


def setup(service: str, fmt: LogFormat = "console", level: str = "INFO") -> None:
    """Send structlog's and the standard library's events to standard error in one form."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    # Plain: where the package rich is installed the default shows the values of all local variables, among them
    # passwords, cookies and people, and takes half a minute for it.
    renderer: structlog.typing.Processor = structlog.dev.ConsoleRenderer(
        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
    )
    last: list[structlog.typing.Processor] = [renderer]
    if fmt == "json":
        last = [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level.upper())
    structlog.contextvars.bind_contextvars(service=service)


def get(name: str = "yinling") -> structlog.stdlib.BoundLogger:
    """A logger; events take key=value."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(name)
    return logger
