"""Whether the store can be written: for whoever watches over the machine and asks again and again."""

from __future__ import annotations

import shutil
import threading
import time

from lending.database import Store
from lending.errors import StoreUnwritable

LOOK_SECONDS = 5.0  # however often it is asked, the disk is troubled no more often
LEAST_FREE = 8 * 2**20  # bytes; what the log has left lasts for some orders only


class Health:
    """Looks at the disk now and then; between two looks it says what it saw."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._guard = threading.Lock()
        self._wrong, self._until = "", 0.0

    def wrong(self) -> str:
        """What keeps the library from writing, in one line; '' when nothing does.

        Raises StoreUnwritable where the file is not there: to see that costs nothing.
        """
        self._store.look()
        with self._guard:
            if time.monotonic() >= self._until:
                self._wrong = self._look()
                self._until = time.monotonic() + LOOK_SECONDS
            return self._wrong

    def _look(self) -> str:
        try:
            if (free := shutil.disk_usage(self._store.path.parent).free) < LEAST_FREE:
                return f"the disk is full: {free // 2**10} KB left"
            with self._store.writing() as db:  # a page of the file as it is, written once more
                db.conn.execute(f"PRAGMA user_version = {db.value('PRAGMA user_version')}")
        except StoreUnwritable as error:
            return f"nothing can be written: {error}"
        except OSError as error:  # whoever asks is anybody, and is not told where our files lie
            return f"nothing can be written: {error.strerror}"
        return ""
