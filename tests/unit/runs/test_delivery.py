"""Alerts on their way to a webhook and to the desktop."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from receiver import Receiver, receiving
from waiting import wait_until

import nbtrack
from nbtrack.errors import UsageError
from nbtrack.records import Notice
from nbtrack.runs import Run, session
from nbtrack.runs.delivery import MOST_WAITING, Delivery, DeliveryError
from nbtrack.runs.desktop import notify
from nbtrack.store import Reader


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def said(monkeypatch) -> list[str]:
    """What nbtrack says to the user."""
    texts: list[str] = []
    for name in list(os.environ):
        if name.startswith(("WANDB_", "NBTRACK_")):
            monkeypatch.delenv(name)
    monkeypatch.setattr(session(), "voice", lambda _level, text: texts.append(text))
    yield texts
    nbtrack.teardown()


def begin(folder: Path, **settings: object) -> Run:
    return nbtrack.init(project="alerts", dir=folder, settings={"x_disable_stats": True} | settings)


def test_an_alert_is_posted_in_the_words_of_many_receivers(tmp_path, receiver, said):
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    run.alert("loss is <NaN> & worse", "at epoch 3 <!channel>", level="ERROR")
    assert session()._delivery.drain()
    run.finish()

    ((_, _, body),) = receiver.posts
    whole = f"ERROR: loss is <NaN> & worse\nat epoch 3 <!channel>\n{run.name} ({run.path})"
    assert body["content"] == whole
    assert body["text"].startswith("ERROR: loss is &lt;NaN&gt; &amp; worse\nat epoch 3 &lt;!chan")
    assert (body["title"], body["message"]) == (
        "ERROR: loss is <NaN> & worse",
        "at epoch 3 <!channel>",
    )
    assert (body["priority"], body["level"]) == (5, "ERROR")
    assert body["allowed_mentions"] == {"parse": []}
    assert body["run"] == {
        "name": run.name,
        "project": "alerts",
        "path": run.path,
        "url": None,
    }
    assert said == []


def test_a_title_that_is_not_told_again_is_not_posted_again(tmp_path, receiver, said):
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    for _ in range(5):
        run.alert("slow", "0.1 steps/s")
    assert session()._delivery.drain()

    assert len(receiver.posts) == 1


def test_a_long_text_is_cut_to_what_receivers_take(tmp_path, receiver, said):
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    run.alert("long", "x" * 100_000)
    assert session()._delivery.drain()

    assert len(receiver.posts[0][2]["content"]) <= 2_000


def test_a_receiver_that_is_slow_holds_nobody_up_and_the_queue_is_bounded(tmp_path, receiver, said):
    receiver.gate.clear()
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    for number in range(MOST_WAITING + 10):
        run.alert(f"title {number}", "text")
    run.log({"loss": 1.0})
    receiver.gate.set()
    assert session()._delivery.drain(20)

    # One may be with the receiver while the others wait.
    assert MOST_WAITING <= len(receiver.posts) <= MOST_WAITING + 1
    run.flush()
    facts = Reader(run.root).run(run.uid)
    assert facts.rows == 1
    assert len([one for one in facts.notices if one.title]) == MOST_WAITING + 10
    (full,) = [one for one in facts.notices if one.cause == "alert delivery queue"]
    assert "others wait already" in full.text


def test_a_failure_is_told_once_and_kept_with_the_run(tmp_path, receiver, said):
    receiver.status = 500
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    for number in range(3):
        run.alert(f"title {number}", "text")
    assert session()._delivery.drain()
    run.flush()
    notices = Reader(run.root).run(run.uid).notices
    run.finish()

    (told,) = [text for text in said if "not delivered" in text]
    assert "not delivered by webhook: 127.0.0.1 answered 500. It is kept with the run" in told
    (kept,) = [one for one in notices if one.cause == "alert delivery webhook"]
    assert kept.title is None


def test_this_machine_is_not_reached_unless_that_is_allowed(tmp_path, receiver, said):
    run = begin(tmp_path, alert_webhook=receiver.address)
    run.alert("title", "text")
    assert session()._delivery.drain()
    run.finish()

    assert receiver.posts == []
    assert any("NBTRACK_ALERT_WEBHOOK_PRIVATE=1" in text for text in said)


def test_a_variable_and_the_file_of_a_workspace_say_where_to(tmp_path, receiver, said, monkeypatch):
    monkeypatch.setenv("NBTRACK_ALERT_WEBHOOK_PRIVATE", "1")
    (tmp_path / ".nbtrack").mkdir()
    (tmp_path / ".nbtrack/settings.toml").write_text(f'alert_webhook = "{receiver.address}"\n')
    begin(tmp_path).alert("title", "text")
    assert session()._delivery.drain()

    assert len(receiver.posts) == 1


def test_a_folder_cannot_allow_itself_to_reach_into_the_network(tmp_path, said):
    (tmp_path / ".nbtrack").mkdir()
    (tmp_path / ".nbtrack/settings.toml").write_text("alert_webhook_private = true\n")

    with pytest.raises(UsageError, match="Set NBTRACK_ALERT_WEBHOOK_PRIVATE=1"):
        begin(tmp_path)


@pytest.mark.parametrize(
    "address",
    [
        "hooks.example.org",
        "ftp://example.org/secret",
        "file:///etc/secret",
        "https://",
        "https:///secret",
        "https://[::1/secret",
        "https://host:port/secret",
        "https://host/sec ret",
        "https://host/secret\r\nHost: other",
        "https://user:secret@host/",
        "https://" + "a" * 70 + ".org/secret",
    ],
)
def test_what_is_no_address_is_refused_at_once_and_not_repeated(address):
    with pytest.raises(UsageError, match="alert_webhook") as caught:
        nbtrack.Settings(alert_webhook=address)

    assert "secret" not in str(caught.value)


def test_settings_show_where_alerts_go_and_not_the_secret():
    settings = nbtrack.Settings(alert_webhook="https://hooks.example.org/T0/secret")

    assert repr(settings) == "Settings(alert_webhook='https://hooks.example.org/…')"
    assert settings.with_values(quiet=True).alert_webhook == "https://hooks.example.org/T0/secret"


def test_nothing_is_delivered_of_a_disabled_run(tmp_path, receiver, said):
    run = begin(
        tmp_path, mode="disabled", alert_webhook=receiver.address, alert_webhook_private=True
    )
    run.alert("title", "text")
    assert session()._delivery.drain()

    assert receiver.posts == []


def test_no_thread_stays_when_all_is_delivered(tmp_path, receiver, said):
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    run.alert("title", "text")
    assert session()._delivery.drain()

    wait_until(lambda: "nbtrack-alerts" not in {one.name for one in threading.enumerate()})


def test_an_unexpected_trouble_ends_at_the_edge_of_the_thread(tmp_path, said):
    told: list[tuple[str, str]] = []

    def broken(*_: object) -> None:
        raise RuntimeError("a cosmic ray")

    delivery = Delivery(lambda *words, **_: told.append(words), {"pigeon": broken})
    for number in range(2):
        alert = Notice(0, "info", f"alert: {number}", "text")
        delivery.take(begin(tmp_path, alert_desktop=True), alert)
    assert delivery.drain()

    assert [cause for cause, _ in told] == ["alert delivery pigeon"] * 2
    assert "RuntimeError: a cosmic ray" in told[0][1]


def test_the_last_alert_of_a_script_is_delivered(tmp_path, receiver):
    """That it is done is what most people want to hear, and then the process ends."""
    script = (
        "import nbtrack\n"
        "run = nbtrack.init(project='alerts', settings={'x_disable_stats': True})\n"
        "run.alert('done', 'accuracy 0.98')\n"
    )
    env = {name: text for name, text in os.environ.items() if not name.startswith("NBTRACK_")}
    env |= {
        "NBTRACK_DIR": str(tmp_path),
        "NBTRACK_ALERT_WEBHOOK": receiver.address,
        "NBTRACK_ALERT_WEBHOOK_PRIVATE": "1",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stderr
    assert [body["title"] for _, _, body in receiver.posts] == ["INFO: done"]
    assert receiver.address not in done.stderr


def test_what_a_process_cannot_deliver_at_its_end_is_told(tmp_path, said):
    told: list[tuple[str, str]] = []
    gate = threading.Event()
    delivery = Delivery(
        lambda *words, **_: told.append(words), {"slow": lambda _letter, _settings: gate.wait(20)}
    )
    run = begin(tmp_path, alert_desktop=True)
    for number in range(2):
        delivery.take(run, Notice(0, "info", f"alert: {number}", "text"))
    wait_until(lambda: len(delivery._waiting) == 1)
    delivery._end(0)
    gate.set()
    assert delivery.drain()

    assert [cause for cause, _ in told] == ["alert delivery queue"]
    assert "the process ended before '1' was sent" in told[0][1]


def test_a_forked_child_delivers_nothing(tmp_path, receiver, said):
    run = begin(tmp_path, alert_webhook=receiver.address, alert_webhook_private=True)
    pid = os.fork()
    if pid == 0:
        run.alert("from the child", "text")
        session()._delivery.drain(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    run.alert("from the parent", "text")
    assert session()._delivery.drain()

    assert [body["title"] for _, _, body in receiver.posts] == ["INFO: from the parent"]


def fake(folder: Path, name: str, code: str = "") -> Path:
    """Make a program that writes its arguments down."""
    program = folder / name
    program.write_text(
        f"#!{sys.executable}\nimport json, sys\n"
        f"json.dump(sys.argv[1:], open({str(folder / 'argv.json')!r}, 'w'))\n{code}\n"
    )
    program.chmod(0o700)
    return program


HOSTILE = "-x $(touch /tmp/x) `id` \"'; <b>&\n\x1b[31m\x00"


def test_the_desktop_gets_texts_as_arguments_that_nothing_obeys(tmp_path):
    program = fake(tmp_path, "notify-send")
    notify("error", HOSTILE, HOSTILE, which={"notify-send": str(program)}.get)

    argv = json.loads((tmp_path / "argv.json").read_text())
    assert argv[:3] == ["--app-name=nbtrack", "--urgency=critical", "--"]
    assert argv[3] == "-x $(touch /tmp/x) `id` \"'; <b>&  [31m "
    assert argv[4] == "-x $(touch /tmp/x) `id` \"'; &lt;b&gt;&amp;  [31m "


def test_a_mac_gets_them_beside_a_fixed_script(tmp_path):
    program = fake(tmp_path, "osascript")
    notify("info", "-title", 'te"xt', which={"osascript": str(program)}.get)

    argv = json.loads((tmp_path / "argv.json").read_text())
    assert argv[-3:] == ["--", "-title", 'te"xt']
    assert argv[:2] == ["-e", "on run argv"]


def test_a_desktop_that_is_not_there_is_told(tmp_path):
    with pytest.raises(DeliveryError, match="neither notify-send nor osascript"):
        notify("info", "title", "text", which=lambda _name: None)
    failing = fake(tmp_path, "notify-send", "sys.exit(3)")
    with pytest.raises(DeliveryError, match="ended with 3: is there a desktop"):
        notify("info", "title", "text", which=lambda _name: str(failing))
