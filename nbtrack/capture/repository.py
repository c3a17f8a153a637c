"""The git repository in which the code lies: commit, branch, what is changed.

git is asked as a program, never for long, and it can neither ask back, reach the
network, start a repository's own programs nor write. Where there is no git, no
repository, or an answer takes too long, nothing is known, and nobody is told.
"""

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from nbtrack.capture.redaction import address_without_secrets, without_secrets
from nbtrack.forks import kept_from_forks
from nbtrack.records import Json

TIMEOUT_S = 5.0
"""How long git may take for one answer."""
LONGEST_DIFF_BYTES = 1_000_000
"""What is kept of a diff: whole files, as many as fit."""

_LONGEST_ANSWER_BYTES = 10_000_000
_BEGINNING = b"diff --git "
_SETTINGS = {
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "true",
    "SSH_ASKPASS": "true",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",  # none: nothing is fetched
    "GIT_PAGER": "cat",
    "LC_ALL": "C",
}
_NOT_PASSED_ON = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_EXTERNAL_DIFF"})
"""Set inside of git's hooks; they would name another repository than the code's."""
_COMMAND = (
    *("git", "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null"),
    *("-c", "core.quotePath=false", "-C"),
)
_DIFF = ("--no-color", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty")


@dataclass(frozen=True, slots=True)
class Repository:
    """How a repository stood when it was looked at.

    Attributes:
        root: Its folder.
        commit: The commit that is checked out, 40 digits; "" before the first one.
        branch: The branch, or "" where none is checked out.
        remote: Address of the remote repository, without credentials; "" without one.
        upstream: The remote branch that the branch follows, or "".
        is_ahead: Whether it has commits that the remote branch had not when git last looked.
        is_dirty: Whether a file that git knows is changed.
    """

    root: Path
    commit: str
    branch: str
    remote: str
    upstream: str
    is_ahead: bool
    is_dirty: bool

    def described(self) -> dict[str, Json]:
        """Return it as runs know it."""
        return {
            "remote": self.remote,
            "commit": self.commit,
            "branch": self.branch,
            "dirty": self.is_dirty,
            "root": str(self.root),
        }


def repository_of(folder: Path, remote: str = "origin") -> Repository | None:
    """Return the repository in which a folder lies; None without one that answers.

    Args:
        folder: Where the code lies.
        remote: Name of the remote repository.
    """
    above = (folder, *folder.parents)
    root = next((one for one in above if (one / ".git").exists()), None)
    if root is None:
        return None
    status = _asked(root, "status", "--porcelain=v2", "--branch", "--untracked-files=no", "-z")
    if status is None:
        return None
    lines = status.decode(errors="replace").split("\0")
    heads = [line.split(" ", 2) for line in lines if line.startswith("# branch.")]
    told = {head[1]: head[2] for head in heads if len(head) == 3}  # noqa: PLR2004 - "# name value"
    address = _asked(root, "config", "--get", f"remote.{remote}.url") or b""
    return Repository(
        root=root,
        commit=told.get("branch.oid", "").replace("(initial)", ""),
        branch=told.get("branch.head", "").replace("(detached)", ""),
        remote=address_without_secrets(address.decode(errors="replace")),
        upstream=told.get("branch.upstream", ""),
        is_ahead=not told.get("branch.ab", "+0").startswith("+0"),
        is_dirty=any(line and not line.startswith("# ") for line in lines),
    )


def differences(repository: Repository) -> dict[str, str]:
    """Return what is changed, by the name of a file: without secrets, and of limited length.

    `diff.patch` is what was not committed. Where the branch has commits that are nowhere
    else, `diff_<upstream>.patch` holds these as well. Notebooks are left out: the
    executed cells and a copy of the notebook are kept.
    """
    wanted = {}
    if repository.is_dirty and repository.commit:
        wanted["diff.patch"] = "HEAD"
    if repository.is_ahead and repository.upstream:
        wanted[f"diff_{repository.upstream.replace('/', '_')}.patch"] = repository.upstream
    found = {name: _diff(repository.root, against) for name, against in wanted.items()}
    return {name: text for name, text in found.items() if text}


def _diff(root: Path, against: str) -> str:
    told = _asked(root, "diff", *_DIFF, against, "--", ".", ":(exclude,icase)*.ipynb")
    if not told:
        return ""
    if len(told) <= LONGEST_DIFF_BYTES:
        return without_secrets(told.decode(errors="replace"))
    limit = f"{LONGEST_DIFF_BYTES / 1e6:g} MB"
    fitting = without_secrets(_fitting(told).decode(errors="replace"))
    return (
        f"Some changed files are left out: what is kept of a diff is at most {limit}.\n\n{fitting}"
    )


def _fitting(diff: bytes) -> bytes:
    """Return the part of a diff with the files that fit together."""
    files = diff.split(b"\n" + _BEGINNING)
    if len(diff) > _LONGEST_ANSWER_BYTES:
        files.pop()  # it was cut off
    kept: list[bytes] = []
    room = LONGEST_DIFF_BYTES
    for file in files:
        if len(file) <= room:
            kept.append(_BEGINNING + file.removeprefix(_BEGINNING) + b"\n")
            room -= len(kept[-1])
    return b"".join(kept)


def _asked(root: Path, *arguments: str) -> bytes | None:
    """Return what git answers, up to a length; None where it fails or takes too long."""
    environment = {name: text for name, text in os.environ.items() if name not in _NOT_PASSED_ON}
    try:
        with kept_from_forks():
            process = subprocess.Popen(  # noqa: S603 - nothing of it is the user's text
                [*_COMMAND, str(root), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={**environment, **_SETTINGS},
                start_new_session=True,  # a Ctrl-C is not for it
            )
    except OSError:
        return None
    with _ended_after(process, TIMEOUT_S), process:
        told = process.stdout.read(_LONGEST_ANSWER_BYTES + 1) if process.stdout else b""
        is_cut = len(told) > _LONGEST_ANSWER_BYTES
        if is_cut:
            _end(process)
    return told if process.returncode == 0 or is_cut else None


@contextlib.contextmanager
def _ended_after(process: "subprocess.Popen[bytes]", timeout_s: float) -> Iterator[None]:
    timer = threading.Timer(timeout_s, _end, [process])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a program with all that it started."""
    with contextlib.suppress(OSError):  # it has ended by itself
        os.killpg(process.pid, signal.SIGKILL)
