"""A workspace of many small runs, as years of notebooks leave them."""

import math
import shutil
import time
from pathlib import Path

from nbtrack.records import Closed, ConfigChanged, Opened, Row, RunState
from nbtrack.store import Ingester, Journal, this_process
from nbtrack.store.database import Database

STEPS = 30
ANIMALS = ("otter", "heron", "lynx", "falcon", "marten", "bison", "ibex", "seal")
MOODS = ("brave", "calm", "eager", "gentle", "keen", "lucid", "proud", "swift")
ENDS = (RunState.FINISHED,) * 6 + (RunState.FAILED, RunState.KILLED)
HOUR_US = 3_600_000_000
INGEST_EVERY = 500
FOLDER = Path(__file__).parents[2] / "build" / "many_runs"


def made(count: int) -> Path:
    """Return a workspace of so many runs, which is made if it is not there whole."""
    folder = FOLDER / str(count)
    done = folder / "made"
    if not done.exists():
        shutil.rmtree(folder, ignore_errors=True)
        print(f"  {count:,} runs are made, once", flush=True)
        write_runs(folder / ".nbtrack", count)
        done.touch()
    return folder / ".nbtrack"


def write_runs(root: Path, count: int, *, projects: int = 5) -> None:
    """Write runs that have ended, the newest an hour ago, and let them into the database."""
    newest_us = time.time_ns() // 1_000 - HOUR_US
    for number in range(count):
        write_run(root, number, newest_us - (count - number) * 600_000_000, number % projects)
        if number % INGEST_EVERY == INGEST_EVERY - 1:
            Ingester(root).ingest_left_behind()
    Ingester(root).ingest_left_behind()


def write_run(root: Path, number: int, begun_us: int, project: int) -> None:
    """Write one run: a few entries of configuration, a falling loss, an end."""
    uid = f"20260101-000000-{number:08x}"
    opened = Opened(
        *(uid, f"r{number}", "ada", f"project-{project}"),
        f"{MOODS[number % 8]}-{ANIMALS[number // 8 % 8]}-{number}",
        begun_us,
        this_process("kernel-1"),
        tags=("baseline",) if number % 7 == 0 else (),
        group=f"sweep-{number // 100}",
        notebook=f"/home/ada/notebooks/{number % 20}.ipynb",
    )
    lr = 10 ** -(1 + number % 4)
    journal = Journal.create(root, opened)
    journal.append([ConfigChanged(begun_us, {"lr": lr, "seed": number, "net": {"depth": 3}})])
    decay = [math.exp(-step / 9) + lr * math.sin(step * number) for step in range(STEPS)]
    journal.append(
        [
            Row(step, begun_us + step * 1_000_000, {"loss": value, "acc": 1 - value / 2})
            for step, value in enumerate(decay)
        ]
    )
    end_us = begun_us + STEPS * 1_000_000
    journal.append([Closed(end_us, ENDS[number % len(ENDS)], 0, STEPS * 1_000_000)])
    journal.close()


def multiply(root: Path, times: int) -> None:
    """Let the database know each run so many times more, under other names, as lost journals.

    That a hundred thousand journals are made would take half an hour.
    """
    changed = {
        "run_id": "run_id + 10000 * (copy + 1)",
        "uid": "uid || '-' || copy",
        "id": "id || '-' || copy",
        "name": "name || '-' || copy",
        **{
            name: f"{name} - to_hours(CAST(200 * (copy + 1) AS INTEGER))"
            for name in ("started", "seen", "ended")
        },
    }
    with Database(root).writing() as window:
        names = [name for name, *_ in window.rows("DESCRIBE nb.runs")]
        values = ", ".join(changed.get(name, f'"{name}"') for name in names)
        copies = f"SELECT {values} FROM nb.runs, range({times}) AS copies(copy)"  # noqa: S608 - ours
        window.run(f"INSERT INTO nb.runs {copies}")
