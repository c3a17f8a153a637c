"""Who a run of `Api()` is: the names by which people and programs know it."""

from abc import abstractmethod
from collections.abc import Iterable

from nbtrack.records import Json
from nbtrack.store import RunFacts
from nbtrack.values import checked_tags, checked_text


class ApiIdentity:
    """The part of `ApiRun` that says who it is. Setting a name, notes or tags stores them."""

    _facts: RunFacts
    _tags: list[str]

    @abstractmethod
    def _change(self, field: str, value: Json) -> None:
        """Store a field of `Opened` that was set anew."""

    @property
    def uid(self) -> str:
        """Name of the run's folder, unique in the workspace."""
        return self._facts.opened.uid

    @property
    def id(self) -> str:
        """The run's id, unique in its project by convention."""
        return self._facts.opened.id

    @property
    def name(self) -> str:
        """What the run is called; setting it is stored at once."""
        return self._facts.opened.name

    @name.setter
    def name(self, name: str) -> None:
        self._change("name", checked_text("name", name))

    @property
    def display_name(self) -> str:
        """The same as `name`."""
        return self.name

    @display_name.setter
    def display_name(self, name: str) -> None:
        self.name = name

    @property
    def project(self) -> str:
        """Name of its project."""
        return self._facts.opened.project

    @property
    def entity(self) -> str:
        """Whose run it is."""
        return self._facts.opened.entity

    @property
    def path(self) -> list[str]:
        """Entity, project and id."""
        return [self.entity, self.project, self.id]

    @property
    def tags(self) -> list[str]:
        """Its tags, in the order given; setting them is stored at once."""
        return self._tags

    @tags.setter
    def tags(self, tags: Iterable[str]) -> None:
        self._tags = list(checked_tags(tags))
        self._change("tags", list(self._tags))

    @property
    def notes(self) -> str | None:
        """What it is about, markdown; setting it is stored at once."""
        return self._facts.opened.notes

    @notes.setter
    def notes(self, notes: str | None) -> None:
        self._change("notes", None if notes is None else checked_text("notes", notes))

    @property
    def group(self) -> str:
        """Name of the group, or ""; setting it is stored at once."""
        return self._facts.opened.group

    @group.setter
    def group(self, group: str) -> None:
        self._change("group", checked_text("group", group))

    @property
    def job_type(self) -> str:
        """Type of job, or ""; setting it is stored at once."""
        return self._facts.opened.job_type

    @job_type.setter
    def job_type(self, job_type: str) -> None:
        self._change("job_type", checked_text("job_type", job_type))

    @property
    def user(self) -> str:
        """Login name of the person."""
        return self._facts.opened.user

    @property
    def username(self) -> str:
        """The same as `user`."""
        return self.user
