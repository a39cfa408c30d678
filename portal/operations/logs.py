"""Log lines that say what went wrong and where, never with whose data."""

import logging
import traceback
from types import TracebackType

Thrown = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class DiscreetFormatter(logging.Formatter):
    """A formatter whose tracebacks have frames and classes of errors, not their messages: those of a database or of a
    reader quote the value that was wrong, which may be a citizen's.
    """

    def format(self, record: logging.LogRecord) -> str:
        """The line. The error that Celery repeats in it is told by its class."""
        if not record.exc_info or record.exc_info[0] is None:
            return super().format(record)
        quiet = logging.makeLogRecord(record.__dict__)
        quiet.exc_text = None  # what another formatter has made of it
        if isinstance(record.args, dict):
            quiet.args = {**record.args, "exc": record.exc_info[0].__name__}
        return super().format(quiet)

    def formatException(self, ei: Thrown) -> str:  # noqa: N802 - its name in the library
        """The traceback of an error and of those it came from, without their messages."""
        error, told = ei[1], list[str]()
        while error is not None:
            frames = "".join(traceback.format_tb(error.__traceback__))
            told.insert(0, f"{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(told)
