"""The list of runs is read without the pauses of a search for waste."""

import gc
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from run_writer import Writer

from nbtrack import query
from nbtrack.lab.desk import Desk
from nbtrack.lab.listing import Listing
from nbtrack.lab.workspaces import Workspaces

Write = Callable[..., Writer]


@pytest.fixture
def listing(jp_root_dir: Path, tmp_path: Path) -> Listing:
    workspaces = Workspaces(jp_root_dir, tmp_path / "registry")
    return Listing(Desk(workspaces, threads=1), logging.getLogger())


async def test_the_collector_rests_while_runs_are_read_first(
    listing: Listing, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With 10,000 runs it held the whole server up for a second."""
    write("brave-otter").log(1, loss=0.5)
    poll, seen = query.RunIndex.poll, []
    monkeypatch.setattr(
        query.RunIndex, "poll", lambda self: seen.append(gc.isenabled()) or poll(self)
    )

    await listing.look()
    await listing.look()

    assert seen == [False, True]
    assert gc.isenabled()
    assert len(listing.runs) == 1


async def test_the_collector_works_again_when_nothing_could_be_read(
    listing: Listing, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(index: query.RunIndex) -> None:
        raise ZeroDivisionError(index)

    write("brave-otter")
    monkeypatch.setattr(query.RunIndex, "poll", fail)

    with pytest.raises(ZeroDivisionError):
        await listing.look()

    assert gc.isenabled()
