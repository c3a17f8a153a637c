"""Which workspaces this server shows: its root's, and those that kernels announced.

A kernel announces the workspace it writes to by a small file in a folder that only
the user can write to. The browser never names a path: it names an id from this list.
"""

import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path

from jupyter_core.paths import jupyter_runtime_dir

from nbtrack import store
from nbtrack.errors import RunNotFoundError, UsageError
from nbtrack.lab.announcements import WORKSPACE, announced, sweep

_READ_ANEW_S = 30.0  # what could not be read a moment ago may be there
_TICK_NS = 2_000_000_000  # a folder may change twice within one tick of its clock
_MOST_WORKSPACES = 64  # each one costs a look at its list of runs every 0.5 s


@dataclass(frozen=True, slots=True)
class Workspace:
    """A folder of runs under the name that the browser knows it by.

    Attributes:
        id: Opaque, the same as long as the folder stays where it is.
        root: The `.nbtrack` folder, absolute, links resolved.
    """

    id: str
    root: Path


@dataclass(frozen=True, slots=True)
class _Announced:
    """What kernels announced.

    Attributes:
        changed_ns: When their folder changed last.
        at_s: When it was read.
        paths: The newest first.
    """

    changed_ns: int
    at_s: float
    paths: list[Path]


def registry_folder() -> Path:
    """Return the folder where this user's kernels announce their workspaces."""
    return Path(jupyter_runtime_dir()) / "nbtrack-workspaces"


class Workspaces:
    """The workspaces that a server knows, looked up anew at every question.

    Announcements are left behind by the dozen. While their folder stands as it is they are
    not read again; each workspace is asked only whether it is there, and the same folder.
    Every method reads the disk: call them on a store thread.

    Attributes:
        server_root: Root folder of the server's file browser.
    """

    def __init__(self, server_root: Path, registry: Path) -> None:
        """Keep where to look.

        Args:
            server_root: Root folder of the server's file browser; its `.nbtrack` may
                appear later.
            registry: Folder of the announcements; it may appear later, too.
        """
        self.server_root = server_root
        self._registry = registry
        self._read: _Announced | None = None
        self._resolved: dict[Path, tuple[tuple[int, int], Workspace]] = {}

    def known(self) -> list[Workspace]:
        """Return the workspaces that exist now, the server root's first."""
        own = self._there([self.server_root / WORKSPACE])
        others = islice(self._there(self._announcements()), _MOST_WORKSPACES)
        return list({each.id: each for each in chain(own, others)}.values())

    def sweep(self, now_s: float) -> None:
        """Remove announcements of workspaces that are gone since long ago.

        Args:
            now_s: Seconds since the epoch.
        """
        sweep(self._registry, now_s)

    def named(self, workspace_id: str | None) -> list[Workspace]:
        """Return the workspace of that id, or all of them for None.

        Raises:
            RunNotFoundError: If the server knows no workspace of that id.
        """
        known = self.known()
        if workspace_id is None:
            return known
        chosen = [each for each in known if each.id == workspace_id]
        if not chosen:
            raise RunNotFoundError(
                "This server knows no such workspace any more. Reload the page to see those it has."
            )
        return chosen

    def holding(self, uid: str, workspace_id: str | None = None) -> Workspace:
        """Return the workspace that has a run.

        Raises:
            UsageError: If `uid` is not the name of a run's folder.
            RunNotFoundError: If no workspace has such a run.
        """
        # Checked before anything else, so that a bad uid is told also without a workspace.
        store.run_folder(self.server_root, uid)
        named = self.named(workspace_id)
        for workspace in named:
            folder = store.run_folder(workspace.root, uid)
            if folder.is_dir() and not folder.is_symlink():
                return workspace
        if any(store.is_trashed(workspace.root, uid) for workspace in named):
            raise RunNotFoundError(
                "This run is in the trash. To restore it, open the table of runs, click Trash and "
                "choose it there."
            )
        raise RunNotFoundError(
            f"No run {uid!r} is in the workspaces of this server. It may have been removed."
        )

    def home(self, uids: Sequence[str], workspace_id: str | None) -> Workspace:
        """Return the workspace that has some runs, where it is one.

        Raises:
            UsageError: If they are of several, or a uid is not the name of a run's folder.
            RunNotFoundError: If none of them is there, or there is no such workspace.
        """
        roots = Counter(root for root in self.homes(uids, workspace_id).values() if root)
        found = [workspace for workspace in self.named(workspace_id) if workspace.root in roots]
        if not found:
            raise RunNotFoundError("None of these runs is in a workspace of this server any more.")
        if len(found) > 1:
            shares = ", ".join(f"{count} in {root}" for root, count in roots.most_common())
            raise UsageError(
                f"These runs lie in several workspaces ({shares}), and a comparison reads one. "
                "Choose runs of one of them."
            )
        return found[0]

    def homes(self, uids: Sequence[str], workspace_id: str | None) -> dict[str, Path | None]:
        """Return by uid the root of the workspace that has a run, or has it in its trash.

        None stands for a run that none has.

        Raises:
            UsageError: If a uid is not the name of a run's folder.
            RunNotFoundError: If the server knows no workspace of that id.
        """
        roots = [workspace.root for workspace in self.named(workspace_id)]
        return {
            uid: next((root for root in roots if store.has_run(root, uid)), None) for uid in uids
        }

    def _announcements(self) -> list[Path]:
        """Return the paths that kernels announced, the newest first."""
        changed_ns, read, now_s = _changed_ns(self._registry), self._read, time.monotonic()
        if read is not None and read.changed_ns == changed_ns and now_s - read.at_s < _READ_ANEW_S:
            return read.paths
        paths = announced(self._registry)
        is_settled = time.time_ns() - changed_ns > _TICK_NS
        self._read = _Announced(changed_ns, now_s, paths) if is_settled else None
        return paths

    def _there(self, roots: list[Path]) -> Iterator[Workspace]:
        return (found for root in roots if (found := self._workspace(root)) is not None)

    def _workspace(self, root: Path) -> Workspace | None:
        try:
            found = os.stat(root)  # noqa: PTH116 - 64 of them, twice a second
        except (OSError, ValueError):  # ValueError: a zero byte
            self._resolved.pop(root, None)
            return None
        sign = (found.st_dev, found.st_ino)
        known = self._resolved.get(root)
        if known is not None and known[0] == sign:
            return known[1]
        workspace = _resolved(root)
        if workspace is not None:
            self._resolved[root] = (sign, workspace)
        return workspace


def _resolved(root: Path) -> Workspace | None:
    try:
        resolved = root.resolve()
        if not resolved.is_dir():
            return None
    except (OSError, ValueError):  # ValueError: a zero byte
        return None
    digest = sha256(os.fsencode(resolved)).hexdigest()
    return Workspace(id=digest[:16], root=resolved)


def _changed_ns(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0
