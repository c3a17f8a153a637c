"""What is looked for in metrics, and what follows when it is found."""

import math
from math import inf, nan

import pytest
from waiting import wait_until

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.query import Api
from nbtrack.records import Row
from nbtrack.runs import session
from nbtrack.runs.watchers import MOST_NOTED, Finding, Watchers
from nbtrack.runs.watchfor import Action, watches_of
from nbtrack.store import Reader


class Looking:
    """Watchers of one run, its rows, and what was found in them."""

    def __init__(self, watch_for: object, goals: dict | None = None) -> None:
        self.findings: list[Finding] = []
        self.step = 0
        self._watchers = Watchers(
            watches_of(watch_for),
            goal_of=(goals or {}).get,
            on_finding=self.findings.append,
        )

    def at(self, *rows: dict, minutes: float = 0.0) -> list[str]:
        """Let rows be logged; return all that was found so far."""
        records = []
        for values in rows:
            records.append(Row(self.step, 0, values))
            self.step += 1
        self._watchers.take(records)
        self._watchers.look(60.0 * minutes)
        return [finding.text for finding in self.findings]

    def at_losses(self, *losses: float) -> list[str]:
        return self.at(*({"loss": loss} for loss in losses))


def test_a_first_nan_is_noted_of_every_metric_without_being_asked():
    looking = Looking(None)

    assert looking.at(
        {"a": 1.0, "b": 2}, {"a": nan, "b": 1, "c": "text"}, {"a": nan, "b": inf}
    ) == [
        "metric 'a' is NaN for the first time at step 1.",
        "metric 'b' is infinite for the first time at step 2.",
    ]
    assert {finding.watch.action for finding in looking.findings} == {Action.NOTE}


def test_metrics_in_dicts_are_named_as_history_names_them():
    assert Looking(None).at({("val", "loss"): nan}) == [
        "metric 'val.loss' is NaN for the first time at step 0."
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"a": 1e308, "b": 1e308},
        {"a": 10**400, "b": 1.0},
        {"a": None, "b": [nan], "c": True, "d": "nan"},
        {},
    ],
    ids=["large", "whole", "no numbers", "empty"],
)
def test_what_is_no_nan_is_not_taken_for_one(values):
    assert Looking(None).at(values) == []


def test_a_model_that_broke_does_not_fill_the_panel():
    texts = Looking(None).at({f"layer{i}": nan for i in range(1000)})

    assert len(texts) == MOST_NOTED
    assert texts[-1].endswith("More metrics of this kind are not named.")


def test_of_several_entries_that_mean_a_metric_the_last_counts():
    looking = Looking({"nan": ["off", {"metric": "train/*", "action": "stop"}]})
    looking.at({"val/loss": nan, "train/loss": nan})

    assert [(f.watch.action, f.cause) for f in looking.findings] == [("stop", "nan train/loss")]


def test_a_loss_that_explodes_diverges_once():
    looking = Looking({"divergence": {"window": 2, "factor": 3}})

    assert looking.at_losses(4.0, 4.0, 2.0, 2.0, 5.0, 6.0) == []
    [text] = looking.at_losses(7.0)
    assert text == (
        "metric 'loss' diverges: the mean of its last 2 values is 6.5 at step 6; the lowest was 2 "
        "at step 3 (factor 3)."
    )
    assert len(looking.at_losses(100.0, 1.0, 1.0, 900.0)) == 1


def test_one_spike_and_a_loss_near_zero_do_not_diverge():
    """A loss that fell a thousandfold may be a hundred times its best and still be small."""
    looking = Looking({"divergence": {"window": 4}})

    assert looking.at_losses(1.0, 1.0, 1.0, 1.0, 3.0, 1.0, 1.0) == []
    assert looking.at_losses(*[1e-5] * 4, *[1e-2] * 4) == []
    assert len(looking.at_losses(*[1.0] * 4)) == 1


def test_a_negative_level_and_one_to_be_maximized_diverge_too():
    negative = Looking({"divergence": {"window": 2}})
    assert negative.at_losses(-5.0, -5.0, 4.0, 4.0) == []
    assert len(negative.at_losses(6.0, 6.0)) == 1

    reward = {"divergence": {"metric": "reward", "window": 2, "goal": "maximize"}}
    falling = Looking(reward).at(*({"reward": value} for value in (10.0, 10.0, -11.0, -11.0)))
    assert "the highest was 10 at step 1" in falling[0]


def test_an_infinite_loss_diverges_and_nan_is_left_to_nan():
    looking = Looking({"nan": "off", "divergence": "warn"})

    assert looking.at_losses(nan) == []
    assert looking.at_losses(inf) == ["metric 'loss' diverges: it is infinite at step 1."]


def test_what_gets_no_better_for_so_many_steps_is_a_plateau():
    plateau = {"metric": "val/*", "steps": 3, "min_delta": 0.1}
    looking = Looking({"nan": "off", "plateau": plateau})

    [text] = looking.at(*({"val/loss": value} for value in (1.0, 0.8, 0.75, nan, 0.71)))
    assert text == (
        "metric 'val/loss' does not get better any more: the lowest value 0.8 was at step 1, and "
        "now it is step 4, 0.0 minutes later."
    )


def test_what_gets_no_better_for_so_many_minutes_is_a_plateau():
    looking = Looking({"plateau": {"minutes": 10}})
    assert looking.at({"loss": 1.0}, minutes=1) == []
    assert looking.at({"loss": 0.5}, minutes=8) == []
    assert looking.at({"loss": 0.6}, minutes=17) == []
    assert "10.5 minutes later" in looking.at({"loss": 0.6}, minutes=18.5)[0]


def test_what_define_metric_says_of_the_goal_counts_for_a_plateau():
    looking = Looking({"plateau": {"metric": "acc", "steps": 2}}, goals={"acc": "maximize"})

    assert looking.at(*({"acc": value} for value in (0.1, 0.2, 0.3, 0.4))) == []
    assert len(looking.at({"acc": 0.3}, {"acc": 0.3})) == 1


@pytest.mark.parametrize(
    ("watch_for", "message"),
    [
        ("nan", r"watch_for must be a dict, not 'nan'. Type \{\"nan\": \"stop\"\}"),
        (
            {"NaN": "stop"},
            "watch_for knows nan, divergence, plateau, not 'NaN'. Did you mean 'nan'",
        ),
        ({"nan": "halt"}, "must be one of off, note, warn, alert, stop, not 'halt'"),
        ({"nan": "stopp"}, "Did you mean 'stop'"),
        ({"nan": 3}, "must be an action .* or a dict, not 3"),
        ({"nan": {"factor": 2}}, "has no option 'factor'. Known are: action, metric"),
        ({"nan": {"metrics": "a"}}, "Did you mean 'metric'"),
        ({"nan": {"metric": []}}, r"must be a name or a list of names, not \[\]"),
        ({"divergence": {"factor": 1}}, "factor .* must be a number above 1, not 1"),
        ({"divergence": {"factor": nan}}, "must be a number above 1, not nan"),
        ({"divergence": {"factor": "2"}}, "must be a number above 1, not '2'"),
        ({"divergence": {"window": 1}}, "must be 2 to 100,000 values, not 1"),
        ({"divergence": {"goal": "down"}}, "must be minimize or maximize, not 'down'"),
        ({"plateau": "warn"}, "needs to know how long is too long: steps or minutes"),
        ({"plateau": {"steps": 0}}, "must be a whole number from 1 on, not 0"),
        ({"plateau": {"steps": True}}, "must be a whole number from 1 on, not True"),
        ({"plateau": {"minutes": -1}}, "must be a number above 0, not -1"),
        ({"plateau": {"steps": 1, "min_delta": inf}}, "must be a number above 0, not inf"),
    ],
)
def test_a_wrong_wish_is_an_error_that_says_what_to_type(watch_for, message):
    with pytest.raises(UsageError, match=message):
        watches_of(watch_for)


def test_a_wrong_wish_begins_no_run(tmp_path):
    with pytest.raises(UsageError, match="watch_for knows"):
        nbtrack.init(dir=tmp_path, watch_for={"inf": "stop"})

    assert session().open_runs() == ()
    assert not list(tmp_path.iterdir())


def opened(tmp_path, watch_for=None, **settings):
    return nbtrack.init(
        project="health",
        dir=tmp_path,
        watch_for=watch_for,
        settings={"x_disable_stats": True, "show_info": False, **settings},
    )


def notices(tmp_path) -> list[tuple[str, str, str]]:
    [facts] = Reader(tmp_path / ".nbtrack").runs()
    return [(one.level, one.cause, one.text) for one in facts.notices]


def test_a_nan_is_kept_with_the_run_and_not_said(tmp_path, capsys):
    run = opened(tmp_path)
    run.log({"loss": nan}, step=3)
    run.finish()

    text = "metric 'loss' is NaN for the first time at step 3."
    assert notices(tmp_path) == [("warning", "nan loss", text)]
    assert capsys.readouterr().err == ""


def test_a_warning_is_said_and_kept(tmp_path, capsys):
    run = opened(tmp_path, {"nan": "warn"})
    run.log({"loss": nan})
    run.finish()

    assert "warning: metric 'loss' is NaN for the first time at step 0." in capsys.readouterr().err
    assert [cause for _, cause, _ in notices(tmp_path)] == ["nan loss"]


def test_an_alert_is_an_alert_of_the_run(tmp_path):
    run = opened(tmp_path, {"plateau": {"steps": 2, "action": "alert"}})
    for loss in (1.0, 1.0, 1.0):
        run.log({"loss": loss})
    run.finish()

    [(level, _, text)] = notices(tmp_path)
    assert level == "warning"
    assert "does not get better any more" in text


def test_stop_asks_whoever_stops_and_keeps_the_reason(tmp_path):
    stopped: list[bool] = []
    run = opened(tmp_path, {"nan": "stop"}, stop_fn=lambda: stopped.append(True))
    run.log({"loss": math.nan})
    wait_until(lambda: stopped, what="the stop")
    run.finish()

    [said] = Api(tmp_path).runs("health")
    assert said.state == "killed"
    [facts] = Reader(tmp_path / ".nbtrack").runs()
    assert facts.reason == "metric 'loss' is NaN for the first time at step 0."


def test_what_the_last_row_shows_stops_nothing_any_more(tmp_path):
    run = opened(tmp_path, {"nan": "stop"}, stop_fn=lambda: None)
    run.log({"loss": nan}, step=5)  # the row is open until the run ends
    run.finish()

    [facts] = Reader(tmp_path / ".nbtrack").runs()
    assert facts.state == "finished"
    assert [one.text for one in facts.notices] == [
        "metric 'loss' is NaN for the first time at step 5."
    ]


def test_a_variable_and_settings_say_it_too(tmp_path, monkeypatch):
    monkeypatch.setenv("NBTRACK_WATCH_FOR", '{"nan": "off"}')
    run = opened(tmp_path)
    run.log({"loss": nan})
    run.finish()

    assert notices(tmp_path) == []
    assert run.settings.watch_for == {"nan": "off"}
