"""Alerts on their way to where people look: a webhook, the desktop.

On a thread of its own that lives as long as there is something to deliver. It never holds
up the loop that alerts and never raises into it: what cannot be delivered is said once,
what does not fit into the queue is counted. At the end of the process it gets a moment.
"""

import atexit
import json
import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from nbtrack.clock import MICROSECONDS
from nbtrack.errors import CommError
from nbtrack.forks import kept_from_forks

if TYPE_CHECKING:
    from nbtrack.records import Notice
    from nbtrack.runs.run import Run
    from nbtrack.settings import Settings

MOST_WAITING = 32
END_S = 3.0
"""How long the end of a process waits for what is on its way; Jupyter kills after 5 s."""

_LONGEST_TEXT = 1_500  # of 2,000 characters that Discord takes in all
_PRIORITY = {"info": 3, "warning": 4, "error": 5}
_LEVEL = {"info": "INFO", "warning": "WARN", "error": "ERROR"}


class DeliveryError(CommError):
    """An alert could not be delivered; it says why, and holds no secret part of an address."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One alert, with what a reader far away needs to know of its run.

    Attributes:
        level: `info`, `warning` or `error`.
        title: Of the alert.
        text: Of the alert.
        time_s: When, seconds since the epoch.
        run: Names of the run: `name`, `project`, `path`, and `url` in JupyterLab or None.
    """

    level: str
    title: str
    text: str
    time_s: float
    run: Mapping[str, str | None]

    @classmethod
    def about(cls, run: "Run", alert: "Notice") -> "Letter":
        """Return the letter of an alert."""
        # An address of this machine's disk means nothing elsewhere.
        url = run.url if run.settings.base_url else None
        names = {"name": run.name, "project": run.project, "path": run.path, "url": url}
        cut = len(alert.text) > _LONGEST_TEXT
        text = f"{alert.text[:_LONGEST_TEXT]}…" if cut else alert.text
        return cls(alert.level, alert.title or "", text, alert.time_us / MICROSECONDS, names)

    def json(self) -> bytes:
        """Return it as receivers of webhooks read it, each its own names.

        `text` is for Slack, Mattermost and Rocket.Chat, `content` for Discord, `title`,
        `message` and `priority` for Gotify and for the templates of ntfy; `level`, `time`
        and `run` are for receivers of your own.
        """
        head = f"{_LEVEL[self.level]}: {self.title}"
        whole = "\n".join((head, self.text, f"{self.run['name']} ({self.run['path']})"))
        said: dict[str, Any] = {
            "text": _inert(whole),
            "content": whole[:2_000],
            "allowed_mentions": {"parse": []},  # nobody is called by the text of a run
            "title": head,
            "message": self.text,
            "priority": _PRIORITY[self.level],
            "level": _LEVEL[self.level],
            "time": self.time_s,
            "run": dict(self.run),
        }
        return json.dumps(said, ensure_ascii=True).encode()


Way: TypeAlias = Callable[[Letter, "Settings"], None]
"""Delivers a letter as the settings say; raises where it cannot."""


def through_webhook(letter: Letter, settings: "Settings") -> None:
    """Post a letter, if the settings say where to."""
    if settings.alert_webhook:
        with kept_from_forks():
            from nbtrack.runs.webhook import post  # brings ssl along

        private = settings.alert_webhook_private
        post(settings.alert_webhook, letter.json(), may_be_private=private)


def to_desktop(letter: Letter, settings: "Settings") -> None:
    """Show a letter on the desktop, if the settings say so."""
    if settings.alert_desktop:
        with kept_from_forks():
            from nbtrack.runs.desktop import notify

        notify(letter.level, letter.title, f"{letter.text} · {letter.run['name']}")


WAYS: Mapping[str, Way] = {"webhook": through_webhook, "desktop": to_desktop}


class Delivery:
    """Takes alerts and delivers them, one after the other."""

    def __init__(self, say: Callable[..., None], ways: Mapping[str, Way] = WAYS) -> None:
        """Begin without a thread.

        Args:
            say: Takes a cause, a text and `run=`; tells each cause once.
            ways: By name.
        """
        self._say = say
        self._ways = ways
        self._waiting: deque[tuple[Letter, Run]] = deque()
        self._changed = threading.Condition()
        self._is_working = False

    def take(self, run: "Run", alert: "Notice") -> None:
        """Deliver an alert soon, if the settings of its run say so; returns at once."""
        settings = run.settings
        if run.disabled or not (settings.alert_webhook or settings.alert_desktop):
            return
        letter = Letter.about(run, alert)
        with self._changed:
            is_full = len(self._waiting) >= MOST_WAITING
            if not is_full:
                self._waiting.append((letter, run))
            is_idle, self._is_working = not self._is_working, True
        if is_full:
            self._tell("queue", run, f"{MOST_WAITING} others wait already")
        if is_idle:
            self._start(run)

    def drain(self, timeout_s: float = END_S) -> bool:
        """Wait until all is delivered, for a while; return whether it is."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_working, timeout_s)

    def abandon(self) -> None:
        """In a forked child: deliver nothing; the parent does."""
        self._waiting = deque()
        self._changed = threading.Condition()  # another thread may have held it
        self._is_working = False

    def _start(self, run: "Run") -> None:
        atexit.unregister(self._end)
        atexit.register(self._end)  # last in, first out: while the runs are still open
        try:
            threading.Thread(target=self._work, name="nbtrack-alerts", daemon=True).start()
        except RuntimeError as error:  # no more threads, or the process is at its end
            with self._changed:
                self._is_working = False
            self._tell("thread", run, str(error))

    def _end(self, timeout_s: float = END_S) -> None:
        """At the end of the process: deliver what can be, and tell what could not."""
        if not self.drain(timeout_s):
            with self._changed:
                waiting, self._waiting = self._waiting, deque()
            for letter, run in waiting:
                self._tell("queue", run, f"the process ended before {letter.title!r} was sent")

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._is_working = False
                    self._changed.notify_all()
                    return
                letter, run = self._waiting.popleft()
            for name, way in self._ways.items():
                self._deliver(name, way, letter, run)

    def _deliver(self, name: str, way: Way, letter: Letter, run: "Run") -> None:
        try:
            way(letter, run.settings)
        except DeliveryError as error:
            self._tell(name, run, str(error))
        except Exception as error:  # noqa: BLE001 - the edge of our thread
            self._tell(name, run, f"{type(error).__name__}: {error}")

    def _tell(self, name: str, run: "Run", text: str) -> None:
        self._say(
            f"alert delivery {name}",
            f"an alert of run {run.name!r} is not delivered by {name}: {text}. It is kept with "
            "the run, and shown in its panel.",
            run=run,
        )


def _inert(text: str) -> str:
    """Return a text in which Slack finds no link, no channel and nobody to call."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
