"""Records of chosen loggers."""

import logging
import sys
from collections.abc import Iterator

import pytest

from nbtrack.capture import LineAssembler, LoggerCapture, levels_of, unheard
from nbtrack.capture.lines import BURST_LINES
from nbtrack.clock import SystemClock
from nbtrack.errors import UsageError
from nbtrack.records import ConsoleText, Record


@pytest.fixture
def records() -> list[Record]:
    return []


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """Take back what a test does to loggers."""
    root = logging.getLogger()
    before = root.handlers[:]
    yield
    root.handlers[:] = before
    for name in ("shop", "shop.till"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


def listening(records, levels, *, heard: tuple = ()) -> LoggerCapture:
    root = logging.getLogger()
    root.handlers[:] = [one for one in root.handlers if "pytest" not in type(one).__module__]
    capture = LoggerCapture(
        levels_of(levels),
        LineAssembler(records.append, SystemClock()),
        hears=lambda stream: any(stream is one for one in heard),
        on_trouble=lambda _cause, text: pytest.fail(text),
    )
    capture.start()
    return capture


def said(records: list[Record]) -> list[tuple[str, str, str]]:
    return [(r.level, r.label, r.text) for r in records if isinstance(r, ConsoleText)]


def test_records_come_with_level_and_name_without_any_handler(records, capsys):
    logging.getLogger("shop").setLevel("INFO")
    capture = listening(records, {"shop": "info"})
    logging.getLogger("shop").info("open at %d", 9)
    logging.getLogger("shop.till").error("empty")
    logging.getLogger("shop").debug("not passed on")
    capture.stop()
    logging.getLogger("shop").error("after")

    assert said(records) == [
        ("info", "shop", "INFO:shop:open at 9"),
        ("error", "shop.till", "ERROR:shop.till:empty"),
    ]
    assert capsys.readouterr().err == "empty\nafter\n"


def test_what_a_handler_prints_to_a_heard_stream_is_not_taken_twice(records, capsys):
    logging.getLogger("shop").addHandler(logging.StreamHandler(sys.stderr))
    listening(records, {"shop": "INFO"}, heard=(sys.stderr,))
    logging.getLogger("shop").warning("printed")

    assert said(records) == []
    assert capsys.readouterr().err == "printed\n"


def test_a_handler_that_leaves_a_record_out_does_not_keep_it_from_the_log(records):
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel("ERROR")
    logging.getLogger("shop").addHandler(handler)
    listening(records, {"shop": "INFO"}, heard=(sys.stderr,))
    logging.getLogger("shop").warning("quiet")

    assert said(records) == [("warning", "shop", "WARNING:shop:quiet")]


def test_a_warning_is_shown_as_python_would_show_it_once(records, capsys):
    """Python shows warnings of loggers without handlers; ours must not count as one."""
    for levels in ({"shop": "CRITICAL"}, {"shop": "CRITICAL", "root": "CRITICAL"}):
        listening(records, levels, heard=(sys.stderr,))
    logging.getLogger("shop").warning("shown")

    assert said(records) == []
    assert capsys.readouterr().err == "shown\n"


def test_of_a_logger_and_one_above_it_its_own_level_counts(records):
    listening(records, {"shop": "WARNING", "shop.till": "ERROR", "root": "CRITICAL"})
    for name in ("shop", "shop.till", "other"):
        logging.getLogger(name).warning("careful")
    logging.getLogger("shop.till").error("empty")

    assert [text for _, _, text in said(records)] == [
        "WARNING:shop:careful",
        "ERROR:shop.till:empty",
    ]


def test_an_exception_comes_with_all_its_lines(records):
    listening(records, {"shop": "ERROR"})
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError:
        logging.getLogger("shop").exception("closed")

    texts = [text for _, _, text in said(records)]
    assert texts[0] == "ERROR:shop:closed"
    assert texts[-1] == "ZeroDivisionError: division by zero"
    assert {level for level, _, _ in said(records)} == {"error"}


def test_a_logger_in_a_loop_does_not_fill_the_log(records, capsys):
    listening(records, {"shop": "WARNING"})
    for _ in range(int(BURST_LINES) + 500):
        logging.getLogger("shop").warning("again")

    assert len(records) < BURST_LINES + 300


def test_a_logger_that_passes_on_less_is_said():
    [text] = unheard(levels_of({"shop": "INFO"}))
    assert text == (
        "logger 'shop' passes on WARNING and above only, so the run's log gets no INFO of it. "
        "Type logging.getLogger('shop').setLevel('INFO')."
    )
    logging.getLogger("shop").setLevel("DEBUG")
    assert unheard(levels_of({"shop": "INFO"})) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"shop": "LOUD"}, "must be a number or one of .*CRITICAL.*, not 'LOUD'. Type"),
        ({"shop": True}, "not True"),
        ({3: "INFO"}, "takes names of loggers, not 3"),
    ],
)
def test_a_wrong_name_or_level_is_said(given, message):
    with pytest.raises(UsageError, match=message):
        levels_of(given)
