"""The types of the extension's options: numbers with a unit, refused in words that teach."""

from typing import Any

from traitlets import Float, Int, TraitError


class Seconds(Float[float, float | int | str]):
    """A time in seconds, between two bounds that are included."""

    def validate(self, _obj: Any, value: Any) -> float:  # noqa: ANN401 - as traitlets declares it
        """Return the value, if it is such a time."""
        is_kind = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(_within(self, value, "a time in seconds", is_kind=is_kind))


class Count(Int[int, int | str]):
    """A whole number, between two bounds that are included."""

    def validate(self, _obj: Any, value: Any) -> int:  # noqa: ANN401 - as traitlets declares it
        """Return the value, if it is such a number."""
        is_kind = isinstance(value, int) and not isinstance(value, bool)
        return int(_within(self, value, "a whole number", is_kind=is_kind))


def _within(trait: Seconds | Count, value: Any, kind: str, *, is_kind: bool) -> Any:  # noqa: ANN401 - what a user has set
    low, high = trait.min, trait.max
    if is_kind and low <= value <= high:
        return value
    shown = str(value) if isinstance(value, str) else value  # of the command line: a subclass
    raise TraitError(
        f"{trait.name} is {kind} from {low:,g} to {high:,g}, not {shown!r}. "
        f"Its default: c.NbtrackApp.{trait.name} = {trait.default_value!r}"
    )
