"""Values of a run that are changed here first and stored by `update()`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from nbtrack.errors import UsageError
from nbtrack.records import ConfigChanged, Json, SummaryChanged
from nbtrack.values import encode, jsonable


class Draft(dict[str, Any]):
    """A dict that remembers what it was, also deep inside."""

    def __init__(self, values: Mapping[str, Json]) -> None:
        """Begin with a copy of values, which nobody changes."""
        super().__init__({key: _copied(value) for key, value in values.items()})
        self._before = values

    def changed(self) -> dict[str, Any]:
        """Return what is new or different at the top level."""
        before = self._before
        return {
            key: value
            for key, value in self.items()
            if key not in before or _said(before[key]) != _said(value)
        }

    def removed(self) -> list[str]:
        """Return the keys that are gone."""
        return [key for key in self._before if key not in self]


class SummaryDraft(Draft):
    """The summary of a run: values are set here, and stored by `update()`."""

    def __init__(self, values: Mapping[str, Json], store: Callable[[], object]) -> None:
        """Begin with a copy of values; `store` stores what is changed."""
        super().__init__(values)
        self._store = store

    def update(self, *values: Any, **named: Any) -> None:  # noqa: ANN401 - as of a dict
        """Set values, and store all that was changed.

        Examples:
            >>> run.summary.update({"best": 0.93})
        """
        super().update(*values, **named)
        self._store()

    @property
    def _json_dict(self) -> dict[str, Any]:
        """The values as a plain dict; integrations read them by this name."""
        return dict(self)


def config_record(draft: Draft, time_us: int) -> ConfigChanged | None:
    """Return what changed in a config; None if nothing did.

    Raises:
        UsageError: If keys were removed: a config keeps them.
    """
    if gone := draft.removed():
        raise UsageError(
            f"config keys cannot be removed: {', '.join(map(repr, gone))}. Set them to None: "
            f"run.config[{gone[0]!r}] = None."
        )
    changed = {_key(key): jsonable(value) for key, value in draft.changed().items()}
    return ConfigChanged(time_us, changed) if changed else None


def summary_record(draft: Draft, time_us: int) -> SummaryChanged | None:
    """Return what changed in a summary; None if nothing did.

    Raises:
        TypeError: If a value is of a type that cannot be logged.
    """
    changed, removed = draft.changed(), draft.removed()
    if not changed and not removed:
        return None
    values, _ = encode(changed)
    return SummaryChanged(time_us, values, (*removed, *changed))


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise UsageError(f"config keys are text, not {key!r}. Type {str(key)!r}.")
    return key


def _copied(value: Json) -> Any:  # noqa: ANN401 - any JSON value
    """Return a copy of a JSON value; a list of a thousand runs makes ten thousand of them."""
    if isinstance(value, dict):
        return {key: _copied(one) for key, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list) else value


def _said(value: object) -> str:
    return json.dumps(value, sort_keys=True, default=repr)
