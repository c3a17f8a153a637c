"""Whatever happens to a store, in whatever order: a reader tells what a model in memory says.

Writers log and crash, ingesters come and go, strangers hold the database or destroy it,
clocks are set. After every step each run is read, and is what was logged: every row once.
"""

import math
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import rmtree

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec import Struct, structs
from storekit import START_US, opened_run, said

from nbtrack.records import (
    ClockTurned,
    Closed,
    ConfigChanged,
    ConsoleText,
    Control,
    Heartbeat,
    Json,
    Notice,
    Record,
    Row,
    RunChanged,
    RunState,
    Stream,
    SummaryChanged,
    SystemSample,
    name_of,
)
from nbtrack.store import Ingester, Journal, Reader, RowBlock, Tail, this_process
from nbtrack.store.database import Database
from nbtrack.store.layout import database_path, journal_path
from nbtrack.store.recovery import recover
from nbtrack.store.spill import NAME

LONG = os.environ.get("NBTRACK_FAULTS") == "long"
MOST_RUNS = 3
LARGEST_NUMBER = 2**53
HOUR_US = 3_600_000_000

HOLDER = """
import sys, duckdb
for line in sys.stdin:
    try:
        connection = duckdb.connect(line.rstrip("\\n"))
        connection.execute("CREATE OR REPLACE TABLE mine AS SELECT 42 AS answer")
    except duckdb.Error:
        print("not held", flush=True)
        continue
    print("held", flush=True)
    sys.stdin.readline()
    connection.close()
    print("free", flush=True)
"""

paths = st.sampled_from(
    ["loss", "train/acc", "epoch", "größe", "a", "x.y", ("a2", "b"), ("a2", "c", "d"), "_private"]
)
texts = st.one_of(st.text(max_size=8), st.sampled_from(["\ud800", "\x00", "🦦\u2028", "x" * 300]))
values = st.one_of(
    st.floats(),
    st.sampled_from([math.nan, math.inf, -math.inf, -0.0, 5e-324]),
    st.integers(-5, 5),
    st.integers(2**52, 2**70),
    st.booleans(),
    st.none(),
    texts,
    st.lists(st.one_of(st.floats(), texts, st.none()), max_size=3),
    st.just([1, {"deep": [None, {"er": math.nan}]}]),
)
trees = st.dictionaries(paths, values, max_size=4)
names = st.sampled_from(["lr", "layers", "größe"])
choices = st.integers(0, MOST_RUNS - 1)


@dataclass
class Model:
    """What a run should be.

    Attributes:
        journal: Of its writer; None when it has none.
        waiting: What was logged and is not written.
        kept: Of these, what the spill has.
        written: What the journal has, or will have once somebody looks.
    """

    uid: str
    journal: Journal | None
    waiting: list[Record] = field(default_factory=list)
    kept: list[Record] = field(default_factory=list)
    written: list[Record] = field(default_factory=list)
    step: int = -1
    has_spill: bool = False

    @property
    def rows(self) -> list[Row]:
        return [one for one in self.written if isinstance(one, Row)]

    def log(self, record: Record) -> None:
        """Take a record as a recorder does."""
        assert self.journal is not None
        if self.has_spill and isinstance(record, Row | Control):
            if not self.journal.keep(record):
                self.drain()
                assert self.journal.keep(record)
            self.kept.append(record)
        self.waiting.append(record)

    def drain(self) -> None:
        assert self.journal is not None
        self.journal.append(self.waiting, self.journal.kept if self.has_spill else 0)
        self.written += self.waiting
        self.waiting, self.kept = [], []

    def leave(self) -> None:
        """Be killed: what was kept comes back, the rest of what waited is lost."""
        assert self.journal is not None
        self.journal.abandon()
        self.written += self.kept
        self.journal, self.waiting, self.kept = None, [], []


class StoreMachine(RuleBasedStateMachine):
    """The store and its model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="nbtrack-machine-"))
        self.root = self.folder / ".nbtrack"
        self.time_us = START_US
        self.models: list[Model] = []
        self.tails: dict[str, tuple[Tail, list[int]]] = {}
        self.ingesters = [Ingester(self.root), Ingester(self.root)]
        self.reader = Reader(self.root, self)
        self.is_held = False
        self.is_damaged = False
        self.looks = 0

    # --- the clock ---------------------------------------------------------------------

    def now_us(self) -> int:
        self.time_us += 1
        return self.time_us

    def elapsed_s(self) -> float:
        return 10.0 * self.looks

    @rule(hours=st.sampled_from([-30, -2, -1, 1, 2, 30]))
    def set_the_clock(self, hours):
        self.time_us += hours * HOUR_US

    @rule(microseconds=st.integers(0, 10_000_000))
    def let_time_pass(self, microseconds):
        self.time_us += microseconds

    # --- writers -----------------------------------------------------------------------

    @precondition(lambda self: len(self.models) < MOST_RUNS)
    @rule(has_spill=st.booleans())
    def open_a_run(self, has_spill):
        uid = f"20260102-030405-0000000{len(self.models)}"
        opened = opened_run(uid, time_us=self.now_us())
        model = Model(uid, Journal.create(self.root, opened), has_spill=has_spill)
        if has_spill:
            model.journal.spill()
        model.written.append(opened)
        self.models.append(model)
        self.tails[uid] = (Tail.open(self.root, uid), [])

    def living(self, choice: int) -> Model | None:
        living = [model for model in self.models if model.journal is not None]
        return living[choice % len(living)] if living else None

    def dead(self, choice: int) -> Model | None:
        dead = [model for model in self.models if model.journal is None]
        return dead[choice % len(dead)] if dead else None

    @rule(choice=choices, rows=st.lists(st.tuples(trees, st.integers(1, 4)), max_size=6))
    def log_rows(self, choice, rows):
        model = self.living(choice)
        for tree, gap in rows if model else []:
            model.step += gap
            model.log(Row(model.step, self.now_us(), tree))

    @rule(choice=choices, count=st.integers(1, 400))
    def log_many_rows(self, choice, count):
        model = self.living(choice)
        for number in range(count if model else 0):
            model.step += 1
            model.log(Row(model.step, self.now_us(), {"loss": number / 8, "epoch": number}))

    @rule(
        choice=choices,
        what=st.one_of(
            st.builds(ConfigChanged, st.just(0), st.dictionaries(names, values, max_size=2)),
            st.builds(SummaryChanged, st.just(0), trees, st.lists(paths, max_size=2).map(tuple)),
            st.builds(RunChanged, st.just(0), st.fixed_dictionaries({"name": texts})),
            st.builds(Notice, st.just(0), st.just("info"), st.sampled_from("ab"), texts),
            st.builds(ClockTurned, st.just(0), st.integers(0, 10**9), st.booleans()),
            st.builds(Heartbeat, st.just(0), st.integers(0, 10**9)),
            st.builds(ConsoleText, st.just(0), st.sampled_from(Stream), texts),
            st.builds(
                SystemSample, st.just(0), st.dictionaries(st.sampled_from("cg"), st.floats())
            ),
        ),
    )
    def log_something_else(self, choice, what):
        model = self.living(choice)
        if model:
            changed = structs.replace if isinstance(what, Struct) else replace
            model.log(changed(what, time_us=self.now_us()))

    @rule(choice=choices)
    def drain(self, choice):
        model = self.living(choice)
        if model:
            model.drain()

    @rule(choice=choices)
    def finish(self, choice):
        model = self.living(choice)
        if model:
            model.log(Closed(self.now_us(), RunState.FINISHED, 0, 0))
            model.drain()
            model.journal.close()
            model.journal = None

    @rule(choice=choices, torn=st.binary(max_size=30))
    def crash(self, choice, torn):
        model = self.living(choice)
        if model:
            path = model.journal.path
            model.leave()
            with path.open("ab") as file:
                file.write((b"\xffNB\x01" + torn)[: len(torn)])

    @rule(choice=choices, part=st.floats(0, 1))
    def crash_in_a_write(self, choice, part):
        """Only what was kept was being written, so that all of it comes back."""
        model = self.living(choice)
        if model is None or not model.kept:
            return
        model.waiting = list(model.kept)
        path, before = model.journal.path, model.journal.position
        model.journal.append(model.waiting, model.journal.kept)
        os.truncate(path, before + round(part * (model.journal.position - before)))
        model.leave()

    @rule(choice=choices, has_spill=st.booleans())
    def go_on(self, choice, has_spill):
        """Reopen a run as another process would."""
        model = self.dead(choice)
        if model is None:
            return
        recover(self.root, model.uid)
        model.journal = Journal.reopen(self.root, model.uid)
        model.has_spill = has_spill
        if has_spill:
            model.journal.spill()
        model.log(opened_run(model.uid, time_us=self.now_us(), owner=this_process("kernel-2")))
        model.drain()

    # --- everybody else ----------------------------------------------------------------

    @rule(choice=choices)
    def recover(self, choice):
        model = self.dead(choice)
        if model:
            recover(self.root, model.uid)
            assert not (journal_path(self.root, model.uid).parent / NAME).exists()

    @rule(choice=choices, which=st.integers(0, 1))
    def ingest(self, choice, which):
        if not self.models:
            return
        model = self.models[choice % len(self.models)]
        before = self.everything(self.reader, model)

        self.ingesters[which].ingest(model.uid)
        # One that knows nothing yet looks for itself, and must find nothing to do.
        is_done = Ingester(self.root).ingest(model.uid)

        assert is_done is not self.is_held or self.is_damaged
        if is_done:
            assert self.stored_rows(model) == (len(model.rows),) * 2
            self.is_damaged = False
        assert self.everything(Reader(self.root, self), model) == before

    @rule(which=st.integers(0, 1))
    def ingest_left_behind(self, which):
        self.ingesters[which].ingest_left_behind()
        if not (self.is_held or self.is_damaged) and database_path(self.root).exists():
            for model in self.models:
                if model.journal is None:
                    assert self.stored_rows(model) == (len(model.rows),) * 2

    @rule(which=st.integers(0, 1))
    def begin_with_a_new_ingester(self, which):
        self.ingesters[which] = Ingester(self.root)

    @precondition(lambda self: self.models and not self.is_held)
    @rule()
    def hold_the_database(self):
        self.is_held = asked(f"{database_path(self.root)}\n") == "held"

    @precondition(lambda self: self.is_held)
    @rule()
    def release_the_database(self):
        assert asked("\n") == "free"
        self.is_held = False

    @precondition(lambda self: not self.is_held)
    @rule()
    def delete_the_database(self):
        for path in self.root.glob("nbtrack.duckdb*"):
            path.unlink()
        self.is_damaged = False

    @precondition(lambda self: not self.is_held and database_path(self.root).exists())
    @rule(how=st.sampled_from(["flip", "cut", "zeros", "text"]), seed=st.integers(0, 1_000))
    def damage_the_database(self, how, seed):
        path = database_path(self.root)
        path.write_bytes(damaged(path.read_bytes(), how, random.Random(seed)))
        self.is_damaged = True

    @precondition(lambda self: not self.is_held and not self.is_damaged)
    @rule()
    def make_the_database_older(self):
        with Database(self.root).reading() as window:
            if window is None:
                return
        with Database(self.root).writing() as window:
            window.run("UPDATE nb.meta SET value = '0' WHERE key = 'schema'")

    @rule()
    def look_anew(self):
        self.reader.close()
        self.reader = Reader(self.root, self)

    # --- what always holds -------------------------------------------------------------

    @invariant()
    def a_reader_tells_what_the_model_says(self):
        self.looks += 1
        listed = {facts.opened.uid: facts for facts in self.reader.runs()}
        assert listed.keys() == {model.uid for model in self.models}
        for model in self.models:
            facts = self.reader.run(model.uid)
            assert facts.rows == listed[model.uid].rows == len(model.rows)
            assert said(facts.config) == said(config_of(model))
            assert facts.opened.name == name_of_run(model)
            assert facts.damaged == 0
            assert facts.state is state_of(model)
            assert [told(row) for row in self.reader.rows(model.uid)] == rows_of(model)
            assert [line.text for line in self.reader.lines(model.uid)] == lines_of(model)
            self.check_a_series(model)
            self.check_the_follower(model)

    def check_a_series(self, model: Model) -> None:
        numbers = numbers_of(model)
        assert set(self.reader.keys(model.uid)) == numbers.keys()
        if numbers:
            key = sorted(numbers)[self.looks % len(numbers)]
            series = self.reader.series(model.uid, key)
            found = list(zip(series.steps.tolist(), series.values.tolist(), strict=True))
            assert said(found) == said(numbers[key])
            (reduced,) = self.reader.reduced(model.uid, [key], 8)
            finite = [value for _, value in numbers[key] if math.isfinite(value)]
            kept = [value for value in reduced.values.tolist() if math.isfinite(value)]
            assert (min(kept, default=0), max(kept, default=0)) == (
                min(finite, default=0),
                max(finite, default=0),
            )
        system = self.reader.keys(model.uid, "system")
        assert Counter(
            (key, said(value))
            for key in system
            for value in self.reader.series(model.uid, key, "system").values.tolist()
        ) == Counter(
            (key, said(value))
            for one in model.written
            if isinstance(one, SystemSample)
            for key, value in one.values.items()
        )

    def check_the_follower(self, model: Model) -> None:
        """Somebody who was there from the beginning got every row once."""
        tail, steps = self.tails[model.uid]
        for news in tail.poll():
            if isinstance(news, RowBlock) and news.stream == "metric":
                steps += news.steps.astype(int).tolist()
        assert steps == [row.step for row in model.rows]

    def everything(self, reader: Reader, model: Model) -> str:
        uid = model.uid
        facts = reader.run(uid)
        return said(
            [
                [facts.rows, facts.step, facts.config, facts.summary, facts.notices, facts.opened],
                [facts.state, facts.active_us, facts.ticking, facts.seen_us, facts.ended_us],
                list(reader.rows(uid)),
                [[line.number, line.time_us, line.text] for line in reader.lines(uid)],
            ]
        )

    def stored_rows(self, model: Model) -> tuple[int, int]:
        query = (
            "SELECT count(*), count(DISTINCT step) FROM nb.history "
            "WHERE run_id = (SELECT run_id FROM nb.runs WHERE uid = ?)"
        )
        with Database(self.root).reading() as window:
            return window.rows(query, model.uid)[0]

    def teardown(self) -> None:
        if self.is_held:
            asked("\n")
        for model in self.models:
            if model.journal is not None:
                model.journal.abandon()
        for tail, _ in self.tails.values():
            tail.close()
        self.reader.close()
        rmtree(self.folder)


def config_of(model: Model) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for one in model.written:
        if isinstance(one, ConfigChanged):
            found.update(one.values)
    return found


def name_of_run(model: Model) -> str:
    named = [one.fields["name"] for one in model.written if isinstance(one, RunChanged)]
    return storable(str(named[-1]) if named else "brave-otter")


def lines_of(model: Model) -> list[str]:
    return [storable(one.text) for one in model.written if isinstance(one, ConsoleText)]


def storable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def state_of(model: Model) -> RunState:
    if model.journal is not None:
        return RunState.RUNNING
    turns = [one for one in model.written if isinstance(one, Closed) or hasattr(one, "uid")]
    return RunState.FINISHED if isinstance(turns[-1], Closed) else RunState.CRASHED


def rows_of(model: Model) -> list[str]:
    return [
        told(
            {name_of(path): value for path, value in tree.items()}
            | {"_step": step, "_timestamp": time_us / 1_000_000}
        )
        for step, time_us, tree in model.rows
    ]


def told(row: dict[str, Json]) -> str:
    """Return a row to be compared, without what is computed from the clock."""
    return said({name: value for name, value in row.items() if name != "_runtime"})


def numbers_of(model: Model) -> dict[str, list[tuple[float, float]]]:
    found: dict[str, list[tuple[float, float]]] = {}
    for step, _, tree in model.rows:
        for path, value in tree.items():
            if is_number(value):
                found.setdefault(name_of(path), []).append((float(step), float(value)))
    return found


def is_number(value: Json) -> bool:
    return isinstance(value, float) or (isinstance(value, int) and abs(value) <= LARGEST_NUMBER)


def damaged(data: bytes, how: str, chance: random.Random) -> bytes:
    if how == "cut":
        return data[: chance.randrange(len(data))]
    if how == "text":
        return b"this is no database" * 1_000
    start = chance.randrange(len(data))
    if how == "zeros":
        return data[:start] + bytes(len(data) - start)
    changed = bytearray(data)
    for _ in range(chance.randrange(1, 200)):
        changed[chance.randrange(len(data))] ^= chance.randrange(1, 256)
    return bytes(changed)


_HOLDERS: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True, scope="module")
def _stranger() -> Iterator[None]:
    """Let there be a process that opens databases of ours when it is asked to."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        _HOLDERS.append(process)
        yield
        _HOLDERS.clear()
        process.communicate()


def asked(line: str) -> str:
    process = _HOLDERS[0]
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line)
    process.stdin.flush()
    return process.stdout.readline().strip()


class TestStore(StoreMachine.TestCase):
    settings = settings(
        max_examples=500 if LONG else 15,
        stateful_step_count=60 if LONG else 30,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],  # to make steps fewer takes minutes
        derandomize=not LONG,
        suppress_health_check=list(HealthCheck),
    )
    pytestmark = pytest.mark.timeout(3_600 if LONG else 240)
