"""Changing what describes a run, whoever writes it and whether or not it has ended."""

from collections.abc import Sequence
from pathlib import Path

from nbtrack.errors import UsageError
from nbtrack.query.flushing import flush_all
from nbtrack.records import Json, RunChanged
from nbtrack.store import RunFacts, edit_run
from nbtrack.values import checked_tags, checked_text


def edit_details(
    root: Path,
    uid: str,
    *,
    name: str | None = None,
    notes: str | None = None,
    tags: Sequence[str] | None = None,
) -> RunFacts:
    """Give a run another name, other notes or other tags; None leaves what there is.

    Args:
        root: The workspace.
        uid: Of the run.
        name: Its display name, not empty.
        notes: Markdown; "" for none.
        tags: All of them.

    Returns:
        The run as it is now.

    Raises:
        UsageError: If a value cannot be taken.
        RunNotFoundError: If there is no such run.
        StoreError: If the change could not be made. Nothing is changed then.
    """
    from nbtrack.store import Reader

    reader = Reader(root)
    fields = _fields(name, notes, tags)
    change = RunChanged(reader.run(uid).seen_us, fields)
    flush_all()
    edit_run(root, uid, [change], is_written=lambda: reader.run(uid).ended_us is None)
    return reader.run(uid)


def _fields(name: str | None, notes: str | None, tags: Sequence[str] | None) -> dict[str, Json]:
    fields: dict[str, Json] = {}
    if name is not None:
        fields["name"] = checked_text("name", name)
        if not name.strip():
            raise UsageError("a run's name is not empty.")
    if notes is not None:
        fields["notes"] = checked_text("notes", notes) or None
    if tags is not None:
        fields["tags"] = list(checked_tags(tags))
    return fields
