"""Log lines: one line each, with the request's id, control characters made visible."""

from __future__ import annotations

import json
import logging
import re
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

request_id: ContextVar[str] = ContextVar("request_id", default="-")

# Links from e-mails open an account or an order: what makes them secret is their last part.
SECRET = re.compile(r"(/account/(?:password/reset/key|confirm-email)/|/orders/[A-Z0-9]{5}-[A-Z0-9]{5}/)[^/\s]+")


def without_secrets(text: str) -> str:
    """The text, in which the links that open something open nothing."""
    return SECRET.sub(r"\1***", text)


def one_line(text: str) -> str:
    """The text with line breaks and other control characters escaped, so that nobody can forge a log line."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every record."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object per line, for machines."""

    def format(self, record: logging.LogRecord) -> str:
        entry = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "request_id": getattr(record, "request_id", "-"),
            "message": without_secrets(record.getMessage()),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=True)


class PlainFormatter(logging.Formatter):
    """Time, level, request id and message, for people."""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created).strftime("%H:%M:%S")
        line = f"{time} {record.levelname:<7} {getattr(record, 'request_id', '-')} "
        line += one_line(without_secrets(record.getMessage()))
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def logging_config(*, level: str, for_people: bool) -> dict[str, Any]:
    """Django's LOGGING: everything to standard error, as lines for people or as JSON for machines."""
    console = {
        "class": "logging.StreamHandler",
        "filters": ["request_id"],
        "formatter": "plain" if for_people else "json",
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"request_id": {"()": "shop.logs.RequestIdFilter"}},
        "formatters": {
            "json": {"()": "shop.logs.JsonFormatter"},
            "plain": {"()": "shop.logs.PlainFormatter"},
        },
        "handlers": {"console": console},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True},
            "django.server": {"handlers": ["console"], "propagate": False},
            "procrastinate": {"level": "WARNING" if for_people else "INFO"},
            "stripe": {"level": "WARNING"},
        },
    }
