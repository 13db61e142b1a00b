"""Where compiled kernels are kept, and the one line that is said before any is compiled.

They lie below the user's folder for caches, and nothing is written beside the sources. By itself numba looks only at
the file of the function that is called: it would go on with what it once compiled although a function called from
another file has changed. So the folder is named after the sources of all kernels, and old ones are removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import multiprocessing
import os
import pkgutil
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numba
from llvmlite import binding
from numba.core import event
from numba.core.dispatcher import Dispatcher

from sim.strict import InputError

VARIABLE = "NUMBA_CACHE_DIR"
CONFIG: Any = numba.config
HERE, OURS = Path(__file__).parent, "sim.kernels."
SECONDS = 20  # what compiling all kernels takes, measured on one processor of 2024
KEPT = 4  # folders of one installation: versions of the sources, and of numba, that may be in use by turns


class Place(NamedTuple):
    """The folder in use, and the folders that were wanted first and cannot be written."""

    folder: Path
    refused: tuple[Path, ...]


def load_kernels() -> None:
    """Import every kernel. Numba chooses the folder at this moment, so that no other code's folder is touched."""
    before, CONFIG.CACHE_DIR = CONFIG.CACHE_DIR, str(place().folder)
    try:
        for module in pkgutil.iter_modules([str(HERE)], OURS):
            importlib.import_module(module.name)
    finally:
        CONFIG.CACHE_DIR = before
    event.register("numba:compile", _Notice(empty=not any(place().folder.rglob("*.nbi"))))


def all_there() -> bool:
    """Whether every kernel was compiled before by this Python on this kind of processor."""
    return _mark().exists()


def note_all_there() -> None:
    """Remember that every kernel has been compiled."""
    _mark().touch()


def _mark() -> Path:
    """A file that is there when every kernel is: a user's folder may serve several machines."""
    processor = f"{binding.get_host_cpu_name()} {binding.get_host_cpu_features().flatten()}"
    asked = f"{CONFIG.CPU_NAME} {CONFIG.CPU_FEATURES}"
    return place().folder / f"all-{sys.implementation.cache_tag}-{_digest(processor.encode(), asked.encode())}"


@cache
def place() -> Place:
    """Where this process keeps what it compiles.

    Raises InputError where no folder can be written.
    """
    name = f"{HERE.parent.parent.name}-{_digest(str(HERE).encode())}"
    version = _digest(numba.__version__.encode(), *_sources(HERE))
    refused = []
    for root in _roots():
        folder = root / name / version
        try:
            new = not folder.is_dir()
            _make_own(folder, below=root)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            refused.append(root)
            continue
        if new:
            _forget_old(folder.parent)
        return Place(folder, tuple(refused))
    raise InputError(
        f"no folder can be written to keep compiled kernels in: tried {', '.join(map(str, refused))}. "
        f"Set {VARIABLE} to one that can."
    )


def _roots() -> Iterator[Path]:
    """Folders to try: what the user named, else the user's folder for caches; then a temporary one."""
    named = os.environ.get(VARIABLE) or CONFIG.CACHE_DIR
    with contextlib.suppress(RuntimeError):  # a user without a home
        yield Path(named).absolute() if named else _of_the_user() / "majilis"
    user = os.getuid() if hasattr(os, "getuid") else "user"
    with contextlib.suppress(OSError):  # there may be none
        yield Path(tempfile.gettempdir()) / f"majilis-{user}"


def _of_the_user() -> Path:
    """The user's folder for caches, by the custom of the system."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    named = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return named if named.is_absolute() else Path("~/.cache").expanduser()


def _make_own(folder: Path, below: Path) -> None:
    """Make a folder that nobody else can have put code into: what lies in it will be run. Raises OSError."""
    below.mkdir(mode=0o700, parents=True, exist_ok=True)
    shared = tempfile.gettempdir() if below.name.startswith("majilis-") else None
    if shared and below.parent == Path(shared) and hasattr(os, "getuid"):
        found = below.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            raise PermissionError(f"{below} is not this user's alone")
    folder.mkdir(parents=True, exist_ok=True)


def _forget_old(folders: Path) -> None:
    """Remove what was compiled from sources that have long been replaced."""
    with contextlib.suppress(OSError):
        newest_first = sorted(folders.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        for old in newest_first[KEPT:]:
            shutil.rmtree(old, ignore_errors=True)


def _sources(folder: Path) -> Iterable[bytes]:
    """Names and texts of the sources in and below a folder."""
    for path in sorted(folder.rglob("*.py")):
        yield path.relative_to(folder).as_posix().encode()
        yield path.read_bytes()


def _digest(*texts: bytes) -> str:
    whole = hashlib.blake2b(digest_size=6)
    for text in texts:
        whole.update(len(text).to_bytes(8, "little") + text)
    return whole.hexdigest()


class Tally(NamedTuple):
    """Kernels compiled by this process, and kernels found in the folder; each counts once for each type of argument."""

    compiled: int
    found: int


def tally() -> Tally:
    """What this process has compiled and found so far."""
    told = [kernel.stats for kernel in kernels()]
    return Tally(
        compiled=sum(sum(one.cache_misses.values()) for one in told),
        found=sum(sum(one.cache_hits.values()) for one in told),
    )


def kernels() -> Iterator[Any]:
    """Every kernel that is kept; those without a folder are compiled into others."""
    for name, module in list(sys.modules.items()):
        for thing in vars(module).values() if name.startswith(OURS) else ():
            if isinstance(thing, Dispatcher) and thing.py_func.__module__ == name and thing.stats.cache_path:
                yield thing


class _Notice(event.Listener):
    """Says once, before it happens, that kernels are being compiled. Workers say nothing: their parent has spoken."""

    def __init__(self, *, empty: bool) -> None:
        self.empty = empty
        self.said = multiprocessing.parent_process() is not None

    def on_start(self, event: Any) -> None:
        if not self.said and event.data["dispatcher"].py_func.__module__.startswith(OURS):
            self.said = True
            if sys.stderr is not None:
                print(self._line(), file=sys.stderr, flush=True)

    def on_end(self, event: Any) -> None:
        """Nothing is said of the end."""

    def _line(self) -> str:
        folder, refused = place()
        what = (
            f"compiling the voter kernels once, about {SECONDS} seconds"
            if self.empty
            else "compiling kernels that no run has needed so far, some seconds"
        )
        why = f" ({refused[0]} cannot be written; {VARIABLE} can name another folder)" if refused else ""
        return f"{what}; later starts use the cache in {folder}{why}"
