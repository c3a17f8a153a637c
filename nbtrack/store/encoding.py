"""Records become frames. Runs on the thread that writes a journal, without numpy.

Rows that follow each other with the same keys and types of values are taken together: what
follows from those is planned once, and the values of many rows become bytes in a few calls.
Nothing is remembered of a batch until it is written: a batch that failed is encoded anew,
with all shapes that it needs, and into the same bytes.
"""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, repeat
from operator import methodcaller
from typing import Any, NamedTuple, TypeAlias

from nbtrack.records import (
    Closed,
    ConsoleText,
    Control,
    Gathered,
    Json,
    Path,
    Record,
    Row,
    SystemSample,
)
from nbtrack.store.control import LATEST_US, dump, encode_control, encode_lines
from nbtrack.store.frames import MOST_SHAPES, Kind, frame
from nbtrack.store.shapes import (
    BLOCK_HEADER,
    LARGEST_EXACT_INT,
    Number,
    RowStream,
    Shape,
    leaf_of,
    shape_of,
)

BLOCK_BYTES = 64 << 10  # what a damaged byte costs at most
LINES_PER_FRAME = 256
FIRST_GAP_BYTES = 4 << 10
WIDEST_GAP_BYTES = 256 << 10
GAP_PER_SHAPE_BYTE = 8  # a shape of many keys is named more seldom: 12 % of the file at most
MOST_PLANS = 4096
MOST_KNOWN_SHAPES = 65_536  # some 100 MB; rows that never have the same keys make one each
RECORDS_TOGETHER = 1024  # few enough that the thread that logs gets the interpreter in between
MOST_NAMED_AGAIN = 256  # at the end, so that no frame is the only one that names a shape

ORIGIN = struct.Struct("<QQ")
"""Begins a mark before what was taken from another process's part: an offset in it, and how
many records behind that come before. The part's name follows. A mark of nothing ends it."""

INT64_END = 1 << 63

Values: TypeAlias = Mapping[Path, Json] | Mapping[str, float]

_NUMBERS: dict[type, Number] = {
    float: Number.FLOAT,
    int: Number.INT,
    bool: Number.BOOL,
    type(None): Number.NONE,
}


_values_of = methodcaller("values")


class _TooLarge:
    """Stands for the type of an integer that no float can hold."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How rows with the same keys and types of values are written.

    Attributes:
        shape: Of their numbers.
        kinds: Of each number.
        numbers: Where the numbers stand among the values; None when all are numbers.
        ints: Where integers stand among the values.
        others: Where there are values that are no numbers, and their paths.
        most_rows: In one block.
    """

    shape: Shape
    kinds: bytes
    numbers: tuple[int, ...] | None
    ints: tuple[int, ...]
    others: tuple[tuple[int, Path], ...]
    most_rows: int


@dataclass(slots=True)
class _Naming:
    """When a shape was last named in the journal, and how far it is to the next time."""

    payload: bytes
    named_at: int
    gap: int
    times: int = 1


class _Run(NamedTuple):
    """Consecutive rows with the same keys.

    Attributes:
        steps: Of each row.
        times_us: Of each row.
        flat: All values, row by row.
        width: How many values a row has.
    """

    steps: Sequence[int]
    times_us: Sequence[int]
    flat: Sequence[Json]
    width: int

    def part(self, start: int, end: int) -> "_Run":
        """Return the rows from `start` to before `end`."""
        flat = self.flat[start * self.width : end * self.width]
        return _Run(self.steps[start:end], self.times_us[start:end], flat, self.width)

    def column(self, index: int) -> Sequence[Json]:
        """Return one value of every row."""
        return self.flat[index :: self.width]

    def by_types(self, types: Sequence[type]) -> "Iterator[tuple[tuple[type, ...], _Run]]":
        """Part the rows where the types change that are given for `flat`."""
        count = len(self.steps)
        if not types or types.count(types[0]) == len(types):  # most rows are of floats
            yield tuple(types[: self.width]), self
            return
        start = 0
        for kinds, same in groupby(zip(*repeat(iter(types), self.width), strict=True)):
            end = start + len(list(same))
            yield kinds, self if end - start == count else self.part(start, end)
            start = end


class Encoder:
    """Turns the records of one journal into bytes.

    Attributes:
        named: When each shape was last named in what is written.
    """

    def __init__(self, shapes: Iterable[Shape] = (), last: int = 0) -> None:
        """Know the shapes that the journal has used already; they are named anew.

        Args:
            shapes: Those that it names.
            last: The highest number in it. It may lack some: a shape that was planned was not
                always written, and a frame that named one may be damaged.
        """
        self._shapes = {(shape.stream, shape.leaves): shape for shape in shapes}
        self._last = last
        self._plans: dict[object, _Plan] = {}
        self.named: dict[int, _Naming] = {}

    def encode(
        self, records: Sequence[Record | Gathered], position: int
    ) -> tuple[bytes, dict[int, _Naming]]:
        """Return a batch as frames, and what to `accept` once they are written.

        Args:
            records: In order.
            position: Offset in the journal at which the frames will stand.
        """
        batch = _Batch(self, position)
        for start in range(0, len(records), RECORDS_TOGETHER):
            for kind, same in groupby(records[start : start + RECORDS_TOGETHER], type):
                batch.add(kind, list(same))
        return batch.finished(), batch.named

    def accept(self, named: Mapping[int, _Naming]) -> None:
        """Remember which shapes a written batch has named."""
        self.named.update(named)
        if len(self._shapes) > MOST_KNOWN_SHAPES:
            # They get new numbers when they come again. Not in the middle of a batch: one that
            # is written twice must be the same bytes.
            for known in (self._shapes, self._plans, self.named):
                known.clear()

    def plan(self, stream: RowStream, paths: tuple[Path, ...], types: tuple[type, ...]) -> _Plan:
        """Return how rows with these keys and types of values are written."""
        key = (stream, paths, types)
        return self._plans.get(key) or self._new_plan(key)

    def _new_plan(self, key: tuple[RowStream, tuple[Path, ...], tuple[type, ...]]) -> _Plan:
        stream, paths, types = key
        kinds = [_kind_of(one) for one in types]
        numbers = tuple(index for index, kind in enumerate(kinds) if kind is not None)
        shape = self._shape(stream, [paths[index] for index in numbers])
        plan = _Plan(
            shape=shape,
            kinds=bytes(kind for kind in kinds if kind is not None),
            numbers=None if len(numbers) == len(paths) and Number.NONE not in kinds else numbers,
            ints=tuple(index for index, kind in enumerate(kinds) if kind is Number.INT),
            others=tuple((index, paths[index]) for index, kind in enumerate(kinds) if kind is None),
            most_rows=max(1, BLOCK_BYTES // (16 + 8 * len(numbers))),
        )
        if len(self._plans) >= MOST_PLANS:
            self._plans.clear()
        self._plans[key] = plan
        return plan

    def _shape(self, stream: RowStream, paths: Sequence[Path]) -> Shape:
        leaves = tuple(leaf_of(path) for path in paths)
        shape = self._shapes.get((stream, leaves))
        if shape is None:
            if self._last + 1 >= MOST_SHAPES:
                raise OverflowError(f"a run cannot have more than {MOST_SHAPES} shapes of rows.")
            self._last += 1
            shape = self._shapes[stream, leaves] = shape_of(self._last, stream, paths)
        return shape


class _Batch:
    """The frames of one batch while it is encoded."""

    def __init__(self, encoder: Encoder, position: int) -> None:
        self.named: dict[int, _Naming] = {}
        self._encoder = encoder
        self._frames: list[bytes] = []
        self._position = position
        self._lines: list[ConsoleText] = []

    def add(self, kind: type, records: Sequence[Any]) -> None:
        """Add records of one type."""
        if issubclass(kind, ConsoleText):
            self._add_lines(records)
            return
        self._end_lines()
        if issubclass(kind, Row):
            steps, times_us, values = map(list, zip(*records, strict=True))
            self._add_rows("metric", steps, times_us, values)
        elif issubclass(kind, SystemSample):
            times_us, values = [one.time_us for one in records], [one.values for one in records]
            self._add_rows("system", [0] * len(records), times_us, values)
        elif issubclass(kind, Gathered):
            for gathered in records:
                self._add_gathered(gathered)
        else:
            for record in records:
                self._add_control(record)

    def finished(self) -> bytes:
        self._end_lines()
        return b"".join(self._frames)

    def _add_rows(
        self,
        stream: RowStream,
        steps: Sequence[int],
        times_us: Sequence[int],
        values: Sequence[Values],
    ) -> None:
        start = 0
        for paths, same in groupby(map(tuple, values)):
            end = start + len(list(same))
            flat = list(chain.from_iterable(map(_values_of, values[start:end])))
            run = _Run(steps[start:end], times_us[start:end], flat, len(paths))
            self._add_run(stream, paths, run)
            start = end

    def _add_run(self, stream: RowStream, paths: tuple[Path, ...], run: _Run) -> None:
        for types, part in run.by_types(list(map(type, run.flat))):
            plan = self._encoder.plan(stream, paths, types)
            if all(_fit(part.column(index)) for index in plan.ints):
                self._put_rows(plan, part)
                continue
            for exact, piece in part.by_types(list(map(_type_of, part.flat))):
                self._put_rows(self._encoder.plan(stream, paths, exact), piece)

    def _put_rows(self, plan: _Plan, run: _Run) -> None:
        for start in range(0, len(run.steps), plan.most_rows):
            self._name(plan.shape)
            block = run.part(start, start + plan.most_rows)
            self._put(frame(Kind.ROWS, _payload(plan, block), plan.shape.id))

    def _add_lines(self, lines: Iterable[ConsoleText]) -> None:
        for line in lines:
            self._lines.append(line)
            if len(self._lines) >= LINES_PER_FRAME:
                self._end_lines()

    def _add_gathered(self, gathered: Gathered) -> None:
        origin = ORIGIN.pack(gathered.position, gathered.skipped)
        self._put(frame(Kind.MARK, origin + gathered.part.encode("ascii")))
        for kind, same in groupby(gathered.records, type):
            self.add(kind, list(same))
        self._end_lines()
        self._put(frame(Kind.MARK, b""))

    def _add_control(self, record: Control) -> None:
        if isinstance(record, Closed):
            self._name_again()
        self._put(frame(Kind.CONTROL, encode_control(record)))

    def _end_lines(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            self._put(frame(Kind.LINES, encode_lines(lines)))

    def _name(self, shape: Shape) -> None:
        naming = self.named.get(shape.id) or self._encoder.named.get(shape.id)
        if naming is None:
            payload = shape.encoded()
            gap = max(FIRST_GAP_BYTES, GAP_PER_SHAPE_BYTE * len(payload))
            self.named[shape.id] = _Naming(payload, self._position, gap)
        elif self._position - naming.named_at >= naming.gap:
            widest = max(WIDEST_GAP_BYTES, naming.gap)
            gap = min(2 * naming.gap, widest)
            self.named[shape.id] = _Naming(naming.payload, self._position, gap, naming.times + 1)
        else:
            return
        self._put(frame(Kind.SHAPE, self.named[shape.id].payload, shape.id))

    def _name_again(self) -> None:
        named = {**self._encoder.named, **self.named}
        once = [(number, naming) for number, naming in named.items() if naming.times == 1]
        for number, naming in once[:MOST_NAMED_AGAIN]:
            self.named[number] = replace(naming, times=2)
            self._put(frame(Kind.SHAPE, naming.payload, number))

    def _put(self, one: bytes) -> None:
        self._frames.append(one)
        self._position += len(one)


def _kind_of(kind: type) -> Number | None:
    known = _NUMBERS.get(kind)
    if known is not None or kind is _TooLarge:
        return known
    if issubclass(kind, float):
        return Number.FLOAT
    return Number.INT if issubclass(kind, int) else None


def _fit(ints: Sequence[Any]) -> bool:
    return bool(min(ints) >= -LARGEST_EXACT_INT and max(ints) <= LARGEST_EXACT_INT)


def _type_of(value: object) -> type:
    return _TooLarge if isinstance(value, int) and not _fit((value,)) else type(value)


def _nearest(number: int) -> int:
    """Return what can be kept of a number that is out of all bounds: its row is not lost."""
    if -INT64_END <= number < INT64_END:
        return number
    return max(-LATEST_US, min(number, LATEST_US))


def _payload(plan: _Plan, run: _Run) -> bytes:
    rows = enumerate(zip(*(run.column(index) for index, _ in plan.others), strict=True))
    paths = [path for _, path in plan.others]
    others = [(row, list(zip(paths, values, strict=True))) for row, values in rows]
    said = dump(others) if others else b""
    header = BLOCK_HEADER.pack(len(run.steps), len(said))
    steps, times_us = _whole(run.steps), _whole(run.times_us)
    return b"".join((header, steps, times_us, _numbers(plan, run), plan.kinds, said))


def _numbers(plan: _Plan, run: _Run) -> bytes:
    if plan.numbers is None:
        return struct.pack(f"<{len(run.flat)}d", *run.flat)
    nothing = [0.0] * len(run.steps)
    columns = [
        nothing if kind == Number.NONE else run.column(index)
        for index, kind in zip(plan.numbers, plan.kinds, strict=True)
    ]
    numbers = list(chain.from_iterable(zip(*columns, strict=True)))
    return struct.pack(f"<{len(numbers)}d", *numbers)


def _whole(numbers: Sequence[int]) -> bytes:
    try:
        return struct.pack(f"<{len(numbers)}q", *numbers)
    except struct.error:
        return struct.pack(f"<{len(numbers)}q", *map(_nearest, numbers))
