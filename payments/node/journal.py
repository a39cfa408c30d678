"""The journal of the node's calls, written afterwards and many rows at a time.

Calls leave their row in a queue of the process; a thread writes them when there are enough, or when some time has
passed. A database that is away keeps them in the queue, which has a limit: the journal tells what happened, it is
not the evidence of payments, and a station that answers is worth more than a row of it.
"""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from payments import conf
from payments.models import NodeCall

logger = logging.getLogger(__name__)
Write = Callable[[Sequence[NodeCall]], None]


def write_rows(rows: Sequence[NodeCall]) -> None:
    """One statement for all of them. Raises DatabaseError, and then none is written."""
    with transaction.atomic():
        NodeCall.objects.bulk_create(rows)


class Journal:
    """A queue that empties itself: every `rows` calls, or `seconds` after the first that waits.

    `limit` is how many may wait when the database is away; what does not fit is counted in `lost`. With `rows` of 1
    there is no thread: each call is written by who adds it.
    """

    def __init__(self, *, rows: int, seconds: float, limit: int, write: Write = write_rows) -> None:
        self.rows, self.seconds, self.limit, self.write = rows, seconds, limit, write
        self.lost = 0
        self._forget()
        os.register_at_fork(after_in_child=self._forget)

    def _forget(self) -> None:
        """A process born by fork starts empty: its parent writes the rows it had."""
        self._waiting: deque[NodeCall] = deque()
        self._changed = threading.Condition()
        self._writing = threading.Lock()
        self._pause = threading.Event()
        self._thread: threading.Thread | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, row: NodeCall) -> None:
        """Take a row; it never fails and, beyond one row at a time, never waits for the database."""
        with self._changed:
            if len(self._waiting) >= self.limit:
                self.lost += 1
                return
            self._waiting.append(row)
            if len(self._waiting) in (1, self.rows):
                self._changed.notify()
        if self.rows == 1:
            self.flush()
        elif not self._alive():
            self._start()

    def flush(self) -> bool:
        """Write what waits. False when the database is away: the rows stay in the queue."""
        with self._writing:
            while batch := self._take():
                try:
                    self.write(batch)
                except (OperationalError, InterfaceError):
                    logger.warning("journal of the node: the database is away, %d rows wait", len(batch))
                    with self._changed:
                        self._waiting.extendleft(reversed(batch))
                    return False
                except DatabaseError:
                    self._write_singly(batch)
        return True

    def _take(self) -> list[NodeCall]:
        with self._changed:
            batch = list(islice(self._waiting, max(self.rows, 1)))
            for _ in batch:
                self._waiting.popleft()
        return batch

    def _write_singly(self, batch: Sequence[NodeCall]) -> None:
        """One row that the table refuses must not take the others with it."""
        for row in batch:
            try:
                self.write([row])
            except DatabaseError:
                self.lost += 1
                logger.exception("journal of the node: a call was not recorded")

    def _alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def _start(self) -> None:
        with self._changed:
            if not self._alive():
                self._thread = threading.Thread(target=self._run, name="node-journal", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                self._changed.wait_for(lambda: len(self._waiting) >= self.rows, timeout=self.seconds)
            written = self.flush()
            connection.close()  # this thread's own: an idle journal holds no connection
            if not written:
                self._pause.wait(self.seconds)


journal = Journal(rows=conf.journal_rows(), seconds=conf.journal_seconds(), limit=conf.JOURNAL_LIMIT)
atexit.register(journal.flush)
