"""Four kernels write and ingest while others read: no error, no row lost, none twice."""

import multiprocessing
import time

from storekit import UID, write_and_ingest

from nbtrack.query import RunIndex
from nbtrack.records import RunState
from nbtrack.store import Ingester, Reader

SPAWN = multiprocessing.get_context("spawn")
ROWS = 1_000


def test_four_kernels_and_a_reader(root):
    uids = [f"{UID}-{n}" for n in range(4)]
    writers = [SPAWN.Process(target=write_and_ingest, args=(root, uid, ROWS)) for uid in uids]
    for writer in writers:
        writer.start()
    reader, index, seen = Reader(root), RunIndex(root), dict.fromkeys(uids, 0)
    while any(writer.is_alive() for writer in writers):
        index.poll()
        for facts in reader.runs():
            uid = facts.opened.uid
            series = reader.series(uid, "acc")
            assert series.steps.tolist() == list(range(series.count))
            assert series.count >= max(seen[uid], facts.rows)
            seen[uid] = series.count
        time.sleep(0.01)

    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert {facts.state for facts in reader.runs()} == {RunState.FINISHED}
    Ingester(root).ingest_left_behind()
    for uid in uids:
        assert [one["_step"] for one in reader.rows(uid)] == list(range(ROWS))
        assert reader.series(uid, "acc").values.tolist() == [n + 1 / 8 for n in range(ROWS)]
    index.close()
    reader.close()
