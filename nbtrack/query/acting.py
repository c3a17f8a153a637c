"""Doing one thing to many runs: each is judged by itself, and one hinders no other."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbtrack import store
from nbtrack.errors import Error, UsageError
from nbtrack.query.editing import edit_details
from nbtrack.records import RunState

_NUMBERS = 2**63


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one run.

    Attributes:
        uid: Of the run.
        trouble: Why nothing was done to it; "" where it was.
        bytes: What its files take, or took, on the disk; 0 where nobody counted.
    """

    uid: str
    trouble: str = ""
    bytes: int = 0


def weigh_runs(root: Path, uids: Sequence[str]) -> list[Outcome]:
    """Return what the files of runs take, in the trash or not."""
    return _each(uids, lambda uid: store.weight_of(root, uid))


def trash_runs(root: Path, uids: Sequence[str]) -> list[Outcome]:
    """Move runs that have ended into the trash, and their rows out of the database."""
    outcomes = _each(uids, lambda uid: store.move_to_trash(root, uid).bytes)
    store.remove_rows(root, _done(outcomes))
    return outcomes


def restore_runs(root: Path, uids: Sequence[str]) -> list[Outcome]:
    """Bring runs back from the trash."""
    return _each(uids, lambda uid: store.restore_run(root, uid))


def purge_runs(root: Path, uids: Sequence[str]) -> list[Outcome]:
    """Delete runs for good, in the trash or not; `bytes` are those that are free again."""
    outcomes = _each(uids, lambda uid: store.delete_files(root, uid))
    store.forget_runs(root, _done(outcomes))
    return outcomes


def stop_runs(root: Path, uids: Sequence[str]) -> list[Outcome]:
    """Ask runs to stop; their kernels hear it a fraction of a second later."""
    return _each(uids, lambda uid: stop_run(root, uid))


def finish_runs(root: Path, uids: Sequence[str]) -> list[Outcome]:
    """Ask runs that stand still to finish; their kernels hear it a fraction of a second later."""
    return _each(uids, lambda uid: finish_run(root, uid))


def tag_runs(
    root: Path, uids: Sequence[str], *, add: Sequence[str], remove: Sequence[str]
) -> list[Outcome]:
    """Give runs the tags `add` and take the tags `remove` from them.

    Raises:
        UsageError: If a tag is to be added and removed, or there are no tags.
    """
    expect_tags(add, remove)

    def retag(uid: str) -> None:
        tags = store.Reader(root).run(uid).opened.tags
        wanted = retagged(tags, add, remove)
        if wanted != list(tags):
            edit_details(root, uid, tags=wanted)

    return _each(uids, retag)


def expect_tags(add: Sequence[str], remove: Sequence[str]) -> None:
    """Expect a change of tags that can be meant.

    Raises:
        UsageError: If a tag is to be added and removed, or there are no tags.
    """
    if not add and not remove:
        raise UsageError("which tags are to be added or removed? There are none.")
    if both := set(add) & set(remove):
        raise UsageError(f"{min(both)!r} is to be added and removed: choose one of both.")


def retagged(tags: Sequence[str], add: Sequence[str], remove: Sequence[str]) -> list[str]:
    """Return tags with some added at their end and some removed, each once."""
    return [one for one in dict.fromkeys([*tags, *add]) if one not in remove]


def stop_run(root: Path, uid: str) -> None:
    """Ask a run to stop.

    Raises:
        UsageError: If the uid is malformed.
        RunEndedError: If the run has ended.
        RunNotFoundError: If there is no such run.
        StoreError: If the request cannot be written.
    """
    _going_on(root, uid, "stop")
    store.request_stop(root, uid)


def finish_run(root: Path, uid: str, exit_code: int = 0) -> None:
    """Ask a run to finish in which nothing goes on.

    If a cell begins before the run's kernel hears it, the run ends with the cell, and as it.

    Args:
        root: The workspace.
        uid: Of the run.
        exit_code: 0 for `finished`, or as the cell went that began meanwhile; any other
            number for `failed`.

    Raises:
        UsageError: If the uid or the exit code is malformed, or something goes on.
        RunEndedError: If the run has ended.
        RunNotFoundError: If there is no such run.
        StoreError: If the request cannot be written.
    """
    if not isinstance(exit_code, int) or abs(exit_code) >= _NUMBERS:
        raise UsageError(f"exit_code must be a whole number of 64 bits, not {exit_code!r}.")
    facts = _going_on(root, uid, "finish")
    if facts.idle_us is None:
        raise UsageError(
            f"Run {facts.opened.name!r} is at work: wait until its cell or script has ended, "
            "or stop it."
        )
    store.request_finish(root, uid, exit_code)


class RunEndedError(UsageError):
    """The run that should end has ended already."""


def _going_on(root: Path, uid: str, wish: store.Wish) -> store.RunFacts:
    """Return a run that somebody wants to end, or say that it has."""
    facts = store.Reader(root).run(uid)
    if not facts.state.goes_on:
        raise RunEndedError(f"Run {facts.opened.name!r} {_standing(facts, wish)}")
    return facts


def _standing(facts: store.RunFacts, wish: store.Wish) -> str:
    if facts.state is RunState.CRASHED:
        path = f"{facts.opened.project}/{facts.opened.id}"
        return (
            f"has crashed: its process is gone, and nothing is left to {wish}. If you know how it "
            f"went, type\n    nbtrack.Api().run({path!r}).update_state('failed')"
        )
    if facts.state is RunState.PENDING:
        return f"is pending: no process has begun it yet, so there is nothing to {wish}."
    return f"is {facts.state} already: nothing is left to {wish}."


def _each(uids: Sequence[str], work: Callable[[str], int | None]) -> list[Outcome]:
    return [_outcome(uid, work) for uid in dict.fromkeys(uids)]


def _outcome(uid: str, work: Callable[[str], int | None]) -> Outcome:
    try:
        return Outcome(uid, bytes=work(uid) or 0)
    except Error as error:
        return Outcome(uid, str(error))


def _done(outcomes: Sequence[Outcome]) -> list[str]:
    return [one.uid for one in outcomes if not one.trouble]
