"""Ctrl-C during a batch: it is heard at once and obeyed where nothing is half done.

Python raises KeyboardInterrupt between any two instructions of the main thread, also where a lock has just been taken:
one that falls into an import leaves the import lock held, and the thread that starts workers then waits for ever. So
while a batch is at work the signal is noted, and the batch stops by itself; a second one is Python's own.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

PATIENCE = 0.1
"""Seconds after which a batch that is waiting for workers looks whether it is to stop."""

_SAID = b"\nstopping; Ctrl-C again ends it without waiting\n"


class Wish:
    """Whether the user wants the batch to stop."""

    def __init__(self) -> None:
        self.stop = False

    def obey(self) -> None:
        """Raise KeyboardInterrupt where the user wants it."""
        if self.stop:
            raise KeyboardInterrupt


@contextmanager
def heard() -> Iterator[Wish]:
    """Note Ctrl-C meanwhile, where Python would raise KeyboardInterrupt; elsewhere nothing changes."""
    wish = Wish()
    in_main = threading.current_thread() is threading.main_thread()
    if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
        yield wish
        return

    def note(number: int, frame: FrameType | None) -> None:
        if wish.stop:
            raise KeyboardInterrupt
        wish.stop = True
        with suppress(OSError):
            os.write(2, _SAID)

    signal.signal(signal.SIGINT, note)
    try:
        yield wish
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
