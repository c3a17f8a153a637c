"""`nbtrack plot`."""

import json


def test_metrics_of_runs_go_into_a_file(filled, command, tmp_path):
    out = tmp_path / "loss.svg"

    said = command(
        *("plot", "quiet-fox", "slow-crab", "--keys", "train/loss", "-o", str(out)),
        *("--smoothing", "0.5", "--width-mm", "85", "--font", "Times", "--y-label", "loss"),
    )

    assert (said.code, said.out) == (0, f"{out}: 2 runs, {said.out.split(', ')[1]}")
    svg = out.read_text("utf-8")
    assert 'width="85mm"' in svg
    assert ">quiet-fox</text>" in svg


def test_programs_are_told_what_was_written(filled, command, tmp_path):
    out = tmp_path / "loss.svg"

    said = command("plot", "quiet-fox", "-o", str(out), "--json")

    told = json.loads(said.out)
    assert told["runs"] == ["20260102-030406-00000002"]
    assert told["bytes"] == out.stat().st_size


def test_nothing_is_overwritten_unasked(filled, command, tmp_path):
    out = tmp_path / "loss.svg"
    out.write_text("mine")

    refused = command("plot", "quiet-fox", "-o", str(out))
    forced = command("plot", "quiet-fox", "-o", str(out), "--force")

    assert (refused.code, "--force" in refused.err) == (2, True)
    assert forced.code == 0
    assert out.read_text("utf-8").startswith("<svg")


def test_a_metric_that_is_not_there_is_named(filled, command, tmp_path):
    said = command("plot", "quiet-fox", "--keys", "loss", "-o", str(tmp_path / "x.svg"))

    assert said.code == 2
    assert "none of the 1 runs has the metric 'loss'" in said.err
