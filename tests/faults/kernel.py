"""The kernels of the fault tests: `python kernel.py WAY FOLDER ACKNOWLEDGED [ARGUMENT …]`.

Most log until they are killed, or until their input is closed and they finish.
"""

import contextlib
import ctypes
import fcntl
import json
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from faultkit import Acknowledged, look, values_of
from waiting import wait_until

import nbtrack
from nbtrack.panels import preload
from nbtrack.runs import Run
from nbtrack.store import Ingester, Reader, SharedIngesting
from nbtrack.store.layout import uids
from nbtrack.store.recovery import recover

WITHOUT_END = 1 << 60
PAUSE = threading.Event()  # never set


def log_rows(run: Run, way: str, done: Acknowledged, thread: int, end: int = WITHOUT_END) -> None:
    """Log as fast as it goes, from where the thread stopped."""
    counts = done.counts
    for number in range(counts[thread], end):
        run.log(values_of(way, thread, number))
        counts[thread] = number + 1


def log_in_threads(run: Run, way: str, done: Acknowledged, threads: int, rows: int) -> None:
    logging = [
        threading.Thread(target=log_rows, args=(run, way, done, thread, rows))
        for thread in range(threads)
    ]
    for thread in logging:
        thread.start()
    for thread in logging:
        thread.join()


def one_thread(run: Run, done: Acknowledged) -> None:
    log_rows(run, "numbers", done, 0)


def four_threads(run: Run, done: Acknowledged) -> None:
    log_in_threads(run, "numbers", done, 4, WITHOUT_END)


def text(run: Run, done: Acknowledged) -> None:
    log_rows(run, "text", done, 0)


def turning(run: Run, done: Acknowledged) -> None:
    """Make the spill begin anew at its front again and again, from two threads."""

    def turn() -> None:
        while True:
            run.flush()

    threading.Thread(target=turn, daemon=True).start()
    log_in_threads(run, "numbers", done, 2, WITHOUT_END)


def ingest(run: Run, done: Acknowledged) -> None:
    ingester = Ingester(run.root)

    def ingest_forever() -> None:
        while True:
            ingester.ingest(run.uid)

    threading.Thread(target=ingest_forever, daemon=True).start()
    log_rows(run, "numbers", done, 0)


def hundred_threads(run: Run, done: Acknowledged) -> None:
    log_in_threads(run, "numbers", done, 100, 50)
    run.finish()


def bounded(run: Run, done: Acknowledged, rows: str) -> None:
    """Log some rows and stay, as a kernel does between cells."""
    log_rows(run, "numbers", done, 0, int(rows))
    sys.stdin.read()


def steady(run: Run, done: Acknowledged, every_s: str = "0.05") -> None:
    """Log a thousand rows a second at most and ingest them, until the input ends."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    ingesting = threading.Thread(target=ingest_until, args=(ended, run, float(every_s)))
    ingesting.start()
    while not ended.wait(0.001):
        log_rows(run, "numbers", done, 0, done.counts[0] + 1)
    ingesting.join()
    run.finish()


def paced(run: Run, done: Acknowledged) -> None:
    """Log a thousand rows a second until the input ends."""
    ended = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    while not ended.wait(0.001):
        log_rows(run, "numbers", done, 0, done.counts[0] + 1)
    run.finish()


def ingest_until(ended: threading.Event, run: Run, every_s: float) -> None:
    ingester = Ingester(run.root)
    while not ended.wait(every_s):
        ingester.ingest(run.uid)


def full_disk(run: Run, done: Acknowledged) -> None:
    """Meet a limit, go on, and get room again."""
    log_rows(run, "text", done, 0, 10)
    run.flush()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = (run.root / "runs" / run.uid / "journal.nbj").stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100_000, before[1]))
    log_rows(run, "text", done, 0, 300)
    run.flush()
    waiting = run.status()
    log_rows(run, "text", done, 0, 310)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    wait_until(lambda: not run.status().sync_items_pending, what="writing again")
    run.finish()
    end = run.status()
    said = [waiting.sync_items_pending, waiting.lost, end.sync_items_pending, end.lost]
    sys.stdout.write(json.dumps(said))


def revoked(run: Run, done: Acknowledged, part: str) -> None:
    """Go on while a part of the workspace may not be touched, and afterwards."""
    path = run.root / part.format(uid=run.uid)
    log_rows(run, "numbers", done, 0, 1_000)
    run.flush()
    before = path.stat().st_mode
    path.chmod(0)
    log_rows(run, "numbers", done, 0, 2_000)
    run.flush()
    assert not Ingester(run.root).ingest(run.uid) or part.endswith("nbj")
    path.chmod(before)
    log_rows(run, "numbers", done, 0, 3_000)
    run.finish()
    sys.stdout.write(json.dumps([run.status().lost, run.status().sync_items_pending]))


def deleted(run: Run, done: Acknowledged) -> None:
    """Go on in a workspace that somebody deletes, and begin another run in its place."""
    log_rows(run, "numbers", done, 0, 1_000)
    run.flush()
    shutil.rmtree(run.root)
    before = run.status()
    log_rows(run, "numbers", done, 0, 200_000)
    run.flush()
    after = run.status()
    run.finish()
    with nbtrack.init(project="faults", dir=run.root) as again:
        again.log({"loss": 0.5})
    sys.stdout.write(json.dumps([after.lost - before.lost, after.sync_items_pending, again.uid]))


def full_tmpfs(run: Run, done: Acknowledged) -> None:
    """Fill a small disk, go on, and make room again; read back what is there."""
    log_rows(run, "text", done, 0, 10)
    run.flush()
    filler = run.root / "filler"
    fill(filler)
    log_rows(run, "text", done, 0, 30)
    run.flush()
    waiting = run.status()
    log_rows(run, "text", done, 0, 38)
    assert not Ingester(run.root).ingest(run.uid)
    filler.unlink()
    wait_until(lambda: not run.status().sync_items_pending, what="writing again")
    run.finish()
    found = look(run.root, run.uid, "text", done)
    state = str(Reader(run.root).run(run.uid).state)
    is_stored = Ingester(run.root).ingest(run.uid)
    again = look(run.root, run.uid, "text", done)
    said = [waiting.sync_items_pending > 0, run.status().lost, found.rows, state, is_stored]
    sys.stdout.write(json.dumps([*said, found == again, found.faults]))


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(1 << 12))


def read_only(run: Run, done: Acknowledged) -> None:
    """Keep the run elsewhere, and say where."""
    log_rows(run, "numbers", done, 0, 1_000)
    run.finish()
    sys.stdout.write(str(run.root))


def without_spill(run: Run, done: Acknowledged) -> None:
    log_in_threads(run, "numbers", done, 2, 2_000)
    run.finish()


def forking(run: Run, done: Acknowledged, children: str) -> None:
    """Fork again and again while two threads log, then finish."""
    logging = threading.Thread(target=log_in_threads, args=(run, "numbers", done, 2, 20_000))
    logging.start()
    context = multiprocessing.get_context("fork")
    codes = []
    for _ in range(int(children)):
        child = context.Process(target=log_as_a_child, args=(run,))
        child.start()
        child.join(20)
        codes.append(child.exitcode)
    logging.join()
    run.finish()
    sys.stdout.write(json.dumps(codes))


def log_as_a_child(run: Run) -> None:
    for _ in range(10):
        run.log({"thread": 99, "number": 0})


def pooling(run: Run, done: Acknowledged) -> None:
    """Map over pools of forked workers that log, too, while the parent's threads log."""
    preload(head_start_s=0)
    logging = threading.Thread(target=log_in_threads, args=(run, "numbers", done, 2, 5_000))
    logging.start()
    context = multiprocessing.get_context("fork")
    answers = []
    for _ in range(3):
        with context.Pool(3) as pool:
            answers += pool.map_async(work_in_a_pool, range(30)).get(40)
    with ProcessPoolExecutor(2, context) as executor:
        answers += executor.map(work_in_a_pool, range(30), timeout=40)
    logging.join()
    run.finish()
    sys.stdout.write(json.dumps(sum(answers)))


def work_in_a_pool(number: int) -> int:
    """Log as code does that was written for one process; return what it computed."""
    import numpy as np

    nbtrack.log({"thread": 99, "number": number})
    return int(np.arange(number + 1)[-1])


def ingest_all(folder: Path) -> None:
    root = folder / ".nbtrack"
    ingester = Ingester(root)
    while True:
        for uid in uids(root):
            ingester.ingest(uid)
        ingester.ingest_left_behind()


def share(folder: Path, done: Acknowledged) -> None:
    """Ingest for others, as a server does, if elected; counts the journals."""
    sharing = SharedIngesting(folder / ".nbtrack")
    while not PAUSE.wait(0.05):
        done.counts[0] += sharing.tend()


def read_all(folder: Path, done: Acknowledged) -> None:
    """List the runs and read them, all the time; counts the rounds."""
    reader = Reader(folder / ".nbtrack")
    while not PAUSE.wait(0.05):
        for facts in reader.runs():
            steps = reader.series(facts.opened.uid, "number").values.tolist()
            assert steps == list(range(len(steps)))
        done.counts[0] += 1


def recover_copies(folder: Path, done: Acknowledged) -> None:
    """Recover one copy of a run after the other; counts those that are being recovered."""
    uid = "a-killed-run"
    for number in range(1_000):
        root = folder / str(number)
        shutil.copytree(folder / "killed" / "runs" / uid, root / "runs" / uid)
        done.counts[0] = number + 1
        recover(root, uid)


def obey_permissions() -> None:
    """Let root, too, open only what a file's mode allows: give up two capabilities."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    sets = (ctypes.c_uint32 * 6)()
    assert libc.capget(header, sets) == 0
    for index in range(3):
        sets[index] &= ~0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
    assert libc.capset(header, sets) == 0


def end_with_the_test() -> None:
    """Leave when the test is gone: nobody else would end this process."""
    sys.stdin.read()
    os._exit(1)


ENDLESS = (
    "one_thread",
    "four_threads",
    "text",
    "turning",
    "ingest",
    "ingest_all",
    "recover_copies",
    "share",
    "read_all",
)
WITHOUT_RUN = {function.__name__: function for function in (recover_copies, share, read_all)}
RUNS = {
    function.__name__: function
    for function in (
        one_thread, four_threads, text, turning, ingest, hundred_threads, bounded, steady, paced,
        full_disk, full_tmpfs, revoked, deleted, read_only, without_spill, forking, pooling,
    )
}  # fmt: skip


def main(way: str, folder: Path, done: Acknowledged, *arguments: str) -> None:
    if way in ENDLESS:
        threading.Thread(target=end_with_the_test, daemon=True).start()
    if way == "ingest_all":
        ingest_all(folder)
    elif way in WITHOUT_RUN:
        WITHOUT_RUN[way](folder, done)
    else:
        if way == "without_spill":
            hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
        if way in ("revoked", "read_only"):
            obey_permissions()
        if way == "full_tmpfs":
            mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "none", str(folder)]
            subprocess.run(mount, check=True)
        if way == "read_only":
            folder, arguments = Path(arguments[0]), ()
            folder.chmod(0o500)
        RUNS[way](nbtrack.init(project="faults", dir=folder), done, *arguments)


if __name__ == "__main__":
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if "FAULTS_LYING_LOCKS" in os.environ:
        fcntl.flock = lambda *_: None
    main(sys.argv[1], Path(sys.argv[2]), Acknowledged(Path(sys.argv[3])), *sys.argv[4:])
