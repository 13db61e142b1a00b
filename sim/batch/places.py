"""Where a store lies: a folder of this machine or a shared disk, or an address that fsspec opens; whole files only.

A file appears under its name only when it is complete, so that readers and a stop at any moment see whole files.
"""

from __future__ import annotations

import contextlib
import os
import posixpath
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, Protocol

from sim.strict import InputError

UNFINISHED = ".unfinished-"
"""How a file is named while it is being written; what a killed process leaves under such a name is nobody's."""


class Place(Protocol):
    """The root of a store. Names are relative and have ``/`` between folder and file.

    Every method raises OSError as Python's own do: FileNotFoundError for what is not there, and so on.
    """

    @property
    def shown(self) -> Path | str:
        """What to write on a command line for it."""

    def names(self, below: str = "") -> list[str]:
        """Visible files and folders directly below a folder, sorted; none where it is not there."""

    def leavings(self, below: str) -> list[str]:
        """Files that were never finished."""

    def exists(self, name: str) -> bool: ...

    def read(self, name: str) -> bytes: ...

    def source(self, name: str) -> Any:
        """What pyarrow opens to read a file."""

    def address(self, name: str) -> str:
        """What other programs open to read a file."""

    def write(self, name: str, content: bytes) -> None:
        """Put a whole file there, in place of one of that name."""

    def unfinished(self, below: str) -> AbstractContextManager[Path]:
        """A file of this machine to write into, which :meth:`finish` moves to its place; removed otherwise."""

    def finish(self, written: Path, name: str) -> None: ...

    def remove(self, name: str) -> None:
        """Nothing where it is gone already."""


@dataclass(frozen=True)
class Folder:
    """A folder of this machine, or of a disk that several share."""

    path: Path

    @property
    def shown(self) -> Path | str:
        return self.path

    def names(self, below: str = "") -> list[str]:
        try:
            return sorted(entry.name for entry in os.scandir(self.path / below) if not entry.name.startswith("."))
        except (FileNotFoundError, NotADirectoryError):
            return []

    def leavings(self, below: str) -> list[str]:
        return [posixpath.join(below, path.name) for path in (self.path / below).glob(f"{UNFINISHED}*")]

    def exists(self, name: str) -> bool:
        return (self.path / name).exists()

    def read(self, name: str) -> bytes:
        return (self.path / name).read_bytes()

    def source(self, name: str) -> Any:
        return str(self.path / name)

    def address(self, name: str) -> str:
        return str(self.path / name)

    def write(self, name: str, content: bytes) -> None:
        target = self.path / name
        with self.unfinished(posixpath.dirname(name)) as draft:
            draft.write_bytes(content)
            os.replace(draft, target)

    @contextmanager
    def unfinished(self, below: str) -> Iterator[Path]:
        folder = self.path / below
        folder.mkdir(parents=True, exist_ok=True)
        draft = folder / f"{UNFINISHED}{uuid.uuid4().hex}"
        try:
            yield draft
        finally:
            with contextlib.suppress(OSError):
                draft.unlink(missing_ok=True)

    def finish(self, written: Path, name: str) -> None:
        with written.open("rb+") as file:  # parts that this file replaces go next: it must outlive a loss of power
            os.fsync(file.fileno())
        os.replace(written, self.path / name)

    def remove(self, name: str) -> None:
        (self.path / name).unlink(missing_ok=True)


@dataclass(frozen=True)
class Remote:
    """An address such as ``s3://bucket/x``. Its system must put whole files in their place, as object stores do."""

    url: str

    @cached_property
    def _opened(self) -> tuple[Any, str]:
        try:
            from fsspec.core import url_to_fs
        except ImportError:
            raise InputError(
                f'{self.url} needs fsspec, which is not installed: pip install "majilis[cluster]".'
            ) from None
        try:
            system, root = url_to_fs(self.url)
        except (ImportError, ValueError) as fault:  # no such protocol, or its package is not installed
            raise InputError(f"{self.url} cannot be opened: {fault}") from None
        return system, root.rstrip("/")

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url}  # each process opens it for itself

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    @property
    def _system(self) -> Any:
        return self._opened[0]

    def _path(self, name: str) -> str:
        return f"{self._opened[1]}/{name}" if name else self._opened[1]

    @property
    def shown(self) -> Path | str:
        return self.url

    def _listed(self, below: str) -> list[str]:
        self._system.invalidate_cache()
        try:
            found = self._system.ls(self._path(below), detail=False)
        except (FileNotFoundError, NotADirectoryError):
            return []
        return sorted(name for one in found if (name := posixpath.basename(str(one).rstrip("/"))))

    def names(self, below: str = "") -> list[str]:
        return [name for name in self._listed(below) if not name.startswith(".")]

    def leavings(self, below: str) -> list[str]:
        return [posixpath.join(below, name) for name in self._listed(below) if name.startswith(UNFINISHED)]

    def exists(self, name: str) -> bool:
        return bool(self._system.exists(self._path(name)))

    def read(self, name: str) -> bytes:
        content: bytes = self._system.cat_file(self._path(name))
        return content

    def source(self, name: str) -> IO[bytes]:
        opened: IO[bytes] = self._system.open(self._path(name), "rb")
        return opened

    def address(self, name: str) -> str:
        return f"{self.url.rstrip('/')}/{name}"

    def write(self, name: str, content: bytes) -> None:
        with self.unfinished("") as draft:
            draft.write_bytes(content)
            self.finish(draft, name)

    @contextmanager
    def unfinished(self, below: str) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(prefix="majilis-"))
        try:
            yield folder / "draft"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def finish(self, written: Path, name: str) -> None:
        """Upload it. Where the system has folders it goes under another name first: there a name shows half a file."""
        target = self._path(name)
        if not _has_folders(self._system):
            self._system.put_file(str(written), target)
            return
        draft = posixpath.join(posixpath.dirname(target), f"{UNFINISHED}{uuid.uuid4().hex}")
        self._system.makedirs(posixpath.dirname(target), exist_ok=True)
        try:
            self._system.put_file(str(written), draft)
            self._system.mv(draft, target)
        except BaseException:
            with contextlib.suppress(OSError):
                self._system.rm_file(draft)
            raise

    def remove(self, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            self._system.rm_file(self._path(name))


def _has_folders(system: Any) -> bool:
    """Whether a file can be seen while it is written; object stores show an upload when it has ended."""
    protocol = {system.protocol} if isinstance(system.protocol, str) else set(system.protocol)
    return not protocol & {"s3", "s3a", "gs", "gcs", "abfs", "az", "adl", "oss", "memory"}


def place(asked: Path | str) -> Place:
    """The place that a path or an address means. Raises InputError where fsspec is needed and missing."""
    text = os.fspath(asked)
    if "://" in text:
        found = Remote(text)
        _ = found._opened  # told now rather than by the first worker
        return found
    return Folder(Path(text))
