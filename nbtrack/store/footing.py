"""Where the database of a workspace lies: in the workspace, or on this host's own disk.

DuckDB trusts locks. On a network file system, and where locks lie or are missing, two
processes that write to one file damage it within seconds. Such a workspace is *shared*:
its kernels only write their journals, and what is derived from those, the database,
lies in a private folder per host, user and workspace.

Nothing here raises or waits, except for the file system itself.
"""

import os
import socket
import stat
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from nbtrack.store.layout import NETWORK_WORD, PRIVATE_FOLDER, make_private
from nbtrack.store.turnstile import keeps_locks
from nbtrack.store.workspace import said_network

NOWHERE = Path(os.devnull) / "nbtrack"  # nothing can be made below a file

# By the names that Linux, macOS and the BSDs give them.
_SERVERS = "afpfs afs auristorfs cifs coda davfs ftp ncpfs nfs nfs3 nfs4 smb smb2 smb3 smbfs webdav"
# Some of these keep locks across hosts, if they are mounted so: nobody can tell from here.
_CLUSTERS = (
    "acfs beegfs beegfs_nodev ceph cvfs fhgfs gfs gfs2 glusterfs gpfs lustre lustre_lite mmfs "
    "ocfs2 orangefs panfs pvfs2 quobyte wekafs"
)
# A host's folders in its guests: the locks of one are not seen by the other.
_HOSTS = "9p drvfs fakeowner grpcfuse osxfs prl_fs vboxsf virtiofs vmhgfs"
NETWORK = frozenset(f"{_SERVERS} {_CLUSTERS} {_HOSTS}".split())
"""Types of file systems whose locks other machines may not see. `overlay` is none of them:
the layer that is written to has one mount and lies on a disk (the kernel refuses NFS)."""

_LOCAL_PROGRAMS = (
    "encfs exfat ext2 ext4 fuse-overlayfs fuse2fs gocryptfs mergerfs ntfs ntfs-3g unionfs zfs"
)
LOCAL_FUSE = frozenset({"fuseblk", *(f"fuse.{name}" for name in _LOCAL_PROGRAMS.split())})
"""Programs that show a local disk. Every other one may well be a bridge to a server."""


@dataclass(frozen=True, slots=True)
class Footing:
    """What the store of a workspace stands on.

    Attributes:
        folder: Where `nbtrack.duckdb`, `gate` and `lock` lie.
        is_shared: Whether that is apart from the workspace, because other hosts may
            work with it, or its locks cannot be trusted.
        reason: Why, as the end of a sentence about the workspace.
        has_locks: Whether the locks in `folder` can be trusted.
    """

    folder: Path
    is_shared: bool
    reason: str
    has_locks: bool = True


_CACHE = "NBTRACK_CACHE_DIR"
_KNOWN: dict[str, tuple[object, Footing]] = {}


def footing_of(root: Path) -> Footing:
    """Return what a workspace stands on; looked up once as long as nothing is changed.

    Args:
        root: The `.nbtrack` folder, which need not exist.
    """
    root = root if root.is_absolute() else root.absolute()  # what is known outlives a `chdir`
    name = str(root)
    known = _KNOWN.get(name)
    try:
        signs = (os.stat(name).st_dev, _word_at(name), os.environ.get(_CACHE))  # noqa: PTH116 - asked at every window
    except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a zero byte
        return Footing(root, is_shared=False, reason="is not there yet")
    except OSError as error:  # a server that does not answer: what was known still holds
        return known[1] if known else _unread(error)
    try:
        if known is None or known[0] != signs:
            known = _KNOWN[name] = (signs, _found(root, said=said_network(root)))
    except (OSError, RuntimeError, ValueError) as error:
        return _unread(error)
    return known[1]


def filesystem_of(folder: Path) -> str:
    """Return the type of the file system on which a folder lies, "" where it is not known."""
    try:
        if sys.platform == "linux":
            return _type_on_linux(folder)
        return _type_elsewhere(folder.resolve())
    except (OSError, ValueError, LookupError):
        return ""


def is_network(kind: str) -> bool:
    """Tell whether other machines may work with files on file systems of a type."""
    kind = kind.lower()
    if kind.startswith(("fuse", "macfuse", "osxfuse")):
        return kind not in LOCAL_FUSE
    return kind in NETWORK


def type_of_mount(mounts: str, sign: str) -> str:
    """Return the type of a mounted file system.

    Args:
        mounts: Lines as `/proc/self/mountinfo` has them. Names are escaped there, so that
            a blank always separates fields.
        sign: The number of the mount, or the numbers `major:minor` of its device; of
            several mounts of a device the last one holds.

    Raises:
        LookupError: If there is none.
    """
    column = 2 if ":" in sign else 0
    for line in reversed(mounts.split("\n")):  # other ends of lines may be part of a name
        fields = line.split(" ")
        if len(fields) > column and fields[column] == sign:
            return fields[fields.index("-", 6) + 1]
    raise LookupError(sign)


def _type_on_linux(folder: Path) -> str:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # The kernel says on which mount an open file lies. Its path would have to be followed
        # through links, and through mounts that hide others.
        said = Path(f"/proc/self/fdinfo/{descriptor}").read_text("ascii")
        device = os.fstat(descriptor).st_dev
    finally:
        os.close(descriptor)
    # As bytes: a text's reader takes a carriage return in a name for the end of a line.
    mounts = Path("/proc/self/mountinfo").read_bytes().decode("utf-8", "surrogateescape")
    number = dict(line.split(":", 1) for line in said.splitlines()).get("mnt_id", "").strip()
    return type_of_mount(mounts, number or f"{os.major(device)}:{os.minor(device)}")


def _type_elsewhere(folder: Path) -> str:
    import psutil

    if str(folder).startswith("\\\\"):
        return "smb"
    homes = [
        part for part in psutil.disk_partitions(all=True) if folder.is_relative_to(part.mountpoint)
    ]
    home = max(homes, key=lambda part: len(part.mountpoint))
    return "smb" if "remote" in home.opts.split(",") else home.fstype


def _unread(error: Exception) -> Footing:
    return Footing(NOWHERE, is_shared=True, reason=f"cannot be read: {error}")


def _word_at(root: str) -> tuple[int, int] | None:
    """Return what changes when somebody says something about the file system."""
    try:
        found = os.stat(f"{root}/{NETWORK_WORD}")  # noqa: PTH116 - asked at every window
    except FileNotFoundError:
        return None
    return (found.st_ino, found.st_mtime_ns)


def _found(root: Path, *, said: bool | None) -> Footing:
    if said is False:
        return Footing(root, is_shared=False, reason="was said to be on a local file system")
    kind = filesystem_of(root)
    if said:
        reason = "was said to be on a network file system"
    elif is_network(kind):
        reason = f"lies on a network file system ({kind})"
    elif not keeps_locks(root):
        reason = f"lies on a file system ({kind or 'of unknown type'}) that does not keep locks"
    else:
        return Footing(root, is_shared=False, reason=f"lies on a local file system ({kind})")
    folder, has_locks = _derived(root)
    return Footing(folder, is_shared=True, reason=reason, has_locks=has_locks)


def _derived(root: Path) -> tuple[Path, bool]:
    """Return a folder for what is derived from a workspace, and whether its locks can be trusted.

    The first with locks; without one, any; where there is none at all, `NOWHERE`.
    """
    # With the host's name: a home, and a cache in it, may be shared by hosts.
    identity = b"\0".join([os.fsencode(socket.gethostname()), os.fsencode(root.resolve())])
    name = sha256(identity).hexdigest()[:24]
    without_locks = NOWHERE
    for place in _places():
        folder = place / name
        if not _is_made(folder):
            continue
        if not is_network(filesystem_of(folder)) and keeps_locks(folder):
            return folder, True
        without_locks = folder if without_locks == NOWHERE else without_locks
    return without_locks, False


def _places() -> Iterator[Path]:
    """Yield where derived files may lie, the best place first."""
    named = os.environ.get(_CACHE)
    if named:
        yield Path(os.path.expanduser(named)).absolute()  # noqa: PTH111 - as below
        return
    cache = os.environ.get("XDG_CACHE_HOME", "")
    cache = cache if Path(cache).is_absolute() else os.path.expanduser("~/.cache")  # noqa: PTH111 - Path raises without a home
    places = [Path(cache) / "nbtrack"] if Path(cache).is_absolute() else []
    yield from (place for place in places if _is_made(place))
    if (temporary := private_temporary_folder()) is not None:
        yield temporary


def private_temporary_folder() -> Path | None:
    """Return this user's folder for temporary files, or None where there can be none."""
    try:
        place = Path(tempfile.gettempdir()) / f"nbtrack-{_user()}"
    except OSError:
        return None
    return place if _is_made(place) else None


def _is_made(folder: Path) -> bool:
    """Make a folder; tell whether it is there, and nobody's but this user's.

    In a folder that all may write to, another user may have made it, or a link, to read
    or to change what is put there.
    """
    try:
        make_private(folder)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != _user(found.st_uid):
            return False
        if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
            folder.chmod(PRIVATE_FOLDER)
    except OSError:
        return False
    return True


def _user(otherwise: int = 0) -> int:
    return os.getuid() if hasattr(os, "getuid") else otherwise
