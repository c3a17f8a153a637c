"""Who a run is: the names by which people and programs know it."""

from abc import abstractmethod
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nbtrack.clock import MICROSECONDS
from nbtrack.records import Opened
from nbtrack.runs.links import project_link, run_link, sweep_link
from nbtrack.settings import Settings
from nbtrack.values import checked_tags, checked_text


class Identity:
    """The part of `Run` that says who it is. Setting a name, notes or tags keeps them at once."""

    __slots__ = ()

    _opened: Opened
    _root: Path
    _settings: Settings

    @abstractmethod
    def _change(self, field: str, value: Any) -> None:  # noqa: ANN401 - a field of Opened
        """Keep a field of `Opened` that was set anew."""

    @property
    def id(self) -> str:
        """The run's id."""
        return self._opened.id

    @property
    def uid(self) -> str:
        """The name of the run's folder, unique in the workspace."""
        return self._opened.uid

    @property
    def project(self) -> str:
        """The project it belongs to."""
        return self._opened.project

    @property
    def entity(self) -> str:
        """Whose run it is."""
        return self._opened.entity

    @property
    def path(self) -> str:
        """`entity/project/id`."""
        return f"{self.entity}/{self.project}/{self.id}"

    @property
    def name(self) -> str:
        """The display name; setting it is kept at once."""
        return self._opened.name

    @name.setter
    def name(self, name: str) -> None:
        self._change("name", checked_text("name", name))

    @property
    def notes(self) -> str | None:
        """A description, markdown; setting it is kept at once."""
        return self._opened.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change("notes", notes if notes is None else checked_text("notes", notes))

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags; setting them is kept at once."""
        return self._opened.tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._change("tags", checked_tags(tags))

    @property
    def group(self) -> str:
        """The group it belongs to, or ""."""
        return self._opened.group

    @property
    def job_type(self) -> str:
        """Its type of job, or ""."""
        return self._opened.job_type

    @property
    def start_time(self) -> float:
        """When it began, seconds since the epoch."""
        return self._opened.time_us / MICROSECONDS

    @property
    def sweep_id(self) -> str | None:
        """The sweep it belongs to, if any."""
        return self._settings.sweep_id

    @property
    def url(self) -> str | None:
        """Where it can be looked at: in JupyterLab, else a page on disk; None if it is disabled.

        That page says what to type while the run goes on, and has its picture at the end.
        """
        page = self._settings.base_url
        return None if self.disabled else run_link(page, self._opened, self._root)

    @property
    def project_url(self) -> str | None:
        """Where its project can be looked at; None if it is disabled."""
        page = self._settings.base_url
        return None if self.disabled else project_link(page, self._opened, self._root)

    @property
    def sweep_url(self) -> str | None:
        """Where its sweep can be looked at; None without one."""
        page, sweep_id = self._settings.base_url, self.sweep_id
        if self.disabled or sweep_id is None:
            return None
        return sweep_link(page, self._opened, self._root, sweep_id)

    def get_url(self) -> str | None:
        """Return `url`."""
        return self.url

    def get_project_url(self) -> str | None:
        """Return `project_url`."""
        return self.project_url

    def get_sweep_url(self) -> str | None:
        """Return `sweep_url`."""
        return self.sweep_url

    def project_name(self) -> str:
        """Return `project`."""
        return self.project

    def _label(self, *_: object, **__: object) -> None:
        """Take what other trackers' integrations say of themselves; nothing is kept."""

    @property
    def root(self) -> Path:
        """The workspace that keeps it, a `.nbtrack` folder."""
        return self._root

    @property
    def settings(self) -> Settings:
        """What was set besides the arguments of `init()`; frozen."""
        return self._settings

    @property
    def disabled(self) -> bool:
        """Whether nothing is kept."""
        return self._settings.mode == "disabled"

    @property
    def offline(self) -> bool:
        """Whether it was opened with `mode="offline"`."""
        return self._settings.mode == "offline"
