"""What the table does to many runs, in whatever workspaces they are. On a store thread."""

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from nbtrack import query, store
from nbtrack.clock import MICROSECONDS
from nbtrack.lab.workspaces import Workspaces
from nbtrack.panels import clean
from nbtrack.panels.protocol import Reply
from nbtrack.panels.protocol_lists import Act, Outcome, Trash, TrashedHead

Work: TypeAlias = Callable[[Path, Sequence[str]], list[query.Outcome]]

_WORK: dict[str, Work] = {
    "trash": query.trash_runs,
    "restore": query.restore_runs,
    "purge": query.purge_runs,
    "stop": query.stop_runs,
    "finish": query.finish_runs,
    "weigh": query.weigh_runs,
}
_ALSO_IN_TRASH = frozenset({"restore", "purge", "weigh"})
_IN_TRASH = "This run is in the trash already. To change it, restore it first."


def act(workspaces: Workspaces, intent: Act, workspace_id: str | None) -> Reply:
    """Do something to each of many runs; return what became of each, in their order.

    Raises:
        UsageError: If it cannot be meant.
        RunNotFoundError: If the server knows no such workspace.
    """
    work = _work_of(intent)
    found: dict[str, query.Outcome] = {}
    homes: dict[Path, list[str]] = {}
    for uid, root in workspaces.homes(intent["runs"], workspace_id).items():
        if root is None:
            found[uid] = query.Outcome(uid, "It is in no workspace of this server any more.")
        elif intent["action"] not in _ALSO_IN_TRASH and not store.run_folder(root, uid).is_dir():
            found[uid] = query.Outcome(uid, _IN_TRASH)
        else:
            homes.setdefault(root, []).append(uid)
    for root, uids in homes.items():
        found |= {one.uid: one for one in work(root, uids)}
    outcomes = [_told(found[uid]) for uid in dict.fromkeys(intent["runs"])]
    return Reply(op="reply", id=intent["id"], outcomes=outcomes)


def trash(workspaces: Workspaces, intent: Trash, workspace_id: str | None) -> Reply:
    """Return part of what is in the trash, the run that was deleted last first.

    Raises:
        RunNotFoundError: If the server knows no such workspace.
        StoreError: If it cannot be listed.
    """
    held = [one for there in workspaces.named(workspace_id) for one in store.trashed(there.root)]
    held.sort(key=lambda one: (one.trashed_us, one.uid), reverse=True)
    some = held[intent["offset"] :][: intent["limit"]]
    return Reply(
        op="reply",
        id=intent["id"],
        trashed=[_head(one) for one in some],
        total=len(held),
        bytes=sum(one.bytes for one in held),
    )


def _work_of(intent: Act) -> Work:
    if intent["action"] != "tag":
        return _WORK[intent["action"]]
    add, remove = intent.get("add", []), intent.get("remove", [])
    query.expect_tags(add, remove)
    return partial(query.tag_runs, add=add, remove=remove)


def _told(outcome: query.Outcome) -> Outcome:
    return Outcome(uid=outcome.uid, trouble=clean(outcome.trouble), bytes=outcome.bytes)


def _head(run: store.TrashedRun) -> TrashedHead:
    return TrashedHead(
        uid=run.uid,
        name=clean(run.name),
        project=clean(run.project),
        trashed=run.trashed_us / MICROSECONDS,
        bytes=run.bytes,
    )
