"""Logs: one JSON object a line for machines, colours for people at a terminal; every line carries the request's id."""

import logging
import re
import sys
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from zencrm.environment import BASE_DIR

logger = structlog.get_logger("zencrm.request")

ID_HEADER = "X-Request-ID"
# An id that a balancer has given is kept, if it looks like one.
PLAUSIBLE_ID = re.compile(r"[A-Za-z0-9_.:-]{8,80}")

SHARED_PROCESSORS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
]
_extra = structlog.stdlib.ExtraAdder()


def own_facts(logger: Any, method: str, line: Any) -> Any:
    """What our own loggers pass as `extra`. Those of libraries pass whole requests, and the arguments of tasks."""
    room = line["_record"].name.partition(".")[0]
    return _extra(logger, method, line) if (BASE_DIR / room).is_dir() else line


class RequestIdMiddleware:
    """Gives each request an id, puts it into every log line and the answer's header, and logs one line at the end."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request_id = _request_id(request)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        response = self.get_response(request)
        response[ID_HEADER] = request_id
        _log(request, response, round((time.perf_counter() - started) * 1000, 1))
        return response  # Django may log the answer after this, and a stream is still to come: the id stays bound


def current_request_id() -> str:
    """The id of the request being answered; empty outside of one."""
    return structlog.contextvars.get_contextvars().get("request_id", "")


def _request_id(request: HttpRequest) -> str:
    given = request.headers.get(ID_HEADER, "")
    return given if PLAUSIBLE_ID.fullmatch(given) else uuid.uuid4().hex


def _log(request: HttpRequest, response: HttpResponse, milliseconds: float) -> None:
    """The path without its query: that may hold what people searched for, or a signed link."""
    if request.path.startswith(settings.STATIC_URL) and response.status_code < 400:
        return
    user = getattr(request, "_cached_user", None)  # only if the page has asked who it is
    logger.log(
        40 if response.status_code >= 500 else 20,
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=milliseconds,
        user=getattr(user, "pk", None),
    )


def only_faults_are_traced(line: logging.LogRecord) -> bool:
    """Django tells of a refused page (403) where in the code it was refused. It is an answer like others: one line."""
    if getattr(line, "status_code", 500) < 500:
        line.exc_info = None
    return True


def logging_config(*, as_json: bool, level: str) -> dict[str, Any]:
    """Django's LOGGING. Sets up structlog as well, so that both kinds of loggers print alike."""
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    printer: list[Any] = [structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())]
    if as_json:
        printer = [structlog.processors.dict_tracebacks, structlog.processors.JSONRenderer(ensure_ascii=False)]
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *printer],
        "foreign_pre_chain": [own_facts, *SHARED_PROCESSORS],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "filters": {"faults": {"()": "django.utils.log.CallbackFilter", "callback": only_faults_are_traced}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["faults"]}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "axes.apps": {"level": "WARNING"},
            "mail.log": {"level": "WARNING"},
            "fontTools": {"level": "ERROR"},
            "weasyprint": {"level": "ERROR"},
        },
    }
