"""`run.config`: what a run was configured with.

In scripts a value that was set stays; in notebooks, where a cell is run again with
another value, it may change.
"""

import sys
from collections.abc import Callable, ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from copy import deepcopy
from dataclasses import is_dataclass
from pathlib import Path
from typing import Any, NoReturn

from nbtrack.errors import ConfigError, MissingDependencyError, UsageError
from nbtrack.records import Json
from nbtrack.values import jsonable

_OWN = ("_values", "_told", "_changed", "_may_change", "_locked", "_ignored", "refusal")
DEFAULTS = "config-defaults.yaml"
_BOOKKEEPING = ("wandb_version", "_wandb")
"""What another tracker writes into its files of config for itself."""


def read_config(given: object) -> dict[str, Any]:
    """Return config as a dict, from whatever a person keeps it in.

    Args:
        given: A mapping, the config of another run, an object with attributes (a
            Namespace, a dataclass), the path of a YAML file, or None.

    Raises:
        TypeError: If it is none of these.
        ConfigError: If the file is missing or holds no mapping.
    """
    if given is None:
        return {}
    omegaconf: Any = sys.modules.get("omegaconf")
    if omegaconf is not None and omegaconf.OmegaConf.is_config(given):
        given = omegaconf.OmegaConf.to_container(given, resolve=True)
    if isinstance(given, Mapping | Config):
        return dict(given.items())
    if isinstance(given, str | Path):
        return _read_yaml(Path(given))
    if hasattr(given, "flag_values_dict"):  # absl
        return dict(given.flag_values_dict())
    if is_dataclass(given) and not isinstance(given, type):
        return {name: getattr(given, name) for name in given.__dataclass_fields__}
    if hasattr(given, "__dict__") and not isinstance(given, type):
        return dict(vars(given))
    raise TypeError(
        f"config must be a dict, a Namespace or the path of a YAML file, not {given!r} "
        f"({type(given).__name__}). Type config={{...}}."
    )


def jsonable_config(given: object) -> dict[str, Json]:
    """Return config as it is stored: keys as text without dashes around them, values as JSON.

    Args:
        given: As for `read_config`, which says what it raises.
    """
    return {_key(key): jsonable(value) for key, value in read_config(given).items()}


def first_config(
    given: object, *, only: Iterable[str] | None = None, without: Iterable[str] | None = None
) -> dict[str, Json]:
    """Return the config with which a run begins.

    A `config-defaults.yaml` in the working directory says what holds where nothing else
    is given; nested dicts are joined.

    Args:
        given: As for `read_config`, which says what it raises.
        only: Keys of `given` that are taken; None takes all.
        without: Keys of `given` that are left out.

    Raises:
        UsageError: If both are given.
    """
    if only and without:
        raise UsageError(
            "config_include_keys and config_exclude_keys exclude each other: give one of them."
        )
    taken, left_out = set(only or ()), set(without or ())
    chosen = {
        key: value
        for key, value in jsonable_config(given).items()
        if key not in left_out and (not taken or key in taken)
    }
    path = Path(DEFAULTS)
    return joined(jsonable_config(path), chosen) if path.is_file() else chosen


def joined(lower: Mapping[str, Json], upper: Mapping[str, Json]) -> dict[str, Json]:
    """Return nested dicts as one; where both say something, `upper` holds."""
    both = dict(lower)
    for key, value in upper.items():
        below = both.get(key)
        is_nested = isinstance(below, Mapping) and isinstance(value, Mapping)
        both[key] = joined(below, value) if is_nested else value  # type: ignore[arg-type]
    return both


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        import yaml  # type: ignore[import-untyped]
    except ImportError as error:
        raise MissingDependencyError(
            "config from a YAML file needs PyYAML. Install it with\n    pip install pyyaml"
        ) from error
    try:
        read = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"config file {str(path)!r} cannot be read: {error}") from error
    if not isinstance(read, dict):
        raise ConfigError(f"config file {str(path)!r} must hold names and values.")
    for name in _BOOKKEEPING:
        read.pop(name, None)
    described = {"desc", "value"}
    return {
        str(key): value["value"]
        if isinstance(value, dict) and "value" in value and set(value) <= described
        else value
        for key, value in read.items()
    }


class Config:
    """The config of one run: items, attributes, `update`, `setdefaults`; no removal."""

    _values: dict[str, Json]
    _told: dict[str, Json]
    _changed: Callable[[Mapping[str, Json]], None]
    _may_change: bool
    _locked: dict[str, tuple[Json, str]]
    _ignored: Callable[[str, str], None]
    refusal: str | None

    def __init__(
        self,
        changed: Callable[[Mapping[str, Json]], None],
        *,
        may_change: bool,
        known: Mapping[str, Json] | None = None,
        ignored: Callable[[str, str], None] = lambda _cause, _text: None,
    ) -> None:
        """Begin with what is known.

        Args:
            changed: Told every key that was set, with its whole value.
            may_change: Whether a value that was set may be set anew.
            known: What the store has already.
            ignored: Told a cause and a text when a value is not taken because it is locked.
        """
        object.__setattr__(self, "_locked", {})
        object.__setattr__(self, "_ignored", ignored)
        object.__setattr__(self, "_values", deepcopy(dict(known or {})))
        # A list or dict that was read may be changed in place: what was told is kept apart.
        object.__setattr__(self, "_told", dict(known or {}))
        object.__setattr__(self, "_changed", changed)
        object.__setattr__(self, "_may_change", may_change)
        object.__setattr__(self, "refusal", None)

    def __getitem__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a key.

        Raises:
            KeyError: If it was not set.
        """
        return self._values[key]

    def __setitem__(self, key: str, value: object) -> None:
        """Set a value.

        Raises:
            ConfigError: If it was set to something else before and must not change.
        """
        self.update({key: value})

    def __getattr__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a key.

        Raises:
            AttributeError: If it was not set.
        """
        try:
            return self._values[key]
        except KeyError:
            known = ", ".join(self._values) or "none yet"
            raise AttributeError(f"config has no key {key!r}. Keys: {known}.") from None

    def __setattr__(self, key: str, value: object) -> None:
        """Set a value."""
        if key in _OWN:
            object.__setattr__(self, key, value)
        else:
            self.update({key: value})

    def update(self, given: object, allow_val_change: bool | None = None) -> None:  # noqa: FBT001 - the field's signature
        """Set several values.

        Args:
            given: As for `init(config=)`.
            allow_val_change: Whether values may change; by default they may in
                notebooks and not in scripts.

        Raises:
            ConfigError: If a value was set to something else and must not change, or
                the run is finished.
        """
        if self.refusal is not None:
            raise ConfigError(self.refusal)
        may_change = self._may_change if allow_val_change is None else allow_val_change
        values = {key: self._as_locked(key, value) for key, value in jsonable_config(given).items()}
        fresh = {key: value for key, value in values.items() if not self._has(key, value)}
        for key, value in fresh.items():
            if key in self._told and not may_change:
                raise ConfigError(
                    f"Attempted to change value of key {key!r} from {self._told[key]!r} to "
                    f"{value!r}. If that is meant, type "
                    f"run.config.update({{{key!r}: {value!r}}}, allow_val_change=True)."
                )
        if fresh:
            self._told.update(fresh)
            self._values.update(deepcopy(fresh))
            self._changed(fresh)

    def learn(self, values: Mapping[str, Json]) -> None:
        """Take what was set elsewhere and is stored already."""
        self._told.update(values)
        self._values.update(deepcopy(dict(values)))

    def lock(self, values: Mapping[str, Json], by: str = "sweep") -> None:
        """Set values that stay as they are; other values for them are ignored, and said.

        Args:
            values: As JSON; of nested dicts only what they name is locked.
            by: Who wants it.
        """
        if values:
            self.update(values, allow_val_change=True)
            self._locked.update({key: (deepcopy(one), by) for key, one in values.items()})

    def _as_locked(self, key: str, value: Json) -> Json:
        if key not in self._locked:
            return value
        locked, by = self._locked[key]
        kept = joined({key: value}, {key: locked})[key]
        if kept != value:
            self._ignored(
                f"locked {key}", f"Config item {key!r} was locked by {by!r} (ignored update)."
            )
        return kept

    def setdefaults(self, given: object) -> None:
        """Set only the values that are not set yet."""
        values = {_key(key): value for key, value in read_config(given).items()}
        self.update({key: value for key, value in values.items() if key not in self._values})

    def _has(self, key: str, value: Json) -> bool:
        missing = object()
        return self._told.get(key, missing) == value

    def get(self, key: str, default: object = None) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a key, or `default`."""
        return self._values.get(key, default)

    def keys(self) -> KeysView[str]:
        """Return the keys, in the order in which they were set."""
        return self._values.keys()

    def values(self) -> ValuesView[Any]:
        """Return the values."""
        return self._values.values()

    def items(self) -> ItemsView[str, Any]:
        """Return keys and values."""
        return self._values.items()

    def as_dict(self) -> dict[str, Any]:
        """Return a copy as a plain dict."""
        return dict(self._values)

    def __contains__(self, key: object) -> bool:
        """Return whether a key was set."""
        return key in self._values

    def __iter__(self) -> Iterator[str]:
        """Go through the keys."""
        return iter(self._values)

    def __repr__(self) -> str:
        """Show it as a dict."""
        return repr(self._values)


class StaticConfig(dict[str, Any]):
    """A config that can only be read, by item and by attribute."""

    def __getattr__(self, key: str) -> Any:  # noqa: ANN401 - any JSON value
        """Return the value of a key."""
        try:
            return self[key]
        except KeyError:
            raise AttributeError(key) from None

    def _refuse(self, *_: object, **__: object) -> NoReturn:
        raise AttributeError("config_static is read only. Type run.config[...] = ...")

    __setattr__ = __setitem__ = __delitem__ = __delattr__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse


def _key(key: object) -> str:
    return str(key).strip("-")
