"""What was asked stays out of logs: requests of record systems may tell of patients.

The portal writes no log of requests of its own. Whoever turns on that of gunicorn, or develops,
gets the paths of Infobutton requests, and nothing behind them.
"""

import logging
import re

_QUERY = re.compile(r"(/infobutton/(?:service|application)/?)\?[^\s\"]*")
LOGGERS = ("gunicorn.access", "django.server")
# Of what gunicorn tells of a request, what is its query alone.
_ATOMS = ("q", "{query_string}e")


class WithoutContext(logging.Filter):
    """Takes what was asked out of the lines about Infobutton requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        args = record.args
        if isinstance(args, dict):
            record.args = {name: _without(value) for name, value in args.items()}
            if "/infobutton/" in str(args.get("U", "")):
                record.args |= {name: "-" for name in _ATOMS if name in args}
        elif isinstance(args, tuple):
            record.args = tuple(map(_without, args))
        return True


def _without(value):
    return _QUERY.sub(r"\1", value) if isinstance(value, str) else value


def hold_back() -> None:
    """Have the logs of requests written without what was asked."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, WithoutContext) for each in logger.filters):
            logger.addFilter(WithoutContext())
