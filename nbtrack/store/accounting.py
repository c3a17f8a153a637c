"""What a workspace takes on the disk, every byte of it.

Two sizes are told of everything: how long files are, and what the disk gives them. They
differ where files have holes, or are smaller than the disk's blocks. A link counts as
itself; a folder takes room, too.
"""

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from nbtrack.store.database import Database, UnavailableError
from nbtrack.store.layout import DATABASE, JOURNAL, SEALED, database_path, is_uid
from nbtrack.store.spill import NAME as SPILL

_BLOCK_BYTES = 512  # what `st_blocks` counts, whatever the disk's own blocks are


@dataclass(frozen=True, slots=True)
class Room:
    """Room on a disk; it can be added.

    Attributes:
        bytes: How long the files are, all together.
        on_disk: What the disk gives them, bytes.
    """

    bytes: int = 0
    on_disk: int = 0

    def __add__(self, other: Self) -> Self:
        """Return both together."""
        return type(self)(self.bytes + other.bytes, self.on_disk + other.on_disk)


NONE = Room()


@dataclass(frozen=True, slots=True)
class RunUsage:
    """What one run takes.

    Attributes:
        uid: Of the run.
        journal: While it is written, and until it is packed.
        sealed: The packed journal.
        spill: What `log()` took last; there while the run is open.
        files: What belongs to the run.
        other: Everything else in its folder, and the folders.
        database: Its share of the database, by its rows; no room besides that.
    """

    uid: str
    journal: Room = NONE
    sealed: Room = NONE
    spill: Room = NONE
    files: Room = NONE
    other: Room = NONE
    database: Room = NONE

    @property
    def total(self) -> Room:
        """All that is in its folder."""
        return sum((self.journal, self.sealed, self.spill, self.files, self.other), NONE)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a workspace takes; the parts leave nothing out and count nothing twice.

    Attributes:
        runs: By uid, the largest first.
        database: The file.
        log: Of the database, what is not in the file yet.
        trash: Runs that were deleted and can come back.
        set_aside: Databases that could not be read, and what a killed compaction left.
        projects: The counters of projects.
        other: Everything else, and the folders.
        free: Part of `database` that holds nothing.
        unreadable: What could not be looked at.
    """

    runs: Mapping[str, RunUsage] = field(default_factory=dict)
    database: Room = NONE
    log: Room = NONE
    trash: Room = NONE
    set_aside: Room = NONE
    projects: Room = NONE
    other: Room = NONE
    free: int = 0
    unreadable: tuple[str, ...] = ()

    @property
    def total(self) -> Room:
        """All of it; what `du` says of the folder."""
        parts = (self.database, self.log, self.trash, self.set_aside, self.projects, self.other)
        return sum((*(run.total for run in self.runs.values()), *parts), NONE)


def usage(root: Path) -> Usage:
    """Return what a workspace takes; files that come and go meanwhile may be missed.

    Args:
        root: The `.nbtrack` folder; nothing is taken where there is none.
    """
    of_workspace: dict[str, Room] = {}
    of_runs: dict[str, dict[str, Room]] = {}
    unreadable: list[str] = []
    database = database_path(root)
    for parts, room in _walk(root, unreadable):
        if parts[:1] == ("runs",) and len(parts) > 1 and is_uid(parts[1]):
            _add(of_runs.setdefault(parts[1], {}), _part_of_run(parts[2:]), room)
        else:
            _add(of_workspace, _part_of_workspace(parts), room)
    if database.parent != root:  # on a disk of this host's own
        for path in sorted(database.parent.glob(f"{DATABASE}*")):
            with contextlib.suppress(OSError):
                _add(of_workspace, _part_of_workspace((path.name,)), _room(os.lstat(path)))
    shares, free = _shares(root, of_workspace.get("database", NONE))
    runs = [
        RunUsage(uid, **found, database=shares.get(uid, NONE)) for uid, found in of_runs.items()
    ]
    runs.sort(key=lambda one: (-one.total.on_disk, one.uid))
    return Usage(
        {one.uid: one for one in runs}, **of_workspace, free=free, unreadable=tuple(unreadable)
    )


def _part_of_workspace(parts: tuple[str, ...]) -> str:
    match parts:
        case ("trash", *_):
            return "trash"
        case ("projects", *_):
            return "projects"
        case (name,) if name == DATABASE:
            return "database"
        case (name,) if name == f"{DATABASE}.wal":
            return "log"
        case (name,) if name.startswith(f"{DATABASE}."):
            return "set_aside"
        case _:
            return "other"


def _part_of_run(parts: tuple[str, ...]) -> str:
    match parts:
        case (name,) if name == JOURNAL:
            return "journal"
        case (name,) if name == SEALED:
            return "sealed"
        case (name,) if name == SPILL:
            return "spill"
        case ("files", *_):
            return "files"
        case _:
            return "other"


def _walk(root: Path, unreadable: list[str]) -> Iterator[tuple[tuple[str, ...], Room]]:
    """Yield everything below a folder and itself, each with the names that lead there."""
    waiting: list[tuple[str, ...]] = [()]
    with contextlib.suppress(FileNotFoundError):
        yield (), _room(os.lstat(root))
    while waiting:
        parts = waiting.pop()
        try:
            with os.scandir(root.joinpath(*parts)) as entries:
                for entry in entries:
                    here = (*parts, entry.name)
                    with contextlib.suppress(FileNotFoundError):
                        yield here, _room(entry.stat(follow_symlinks=False))
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(here)
        except FileNotFoundError:
            continue  # it went meanwhile
        except OSError as error:
            unreadable.append(f"{root.joinpath(*parts)}: {error.strerror}")


def _room(found: os.stat_result) -> Room:
    blocks = getattr(found, "st_blocks", None)
    return Room(found.st_size, found.st_size if blocks is None else blocks * _BLOCK_BYTES)


def _add(rooms: dict[str, Room], name: str, room: Room) -> None:
    rooms[name] = rooms.get(name, NONE) + room


def _shares(root: Path, whole: Room) -> tuple[dict[str, Room], int]:
    """Return each run's part of the database, and how many bytes of it are free."""
    try:
        with Database(root).reading() as window:
            if window is None:
                return {}, 0
            rows = window.rows(
                "SELECT uid, row_count + line_count + 1 + coalesce((SELECT sum(n + n_other) "
                "FROM nb.keys k WHERE k.run_id = r.run_id), 0) FROM nb.runs r ORDER BY uid"
            )
            ((free,),) = window.rows(
                "SELECT free_blocks * block_size FROM pragma_database_size() "
                "WHERE database_name = 'nb'"
            )
    except UnavailableError:
        return {}, 0
    counts = {uid: int(count) for uid, count in rows}
    return _divided(whole, counts), int(free)


def _divided(whole: Room, counts: Mapping[str, int]) -> dict[str, Room]:
    """Divide a room by counts; the parts come to the whole."""
    total = sum(counts.values())
    shares: dict[str, Room] = {}
    seen, given = 0, NONE
    for uid, count in counts.items():
        seen += count
        upto = Room(whole.bytes * seen // total, whole.on_disk * seen // total)
        shares[uid] = Room(upto.bytes - given.bytes, upto.on_disk - given.on_disk)
        given = upto
    return shares
