"""The same few lines for nbtrack and for the reference.

Each case gets the tracker's module and what opens a run of it. What it returns is
compared, and so are the rows, the summary and the config of the run that it opened.
"""

import dataclasses
import datetime as dt
import enum
import inspect
import math
import pathlib
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

Tracker = Any
Begin = Callable[..., Any]

CASES: dict[str, Callable[[Tracker, Begin], object]] = {}
BESIDES: dict[str, tuple[str, ...]] = {}
"""What is compared of a case besides, by its name; the probe knows the parts."""


def case(function: Callable[[Tracker, Begin], object]) -> Callable[[Tracker, Begin], object]:
    """Add a function to the cases, by its name."""
    CASES[function.__name__] = function
    return function


def also(*parts: str) -> Callable[..., Any]:
    """Have parts of what is kept compared as well."""

    def noted(function: Callable[[Tracker, Begin], object]) -> Callable[..., object]:
        BESIDES[function.__name__] = parts
        return function

    return noted


def refused(call: Callable[[], object], *kinds: type[BaseException]) -> str:
    """Return "refused" if a call raises one of these, else what it did."""
    try:
        call()
    except kinds:
        return "refused"
    except Exception as error:  # noqa: BLE001 - what is raised is the result
        return f"raised {type(error).__name__}"
    return "taken"


def taken(function: Callable[..., object]) -> set[str]:
    """Return the names of a function's arguments."""
    return set(inspect.signature(function).parameters)


class Colour(enum.Enum):
    """A choice."""

    RED = 1


@dataclasses.dataclass
class Optimizer:
    """Some settings."""

    name: str
    rate: float


# --- 1.8: steps and commits -----------------------------------------------------------------


@case
def a_row_for_every_log(_tracker, begin):
    run = begin()
    for number in range(3):
        run.log({"loss": number / 2})
    return run.step


@case
def an_open_row_takes_more_values(_tracker, begin):
    run = begin()
    run.log({"a": 1}, commit=False)
    run.log({"b": 2, "a": 3}, commit=False)
    run.log({"c": 4})
    run.log({"d": 5})
    return run.step


@case
def an_open_row_is_kept_at_the_end(_tracker, begin):
    begin().log({"a": 1}, commit=False)


@case
def explicit_steps_leave_gaps(_tracker, begin):
    run = begin()
    run.log({"a": 1}, step=5)
    run.log({"a": 2}, step=10)
    return run.step


@case
def the_same_step_merges(_tracker, begin):
    run = begin()
    run.log({"a": 1, "b": 1}, step=5)
    run.log({"b": 2, "c": 3}, step=5)
    run.log({"d": 4}, step=6)
    return run.step


@case
def an_explicit_step_closes_the_open_row_under_its_own(_tracker, begin):
    run = begin()
    run.log({"a": 1}, commit=False)
    run.log({"b": 2}, step=7)
    return run.step


@case
def an_implicit_log_joins_an_explicit_step_and_closes_it(_tracker, begin):
    run = begin()
    run.log({"a": 1}, step=3)
    run.log({"b": 2})
    run.log({"c": 3})
    return run.step


@case
def a_step_that_is_over_is_dropped(_tracker, begin):
    run = begin()
    run.log({"a": 1}, step=5)
    run.log({"a": 2}, step=3)
    run.log({"a": 3}, step=6)


@case
def a_row_at_the_step_of_an_implicit_row_is_dropped(_tracker, begin):
    run = begin()
    run.log({"a": 1})
    run.log({"b": 2}, step=0)
    run.log({"c": 3}, step=1)


@case
def a_step_can_be_committed_at_once(_tracker, begin):
    run = begin()
    run.log({"a": 1}, step=2, commit=True)
    run.log({"b": 2}, step=2)
    run.log({"c": 3})
    return run.step


@case
def a_negative_step_is_dropped(_tracker, begin):
    run = begin()
    run.log({"a": 1}, step=-1)
    run.log({"a": 2})


@case
def an_empty_row_takes_a_step(_tracker, begin):
    run = begin()
    run.log({})
    run.log({"a": 1})
    return run.step


@case
def a_step_may_be_a_number_of_numpy(_tracker, begin):
    begin().log({"a": 1}, step=np.int64(4))


@case
def what_is_no_dict_of_texts_is_refused(_tracker, begin):
    run = begin()
    run.log({"a": 0})
    return [
        refused(lambda: run.log(1), TypeError),
        refused(lambda: run.log([("a", 1)]), TypeError),
        refused(lambda: run.log({1: 2}), TypeError),
        refused(lambda: run.log({"a": 1}, step="x"), TypeError, ValueError),
    ]


@case
def a_step_of_the_user_is_ignored(_tracker, begin):
    run = begin()
    run.log({"a": 1, "_step": 77})
    run.log({"a": 2})


@case
def the_dict_of_the_user_stays_as_it_was(_tracker, begin):
    row = {"a": 1, "n": {"b": 2}}
    begin().log(row)
    return row


@case
def the_module_logs_to_the_run(tracker, begin):
    begin()
    tracker.log({"a": 1}, step=4)
    tracker.log({"b": 2})


@case
def a_time_of_the_user_is_kept(_tracker, begin):
    run = begin()
    run.log({"a": 1, "_timestamp": 123.5})
    return run.summary["_timestamp"]


@case
def threads_log_rows_of_their_own(_tracker, begin):
    run = begin()
    threads = [threading.Thread(target=run.log, args=({"a": 1},)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return run.step


@case
def without_a_run_the_module_refuses(tracker, begin):
    begin().finish()
    return [
        tracker.run,
        refused(lambda: tracker.log({"a": 1}), tracker.Error),
        refused(lambda: tracker.config["a"], tracker.Error),
        refused(lambda: tracker.summary["a"], tracker.Error),
        refused(lambda: tracker.define_metric("a"), tracker.Error),
        refused(tracker.finish),
    ]


@case
def keys_are_taken_as_they_are(_tracker, begin):
    begin().log({"train/loss": 1, "a/b/c": 2, "with space": 3, "ä": 4, "": 5, "empty": {}})


@case
def nested_dicts_are_flattened(_tracker, begin):
    begin().log({"n": {"a": 1, "m": {"b": [1, 2]}}, "x": 1})


@case
def a_dot_in_a_key_stays(_tracker, begin):
    begin().log({"a.b": 1})


# --- 1.9: values ----------------------------------------------------------------------------


@case
def plain_values_are_kept(_tracker, begin):
    begin().log({"int": 1, "float": 0.1, "bool": True, "text": "hello", "none": None})


@case
def what_is_no_number_is_kept(_tracker, begin):
    begin().log({"nan": math.nan, "inf": math.inf, "minus": -math.inf})


@case
def scalars_of_numpy_become_numbers(_tracker, begin):
    begin().log({
        "float32": np.float32(0.5),
        "int64": np.int64(7),
        "bool": np.bool_(1),
        "nan": np.float64("nan"),
        "zero dimensions": np.array(3.5),
        "one element": np.array([[4]]),
    })  # fmt: skip


@case
def small_arrays_become_lists(_tracker, begin):
    begin().log({"row": np.arange(32), "square": np.eye(2)})


@case
def large_arrays_become_histograms(_tracker, begin):
    begin().log({"many": np.arange(33)})


@case
def lists_and_their_like_become_lists(_tracker, begin):
    begin().log({"list": [1, 2.5, "x"], "tuple": (1, 2), "empty": [], "nested": [[1], [2, 3]]})


@case
def sets_become_lists(_tracker, begin):
    begin().log({"set": {3}})


@case
def bytes_become_text(_tracker, begin):
    begin().log({"bytes": b"abc"})


@case
def dates_become_text(_tracker, begin):
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    begin().log({"moment": moment, "day": dt.date(2026, 1, 2)})


@case
def enums_become_their_values(_tracker, begin):
    begin().log({"colour": Colour.RED})


@case
def whole_numbers_beyond_64_bits_become_floats(_tracker, begin):
    begin().log({"large": 2**70})


@case
def complex_numbers_become_text(_tracker, begin):
    begin().log({"complex": 1 + 2j})


@case
def an_object_is_refused_and_the_run_goes_on(_tracker, begin):
    run = begin()
    result = refused(lambda: run.log({"a": 1, "b": object()}), TypeError)
    run.log({"c": 3})
    return result


@case
def a_histogram_is_counted(tracker, begin):
    numbers = np.arange(10) / 10
    begin().log({
        "counted": tracker.Histogram(numbers, num_bins=4),
        "given": tracker.Histogram(np_histogram=np.histogram(numbers, bins=2)),
        "default": tracker.Histogram([1, 2, 3]),
    })  # fmt: skip


@case
def a_histogram_of_too_many_bins_is_refused(tracker, begin):
    begin()
    return refused(lambda: tracker.Histogram([1.0, 2.0], num_bins=513), ValueError)


# --- 1.10: summary --------------------------------------------------------------------------


@case
def the_last_value_counts(_tracker, begin):
    run = begin()
    run.log({"a": 1, "b": "x"})
    run.log({"a": 2})


@case
def none_overwrites_nothing(_tracker, begin):
    run = begin()
    run.log({"a": 1})
    run.log({"a": None})


@case
def values_are_set_by_hand(_tracker, begin):
    run = begin()
    run.summary["best"] = 0.9
    run.summary.update({"note": "good", "nested": {"a": 1}})
    run.summary["nested"]["b"] = 2
    run.summary.attribute = 3
    return [run.summary["best"], run.summary.best, run.summary.get("none"), "best" in run.summary]


@case
def a_later_row_overwrites_a_value_set_by_hand(_tracker, begin):
    run = begin()
    run.summary["a"] = 100
    run.log({"a": 1})


@case
def values_are_removed(_tracker, begin):
    run = begin()
    run.log({"a": 1, "b": 2})
    del run.summary["a"]


@case
def a_key_that_is_missing_is_said(_tracker, begin):
    run = begin()
    run.log({"a": 1})
    return [
        refused(lambda: run.summary["x"], KeyError),
        refused(lambda: run.summary.x, KeyError),
        sorted(key for key in run.summary.keys() if not key.startswith("_")),  # noqa: SIM118
    ]


# --- 1.11: define_metric --------------------------------------------------------------------


@case
def aggregates_are_kept(_tracker, begin):
    run = begin()
    run.define_metric("loss", summary="min,MAX,mean,last")
    run.define_metric("acc", summary="max")
    for loss in (3.0, 1.0, 2.0):
        run.log({"loss": loss, "acc": -loss})


@case
def the_first_value_is_kept(_tracker, begin):
    run = begin()
    run.define_metric("loss", summary="first")
    run.log({"loss": 3.0})
    run.log({"loss": 1.0})


@case
def nothing_is_kept(_tracker, begin):
    run = begin()
    run.define_metric("loss", summary="none")
    run.log({"loss": 3.0, "acc": 1})


@case
def nan_and_aggregates(_tracker, begin):
    run = begin()
    run.define_metric("loss", summary="min,max,mean")
    for loss in (3.0, math.nan, 1.0):
        run.log({"loss": loss})


@case
def a_value_set_by_hand_and_aggregates(_tracker, begin):
    run = begin()
    run.define_metric("loss", summary="min,max")
    run.log({"loss": 3.0})
    run.summary["loss"] = 100
    run.log({"loss": 1.0})


@case
def a_value_set_by_hand_stays_without_a_summary(_tracker, begin):
    run = begin()
    run.define_metric("loss", summary="none")
    run.summary["loss"] = 100
    run.log({"loss": 1.0})


@case
def the_step_metric_is_filled_in(_tracker, begin):
    run = begin()
    run.define_metric("val/*", step_metric="epoch")
    run.log({"val/acc": 1})
    run.log({"epoch": 4})
    run.log({"val/acc": 2})
    run.log({"other": 3})
    run.log({"val/acc": 4, "epoch": 5})


@case
def the_step_metric_is_not_filled_in(_tracker, begin):
    run = begin()
    run.define_metric("val", step_metric="epoch", step_sync=False)
    run.log({"epoch": 4})
    run.log({"val": 2})


@case
def a_star_means_all(_tracker, begin):
    run = begin()
    run.define_metric("*", step_metric="epoch", summary="max")
    run.log({"a": 3, "epoch": 2})
    run.log({"a": 1})


@case
def nested_metrics_are_named_by_dots(_tracker, begin):
    run = begin()
    run.define_metric("n.loss", summary="min")
    run.log({"n": {"loss": 2, "acc": 1}})
    run.log({"n": {"loss": 3, "acc": 2}})


@case
def definitions_add_up_and_are_replaced(_tracker, begin):
    run = begin()
    run.define_metric("a", summary="min")
    run.define_metric("a", summary="max")
    run.define_metric("b", summary="min")
    run.define_metric("b", summary="max", overwrite=True)
    for number in (2, 1, 3):
        run.log({"a": number, "b": number})


@case
def a_definition_is_returned(_tracker, begin):
    run = begin()
    step = run.define_metric("epoch")
    metric = run.define_metric("loss", step_metric=step, hidden=True, summary="min")
    return [metric.name, metric.step_metric, metric.step_sync, metric.hidden, [*metric.summary]]


@case
def definitions_that_make_no_sense_are_refused(tracker, begin):
    run = begin()
    return [
        refused(lambda: run.define_metric(""), tracker.Error),
        refused(lambda: run.define_metric("a*b"), tracker.Error),
        refused(lambda: run.define_metric("a", summary="median"), tracker.Error),
    ]


# --- 1.12: config ---------------------------------------------------------------------------


@case
def config_values_become_json(_tracker, begin):
    begin(
        config={
            "path": pathlib.PurePosixPath("/data"),
            "tuple": (1, 2),
            "set": {1},
            "data": Optimizer("sgd", 0.1),
            "enum": Colour.RED,
            "day": dt.date(2026, 1, 2),
            "function": math.sqrt,
            "class": pathlib.Path,
            "nan": math.nan,
            "slice": slice(1, 5, 2),
            "numpy": np.float32(0.5),
            "array": np.arange(3),
            "none": None,
            "--dashed--": 1,
            "nested": {"a": {"b": 1}},
        }
    )


@case
def config_is_read_as_a_dict_and_by_attributes(_tracker, begin):
    run = begin(config={"a": 1, "b": {"c": 2}})
    config = run.config
    return [
        config["a"],
        config.a,
        config.get("x", 5),
        "a" in config,
        sorted(config.keys()),
        config.as_dict(),
        {**config},
        config.b["c"],
        refused(lambda: config.x, AttributeError),
        refused(lambda: config["x"], KeyError),
    ]


@case
def config_of_a_script_does_not_change(tracker, begin):
    run = begin(config={"a": 1})
    run.config["a"] = 1
    run.config["b"] = 2
    return [
        refused(lambda: run.config.update({"a": 2}), tracker.Error),
        refused(lambda: setattr(run.config, "a", 2), tracker.Error),
        refused(lambda: run.config.update({"a": 3}, allow_val_change=True), tracker.Error),
    ]


@case
def config_may_be_allowed_to_change(_tracker, begin):
    run = begin(config={"a": 1}, allow_val_change=True)
    run.config["a"] = 2
    run.config.b = 3


@case
def defaults_are_set_where_nothing_is(_tracker, begin):
    run = begin(config={"a": 1})
    run.config.setdefaults({"a": 5, "b": 6})


@case
def config_has_no_removal_and_no_length(_tracker, begin):
    run = begin(config={"a": 1})
    return [
        refused(lambda: run.config.__delitem__("a"), AttributeError, TypeError),
        refused(lambda: len(run.config), AttributeError, TypeError),
    ]


@case
def config_is_read_and_not_written_after_the_end(tracker, begin):
    run = begin(config={"a": 1})
    run.finish()
    return [run.config["a"], refused(lambda: run.config.update({"b": 2}), tracker.Error)]


@case
def a_finished_run_takes_nothing(tracker, begin):
    run = begin()
    run.log({"a": 1})
    run.finish()
    run.finish()
    return [
        refused(lambda: run.log({"a": 2}), tracker.Error),
        refused(lambda: run.define_metric("a"), tracker.Error),
        refused(lambda: setattr(run, "name", "other"), tracker.Error),
    ]


@case
def a_disabled_run_takes_everything(_tracker, begin):
    run = begin(mode="disabled", config={"a": 1})
    run.log({"loss": 1})
    run.log({"loss": 2})
    return [run.disabled, run.config["a"], run.summary["loss"], run.step, run.name[:6]]


@case
def names_notes_and_tags_are_set(_tracker, begin):
    run = begin(name="first", notes="some", tags=["a", "b"], group="g", job_type="train")
    run.tags += ("c",)
    run.notes = "more"
    return [run.name, run.notes, [*run.tags], run.group, run.job_type]


# --- what is kept besides -------------------------------------------------------------------


@case
@also("names")
def names_are_kept_as_they_were_at_the_end(_tracker, begin):
    run = begin(name="first", notes="some", tags=["b", "a"], group="g", job_type="train")
    run.name = "second"
    run.notes = "more"
    run.tags += ("c",)


@case
@also("alerts")
def alerts_are_kept_with_their_levels(tracker, begin):
    run = begin()
    run.alert("plain", "text")
    run.alert("warned", "text", level="WARN")
    run.alert("wrong", "text", level=tracker.AlertLevel.ERROR, wait_duration=5)
    run.alert("later", "text", wait_duration=dt.timedelta(minutes=5))
    return [
        refused(lambda: run.alert("a", "b", level="warn"), ValueError),
        refused(lambda: run.alert("a", "b", wait_duration="x"), TypeError),
        refused(lambda: run.alert("a"), TypeError),
    ]


@case
@also("metrics")
def definitions_are_kept(_tracker, begin):
    run = begin()
    step = run.define_metric("epoch")
    run.define_metric("loss", summary="min,max", hidden=True)
    run.define_metric("loss", summary="last")
    run.define_metric("val/*", step_metric=step, summary="mean")
    run.define_metric("free", step_metric="epoch", step_sync=False)
    run.log({"loss": 1, "epoch": 1})


@case
@also("console")
def what_is_printed_is_kept(_tracker, begin):
    begin(settings={"console": "wrap"})
    print("one\ntwo")  # noqa: T201 - what is recorded
    print("with", "no end", end="")  # noqa: T201 - the same
    print("", "äöü", sep="\n")  # noqa: T201 - the same
    print("wrong", file=sys.stderr)  # noqa: T201 - the same


@case
@also("console")
def what_is_written_by_hand_is_kept(_tracker, begin):
    run = begin()
    run.write_logs("one")
    run.write_logs("two\nthree\n")
    run.finish()
    run.write_logs("too late")


@case
@also("console")
def nothing_is_kept_of_what_is_printed_when_it_is_off(_tracker, begin):
    begin(settings={"console": "off"})
    print("one")  # noqa: T201 - what is not recorded


@case
@also("files")
def files_are_kept_under_their_names(_tracker, begin):
    run = begin(save_code=False, settings={"disable_git": True})
    folder = pathlib.Path(run.dir)
    (folder / "below").mkdir(parents=True, exist_ok=True)
    (folder / "below" / "own.txt").write_text("mine")
    saved = run.save(str(folder / "below" / "own.txt"), base_path=str(folder), policy="now")
    return [
        [pathlib.Path(path).relative_to(folder).as_posix() for path in saved],
        refused(lambda: run.save(str(folder / "below"), policy="x"), ValueError),
        refused(lambda: run.save(__file__, base_path=str(folder)), ValueError),
        run.save("there are none of these *"),
    ]


@case
@also("machine")
def a_run_says_where_it_ran(_tracker, begin):
    begin()


@case
@also("pinned")
def pinned_keys_are_those_of_the_last_call(_tracker, begin):
    run = begin(config={"a": 1, "b": 2})
    run.pin_config_keys(["a"])
    run.pin_config_keys(["b", "a"])


@case
def settings_are_named_alike(_tracker, begin):
    run = begin(
        name="n", group="g", job_type="j", notes="o", tags=["t"],
        settings={"x_stats_sampling_interval": 3, "ignore_globs": ["*.tmp"], "x_label": "w"},
    )  # fmt: skip
    chosen = run.settings
    return [
        *(chosen.project, chosen.mode, chosen.run_name, chosen.run_group, chosen.run_job_type),
        *(chosen.run_notes, [*chosen.run_tags], chosen.x_stats_sampling_interval),
        *([*chosen.ignore_globs], chosen.x_label, chosen.x_primary, chosen.run_id == run.id),
        *(chosen.disable_git, chosen.disable_code, chosen.silent, chosen.x_disable_stats),
        refused(lambda: run.settings.nothing_of_that_name, AttributeError),
        refused(lambda: begin(settings={"nothing_of_that_name": 1}), ValueError, TypeError),
    ]


@case
def methods_take_the_same_arguments(tracker, begin):
    run = begin()
    told = {
        "alert": "title text level wait_duration",
        "define_metric": "name step_metric step_sync hidden summary overwrite",
        "display": "height hidden",
        "finish": "exit_code",
        "log": "data step commit",
        "log_code": "root name include_fn exclude_fn",
        "mark_preempting": "",
        "pin_config_keys": "keys",
        "restore": "name run_path replace root",
        "save": "glob_str base_path policy",
        "status": "",
        "to_html": "height hidden",
        "write_logs": "text",
    }
    of_the_module = {
        "finish": "exit_code",
        "termerror": "string newline repeat prefix",
        "termlog": "string newline repeat prefix",
        "termwarn": "string newline repeat prefix",
    }
    return [
        (name, [word for word in words.split() if word not in taken(getattr(owner, name))])
        for owner, named in ((run, told), (tracker, of_the_module))
        for name, words in named.items()
    ]


@case
def how_far_the_run_is_stored_is_said(_tracker, begin):
    status = begin().status()
    return [
        isinstance(status.sync_items_total, int),
        isinstance(status.sync_items_pending, int),
        status.sync_time is None or status.sync_time.tzinfo is not None,
    ]


@case
def histograms_are_no_config(tracker, begin):
    run = begin()
    return refused(lambda: run.config.update({"h": tracker.Histogram([1, 2])}), TypeError)


@case
def an_update_of_config_replaces_dicts(_tracker, begin):
    run = begin(config={"n": {"a": 1}})
    run.config.update({"n": {"b": 2}}, allow_val_change=True)
