"""`run.save()` and `run.restore()`: files that belong to a run.

A run keeps copies, in its own folder. `now` copies a file once, `live` again whenever it
has changed, `end` when the run ends; so that what a run keeps stays what it was, also
when the original is deleted or written over.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from glob import has_magic
from pathlib import Path
from threading import Lock, Thread

from nbtrack.errors import StoreError, UsageError
from nbtrack.store import copy_file

POLICIES = ("live", "now", "end")
_ELSEWHERE = ("s3://", "gs://", "gcs://", "http://", "https://", "az://", "abfs://", "hdfs://")


@dataclass(slots=True)
class _Kept:
    """A file that is copied again.

    Attributes:
        source: The original.
        target: The copy.
        policy: `live` or `end`.
        stamp: Size and time of the original when it was copied; None before.
    """

    source: Path
    target: Path
    policy: str
    stamp: tuple[int, int] | None = None


class Files:
    """The files of one run.

    Attributes:
        folder: Where they are kept.
    """

    def __init__(self, folder: Path, say: Callable[[str, str], None]) -> None:
        """Begin without files; the folder is made for the first one.

        Args:
            folder: Of the run's files.
            say: Takes a cause and a text for the user.
        """
        self.folder = folder
        self._say = say
        self._kept: dict[Path, _Kept] = {}
        self._copying = Lock()

    def save(self, pattern: object, base_path: object, policy: object, *, glob: bool) -> list[str]:
        """Keep the files that a pattern means now; return where they are kept.

        Raises:
            UsageError: If an argument cannot be taken, or a file lies outside of `base_path`.
            StoreError: If a file cannot be copied.
        """
        if policy not in POLICIES:
            raise UsageError(f"policy must be one of {', '.join(POLICIES)}, not {policy!r}.")
        text = _path_text("glob_str", pattern)
        if text.startswith(_ELSEWHERE):
            self._say("saved elsewhere", f"{text!r} lies elsewhere and is not copied.")
            return []
        base = self._base(text, base_path)
        paths = _found(text, glob=glob)
        for path in paths:  # before folders are walked through: one may be the whole disk
            self._expect_below(path, base)
        found = [file for path in paths for file in _files_below(path)]
        if not found:
            self._say(f"nothing saved {text}", _missing(text, glob=glob))
        return [self._keep(file, base, str(policy)) for file in found]

    def refresh_soon(self) -> None:
        """Copy live files that have changed, on a thread of its own: they may be large."""
        live = (kept for kept in tuple(self._kept.values()) if kept.policy == "live")
        if any(_stamp(kept.source) not in (None, kept.stamp) for kept in live):
            Thread(target=self.refresh, name="nbtrack-files", daemon=True).start()

    def refresh(self, *, at_end: bool = False) -> None:
        """Copy live files that have changed; at the end of the run those that waited, too.

        What cannot be copied is said and tried again next time.
        """
        for kept in tuple(self._kept.values()):
            if kept.policy == "live" or at_end:
                self._copy_if_changed(kept)

    def _base(self, text: str, base_path: object) -> Path:
        """Return the folder from which names of files are counted."""
        if base_path is not None:
            return _absolute(_path_text("base_path", base_path))
        if not Path(text).expanduser().is_absolute():
            return _absolute(".")
        base = _absolute(text).parent.parent
        self._say(
            f"one level {text}",
            f"run.save({text!r}) keeps one folder of the path, below {str(base)!r}. To keep more "
            "or fewer, type run.save(..., base_path=...).",
        )
        return base

    def _keep(self, file: Path, base: Path, policy: str) -> str:
        if file.is_relative_to(self.folder):
            return str(file)
        self._expect_below(file, base)
        kept = _Kept(file, self.folder / file.relative_to(base), policy)
        if policy != "end":
            stamp = _stamp(file)
            copy_file(file, kept.target)
            kept.stamp = stamp
        if policy != "now":
            self._kept[kept.target] = kept
        return str(kept.target)

    def _expect_below(self, path: Path, base: Path) -> None:
        if not path.is_relative_to(base) and not path.is_relative_to(self.folder):
            raise UsageError(
                f"{str(path)!r} does not lie in {str(base)!r}. Type "
                f"run.save(..., base_path={str(path.parent)!r})."
            )

    def _copy_if_changed(self, kept: _Kept) -> None:
        with self._copying:
            stamp = _stamp(kept.source)
            if stamp is None or stamp == kept.stamp:
                return
            try:
                copy_file(kept.source, kept.target)
            except StoreError as error:
                self._say(f"copy {kept.source}", f"{error} It is tried again.")
                return
            kept.stamp = stamp


def _path_text(argument: str, given: object) -> str:
    if isinstance(given, bytes):
        return os.fsdecode(given)
    if not isinstance(given, str | os.PathLike) or not os.fspath(given):
        raise UsageError(f"{argument} must be a path, not {given!r}. Type run.save('model.pt').")
    return os.fspath(given)


def _absolute(path: str) -> Path:
    return Path(os.path.normpath(Path(path).expanduser().absolute()))


def _found(text: str, *, glob: bool) -> list[Path]:
    path = _absolute(text)
    if not glob or not has_magic(text):
        return [path] if path.exists() else []
    return sorted(Path(path.anchor).glob(str(path.relative_to(path.anchor))))


def _files_below(path: Path) -> Iterator[Path]:
    """Yield a file, or all files of a folder; a store's own folder is no part of it."""
    if path.is_file():
        yield path
        return
    for above, folders, names in os.walk(path):
        folders[:] = sorted(folder for folder in folders if folder != ".nbtrack")
        yield from (Path(above) / name for name in sorted(names))


def _missing(text: str, *, glob: bool) -> str:
    if glob and has_magic(text) and _absolute(text).exists():
        return (
            f"run.save({text!r}) found nothing, because it is a pattern; the file of that very "
            "name is there: type run.save(..., glob=False)."
        )
    return f"run.save({text!r}) found no file. It looks now, and not again later."


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns)
