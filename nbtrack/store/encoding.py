"""Records become frames. Runs on the thread that writes a journal, without numpy.

The work per row is one look-up by its keys and the types of its values; what follows
from them is planned once. Nothing is remembered of a batch until it is written: a batch
that failed is encoded anew, with all shapes that it needs.
"""

import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from nbtrack.records import Closed, ConsoleText, Control, Json, Path, Record, Row, SystemSample
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
MOST_NAMED_AGAIN = 256  # at the end, so that no frame is the only one that names a shape

Values: TypeAlias = Mapping[Path, Json] | Mapping[str, float]

_NUMBERS: dict[type, Number] = {
    float: Number.FLOAT,
    int: Number.INT,
    bool: Number.BOOL,
    type(None): Number.NONE,
}


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


@dataclass(slots=True)
class _Block:
    """Consecutive rows that one plan fits."""

    steps: "array[int]" = field(default_factory=lambda: array("q"))
    times: "array[int]" = field(default_factory=lambda: array("q"))
    numbers: "array[float]" = field(default_factory=lambda: array("d"))
    others: list[tuple[int, list[tuple[Path, Json]]]] = field(default_factory=list)


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

    def encode(self, records: Sequence[Record], position: int) -> tuple[bytes, dict[int, _Naming]]:
        """Return a batch as frames, and what to `accept` once they are written.

        Args:
            records: In order.
            position: Offset in the journal at which the frames will stand.
        """
        batch = _Batch(self, position)
        for record in records:
            if isinstance(record, Row):
                batch.add_row("metric", record.values, record.step, record.time_us)
            elif isinstance(record, SystemSample):
                batch.add_row("system", record.values, 0, record.time_us)
            elif isinstance(record, ConsoleText):
                batch.add_line(record)
            else:
                batch.add_control(record)
        return batch.finished(), batch.named

    def accept(self, named: Mapping[int, _Naming]) -> None:
        """Remember which shapes a written batch has named."""
        self.named.update(named)

    def plan(self, stream: RowStream, values: Values) -> _Plan:
        """Return how a row is written."""
        types = tuple(map(type, values.values()))
        key = (stream, tuple(values), types)
        plan = self._plans.get(key) or self._new_plan(key)
        if plan.ints and not _fit(plan.ints, values):
            types = tuple(_TooLarge if _is_too_large(one) else type(one) for one in values.values())
            key = (stream, key[1], types)
            plan = self._plans.get(key) or self._new_plan(key)
        return plan

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
        self._plan: _Plan | None = None
        self._block = _Block()
        self._lines: list[ConsoleText] = []

    def add_row(self, stream: RowStream, values: Values, step: int, time_us: int) -> None:
        plan = self._encoder.plan(stream, values)
        block = self._block
        if plan is not self._plan or len(block.steps) >= plan.most_rows:
            self._end_block()
            self._end_lines()
            self._plan = plan
            block = self._block
        if plan.numbers is None:
            block.numbers.extend(values.values())  # type: ignore[arg-type]
        else:
            _add_parts(plan, block, tuple(values.values()))
        try:
            block.steps.append(step)
        except OverflowError:
            block.steps.append(_nearest(step))
        try:
            block.times.append(time_us)
        except OverflowError:
            block.times.append(_nearest(time_us))

    def add_line(self, line: ConsoleText) -> None:
        self._end_block()
        self._lines.append(line)
        if len(self._lines) >= LINES_PER_FRAME:
            self._end_lines()

    def add_control(self, record: Control) -> None:
        self._end_block()
        self._end_lines()
        if isinstance(record, Closed):
            self._name_again()
        self._put(frame(Kind.CONTROL, encode_control(record)))

    def finished(self) -> bytes:
        self._end_block()
        self._end_lines()
        return b"".join(self._frames)

    def _end_block(self) -> None:
        plan, block = self._plan, self._block
        if plan is None:
            return
        self._plan, self._block = None, _Block()
        self._name(plan.shape)
        self._put(frame(Kind.ROWS, _payload(plan, block), plan.shape.id))

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


def _fit(ints: tuple[int, ...], values: Values) -> bool:
    found = tuple(values.values())
    return all(-LARGEST_EXACT_INT <= found[index] <= LARGEST_EXACT_INT for index in ints)  # type: ignore[operator]


def _is_too_large(value: object) -> bool:
    return isinstance(value, int) and not -LARGEST_EXACT_INT <= value <= LARGEST_EXACT_INT


def _add_parts(plan: _Plan, block: _Block, values: tuple[Json, ...]) -> None:
    for index in plan.numbers or ():
        value = values[index]
        block.numbers.append(0.0 if value is None else value)  # type: ignore[arg-type]
    if plan.others:
        others = [(path, values[index]) for index, path in plan.others]
        block.others.append((len(block.steps), others))


def _nearest(number: int) -> int:
    """Return what can be kept of a number that is out of all bounds: its row is not lost."""
    return max(-LATEST_US, min(number, LATEST_US))


def _payload(plan: _Plan, block: _Block) -> bytes:
    others = dump(block.others) if block.others else b""
    header = BLOCK_HEADER.pack(len(block.steps), len(others))
    parts = (_little(block.steps), _little(block.times), _little(block.numbers))
    return b"".join((header, *parts, plan.kinds, others))


def _little(numbers: "array[int] | array[float]") -> bytes:
    if sys.byteorder == "big":
        numbers = numbers[:]
        numbers.byteswap()
    return numbers.tobytes()
