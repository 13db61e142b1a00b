"""What is seen of a batch at work: a bar for who watches, and a log that can be followed from elsewhere."""

from __future__ import annotations

import importlib.util
import sys
import time
from datetime import datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sim.batch.places import Folder, Place

if TYPE_CHECKING:
    from sim.batch.execute import Tally

NOTEBOOK = 80  # columns of the bar in a notebook, which has no width of its own
EVERY = 10.0
"""Seconds between two lines of progress in the log."""


def watched() -> bool:
    """Whether a bar would be seen: on a terminal, or in a notebook."""
    return "ipykernel" in sys.modules or sys.stderr.isatty()


class Bar:
    """Runs done, failures, rate and time left, where it is shown."""

    def __init__(self, total: int, shown: bool) -> None:
        self._bar = _bar(total, shown)

    def add(self, runs: int, *, failed: int) -> None:
        """So many runs more have ended; ``failed`` counts all that failed so far."""
        self._bar.set_postfix(failed=failed, refresh=False)
        self._bar.update(runs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._bar.close()


def _bar(total: int, shown: bool) -> Any:
    """A bar for the place it is shown in: a widget in a notebook that has widgets, else a line of text.

    Chosen here and not by tqdm.auto, which warns in every notebook without ipywidgets.
    """
    if shown and "ipykernel" in sys.modules:
        if importlib.util.find_spec("ipywidgets"):
            from tqdm.notebook import tqdm as widget

            return widget(total=total, unit="run")
        from tqdm import tqdm

        return tqdm(total=total, unit="run", file=sys.stdout, ncols=NOTEBOOK)  # its stderr has a red ground
    from tqdm import tqdm

    return tqdm(total=total, unit="run", disable=not shown, file=sys.stderr, dynamic_ncols=True)


class Log:
    """``batch.log`` beside the results: a line an event, and one of progress now and then; ``tail -f`` follows it.

    Times are for people; nothing is decided by them. A store that is an address keeps none, and a log that cannot be
    written stops nothing.
    """

    def __init__(self, place: Place, shard: str = "") -> None:
        name = f"batch-{shard}.log" if shard else "batch.log"
        self.path = place.path / name if isinstance(place, Folder) else None
        self._last = time.monotonic()

    def note(self, text: str) -> None:
        """Add a line."""
        if self.path is None:
            return
        when = datetime.now().astimezone().isoformat(timespec="seconds")
        try:
            with self.path.open("a", encoding="utf-8") as file:
                file.write(f"{when} {' '.join(text.split())}\n")
        except OSError:
            self.path = None

    def progress(self, tally: Tally, total: int) -> None:
        """Add a line on how far it is, at most one in EVERY seconds."""
        if time.monotonic() - self._last < EVERY:
            return
        self._last = time.monotonic()
        ended = tally.done + tally.failed
        pace = ended / max(tally.seconds, 1e-9)
        left = (total - ended) / max(pace, 1e-9)
        self.note(f"{ended} of {total} runs, {tally.failed} failed, {pace:.3g} a second, {_time(left)} left")


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
