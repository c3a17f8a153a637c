"""What people and programs give by mistake: refused at once with a remedy, or kept and bounded."""

import math
import re

import pytest

import nbtrack
from nbtrack.errors import Error, UsageError
from nbtrack.runs import history
from nbtrack.store import Journal, Reader, encoding
from nbtrack.store.shapes import decode_shape

SETTINGS = {"silent": True, "x_disable_stats": True}
LONG = "n" * 10_000
NAMES = {
    "long": LONG,
    "control": "a\x00b\x1b[31m\r\nc",
    "up": "../../etc/passwd",
    "absolute": "/etc/passwd",
    "drive": "C:\\temp\\x",
    "html": "<img src=x onerror=alert(1)>",
    "turned": "\u202egnp.exe",
    "surrogate": "a\ud800b",
    "blank": "  ",
}
LONGEST_ERROR = 1_000


@pytest.fixture
def run(tmp_path):
    run = nbtrack.init(project="digits", dir=tmp_path, settings=SETTINGS)
    yield run
    run.finish()


def nested(levels: int, value: object = 1) -> dict:
    for _ in range(levels):
        value = {"a": value}
    return value


def loop() -> dict:
    inside: dict = {"before": 1}
    inside["again"] = inside
    return inside


def looped_list() -> dict:
    inside: list = [1]
    inside.append(inside)
    return {"list": inside}


def stored(run):
    run.flush()
    reader = Reader(run.root)
    try:
        return reader.run(run.uid), list(reader.rows(run.uid))
    finally:
        reader.close()


DEEP = [nested(1_000), nested(100_000), loop(), looped_list(), {"x": [nested(1_000)]}]
DEEP_IDS = ["thousand", "hundred-thousand", "loop", "looped-list", "in-a-list"]


@pytest.mark.parametrize("argument", ["name", "notes", "group", "job_type"])
@pytest.mark.parametrize("text", NAMES.values(), ids=NAMES.keys())
def test_a_text_that_is_shown_is_kept_as_it_is_and_leads_nowhere(tmp_path, argument, text):
    root = tmp_path / ".nbtrack"
    with nbtrack.init(project="p", dir=tmp_path, settings=SETTINGS, **{argument: text}) as run:
        assert getattr(run, argument) == text

    reader = Reader(root)
    facts = reader.run(run.uid)
    reader.close()
    kept = getattr(facts.opened, argument)
    assert kept == text.replace("\ud800", "?")  # no UTF-8 can say that
    assert [path.name for path in tmp_path.iterdir()] == [".nbtrack"]
    assert [path.name for path in (root / "runs").iterdir()] == [run.uid]
    assert re.fullmatch(r"[0-9a-z-]{1,64}", run.uid)


@pytest.mark.parametrize("argument", ["project", "entity", "id"])
@pytest.mark.parametrize("text", [NAMES[name] for name in NAMES if name not in ("blank", "html")])
def test_a_name_that_is_part_of_paths_is_refused_with_one_that_can_be_taken(
    tmp_path, argument, text
):
    with pytest.raises(UsageError) as caught:
        nbtrack.init(dir=tmp_path, settings=SETTINGS, **{"project": "p", argument: text})

    said = str(caught.value)
    assert said.startswith(argument)
    assert len(said) < LONGEST_ERROR
    assert said.isprintable()
    assert nbtrack.run is None
    remedy = re.search(r"Type \w+='([^']*)'", said)
    if remedy:
        other = {"project": "p", argument: remedy[1].replace("\\\\", "\\")}
        nbtrack.init(dir=tmp_path, settings=SETTINGS, **other).finish()


@pytest.mark.parametrize("tag", [LONG, "", 3, None], ids=["long", "empty", "number", "none"])
def test_a_tag_that_cannot_be_one_is_said_shortly(tmp_path, tag):
    with pytest.raises(UsageError, match="a tag is text of 1 to 64 characters") as caught:
        nbtrack.init(dir=tmp_path, tags=[tag], settings=SETTINGS)

    assert len(str(caught.value)) < LONGEST_ERROR


@pytest.mark.parametrize(
    "name", [nested(100_000), [LONG] * 100, 3.5, object], ids=["deep", "long", "number", "class"]
)
def test_what_is_no_text_is_said_shortly_however_large_it_is(tmp_path, name):
    with pytest.raises(UsageError, match="name must be text") as caught:
        nbtrack.init(name=name, dir=tmp_path, settings=SETTINGS)

    assert len(str(caught.value)) < LONGEST_ERROR


@pytest.mark.parametrize("step", [2**63, 2**53, 10**400], ids=["2**63", "2**53", "10**400"])
def test_a_step_that_no_float_can_hold_is_refused_and_the_run_goes_on(run, step):
    with pytest.raises(UsageError, match=r"takes steps below 2\*\*53"):
        run.log({"loss": 1}, step=step)
    run.log({"loss": 2})

    assert [row["loss"] for row in stored(run)[1]] == [2]


@pytest.mark.parametrize("step", [-1, -(2**63)])
def test_a_step_below_zero_is_dropped_and_counted(run, step):
    run.log({"loss": 1}, step=step)

    assert run.status().dropped_rows == 1


@pytest.mark.parametrize("key", [math.nan, 1, None, ("a", "b"), b"loss"], ids=repr)
def test_a_key_that_is_no_text_is_refused(run, key):
    with pytest.raises(TypeError, match="Keys are text"):
        run.log({key: 1})
    run.log({"loss": {key: 1}})  # inside, keys become text

    (row,) = stored(run)[1]
    assert row[f"loss.{key}"] == 1


def test_a_config_key_that_is_no_text_becomes_text(run):
    run.config.update({math.nan: 1, 2: "b", None: 3})

    assert run.config.as_dict() == {"nan": 1, "2": "b", "None": 3}


@pytest.mark.parametrize("data", DEEP, ids=DEEP_IDS)
def test_what_is_nested_without_end_is_not_logged(run, data):
    for take in (run.log, run.summary.update):
        with pytest.raises(TypeError, match="nested more than 32 levels deep"):
            take(data)
    run.log({"loss": 1})

    assert [row["loss"] for row in stored(run)[1]] == [1]


@pytest.mark.parametrize("config", DEEP, ids=DEEP_IDS)
def test_config_that_is_nested_without_end_ends_as_text(tmp_path, config):
    """A config is what a run was made with: it is no reason not to begin."""
    with nbtrack.init(project="p", dir=tmp_path, config=config, settings=SETTINGS) as run:
        run.config.update({"more": config}, allow_val_change=True)
        told = stored(run)[0].config

    assert told == run.config.as_dict()
    assert told.keys() == {*config, "more"}
    assert len(repr(told)) < 10 * LONGEST_ERROR


def test_a_row_of_ten_thousand_metrics_is_a_row(run):
    data = {f"metric/{number}": number / 8 for number in range(10_000)}
    run.log(data)
    run.log(data)
    run.summary.update({f"own/{number}": number for number in range(10_000)})
    run.config.update({f"key/{number}": number for number in range(10_000)})

    facts, rows = stored(run)
    assert [len(row) for row in rows] == [10_003, 10_003]
    assert rows[1]["metric/9999"] == 9_999 / 8
    assert facts.summary["own/9999"] == 9_999
    assert len(facts.config) == 10_000
    assert run.status().dropped_values == 0


def test_metrics_without_end_are_bounded_said_once_and_counted(tmp_path, monkeypatch, capsys):
    """A million names cost gigabytes in every kernel that reads the run."""
    monkeypatch.setattr(history, "MOST_NAMES", 100)
    settings = {**SETTINGS, "silent": False, "show_info": False}
    run = nbtrack.init(project="p", dir=tmp_path, settings=settings)
    for number in range(300):
        run.log({"loss": number, f"metric/{number}": number})
    run.log({f"more/{number}": number for number in range(50)})

    facts, rows = stored(run)
    names = {name for row in rows for name in row if not name.startswith("_")}
    assert len(names) == len(facts.summary) - 3 <= 100
    assert [row["loss"] for row in rows[:300]] == list(range(300))
    assert run.summary["loss"] == 299
    assert run.status().dropped_values == 301 + 50 - len(names)
    (notice,) = (one for one in facts.notices if one.cause == "metric names")
    assert "values of new ones are not stored" in notice.text
    run.finish()
    assert capsys.readouterr().err.count("values of new ones are not stored") == 1


def test_rows_that_never_have_the_same_keys_cost_bounded_memory(root, journal, monkeypatch, reader):
    from storekit import UID, logged, row

    monkeypatch.setattr(encoding, "MOST_KNOWN_SHAPES", 20)
    data = [{f"m{number % 7}": 1, f"n{number}": number} for number in range(100)]
    for number, values in enumerate([*data, *data]):
        journal.append([row(number, values)])

    assert [logged(one) for one in reader.rows(UID)] == [*data, *data]
    assert len(journal._encoder._shapes) <= 20
    journal.close()
    Journal.reopen(root, UID).close()


@pytest.mark.parametrize("key", ["a\x00b", "k" * 100_000, "<script>", "a\ud800", "\u202ex", " "])
def test_an_odd_key_comes_back(run, key):
    run.log({key: 1})
    run.config[key] = 1

    facts, (row,) = stored(run)
    assert row[key] == 1
    assert 1 in facts.config.values()


@pytest.mark.parametrize("path", ["../../../*", "/*"])
def test_a_pattern_for_the_whole_disk_is_refused_before_it_is_walked(run, path, tmp_path):
    with pytest.raises(UsageError, match="does not lie in"):
        run.save(path, base_path=tmp_path)


@pytest.mark.parametrize("name", ["../../x", "/etc/passwd", "a/../../../x"])
def test_a_file_outside_of_the_run_is_not_opened(run, name):
    with pytest.raises(Error, match="leads out of the files"):
        run.restore(name)


def test_an_endless_line_is_one_line(run):
    run.write_logs("x" * 1_000_000)

    assert stored(run)[0].line_count == 1


def test_a_shape_that_names_nonsense_is_refused():
    with pytest.raises(Error):
        decode_shape(1, b'["metric", [[[[[]]]]]]')
