"""Where integrations put what they see, and what guards the frameworks from them."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from nbtrack.runs import Run

_MOST_VALUES = 200
_MOST_ITEMS = 20
_LONGEST_TEXT = 500


class Follow(Protocol):
    """Gives the run that wants a framework now, and takes trouble."""

    def run_for(self, framework: str) -> "Run | None":
        """Return the run, or None."""
        ...

    def tell(self, framework: str, error: Exception) -> None:
        """Tell what went wrong, once."""
        ...


class Sink:
    """Where one framework's integration puts what it sees."""

    def __init__(self, framework: str, follow: Follow) -> None:
        """Keep whose it is.

        Args:
            framework: Its name.
            follow: Gives the run.
        """
        self.framework = framework
        self._follow = follow

    @contextmanager
    def guarded(self) -> "Iterator[None]":
        """Do work of ours: what goes wrong in it is told once and reaches nobody."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - our trouble never reaches a training
            self._follow.tell(self.framework, error)

    def row(self, values: Mapping[str, object], *, is_complete: bool = True) -> None:
        """Log numbers as a row; they join the row of a loop that gives steps itself.

        Args:
            values: What is no number is left out.
            is_complete: Whether nothing more belongs to the row.
        """
        run = self._follow.run_for(self.framework)
        numbers = dict(_numbers(values))
        if run is not None and numbers:
            commit = None if is_complete and not run.has_given_steps else False
            run.log(numbers, commit=commit)

    def finish_row(self) -> None:
        """Say that nothing more belongs to the row, unless a loop gives steps itself."""
        run = self._follow.run_for(self.framework)
        if run is not None and not run.has_given_steps:
            run.log({}, commit=True)

    def configure(self, values: Mapping[str, object]) -> None:
        """Keep simple values in the config; what cannot be kept is shown by its type's name."""
        run = self._follow.run_for(self.framework)
        if run is not None:
            kept = {key: plain(value) for key, value in values.items()}
            run.config.update(kept, allow_val_change=True)

    def summarise(self, values: Mapping[str, object]) -> None:
        """Put numbers into the summary."""
        run = self._follow.run_for(self.framework)
        if run is not None:
            for name, value in _numbers(values):
                run.summary[name] = value


def given(parameters: Any) -> dict[str, object]:  # noqa: ANN401 - a dict, or pairs
    """Return the parameters that were given; None means that the framework chooses."""
    return {name: value for name, value in dict(parameters or {}).items() if value is not None}


def plain(value: object) -> Any:  # noqa: ANN401 - JSON
    """Return a value for the config: numbers, texts, short lists and dicts of them."""
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return value[:_LONGEST_TEXT]
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in islice(value.items(), _MOST_VALUES)}
    if isinstance(value, list | tuple) and len(value) <= _MOST_ITEMS:
        return [plain(one) for one in value]
    number = _number(value)
    return type(value).__name__ if number is None else number


def _numbers(values: Mapping[str, object]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        number = _number(value)
        if number is not None:
            yield name, number


def _number(value: object) -> int | float | None:
    """Return a number as Python's own; None for what is none, such as a whole array."""
    if isinstance(value, bool | int | float):
        return value
    convert: Callable[[], object] | None = getattr(value, "item", None)
    if convert is None:
        return None
    try:
        found = convert()
    except (TypeError, ValueError, RuntimeError):  # an array, or a tensor, of several
        return None
    return found if isinstance(found, bool | int | float) else None
