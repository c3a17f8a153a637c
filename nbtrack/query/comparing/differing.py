"""In what runs differ: the leaves of their configs and summaries, side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nbtrack.records import Json

Leaves: TypeAlias = dict[str, Json]

MOST_LEVELS = 8
"""Deeper than that a name says less than the value it leads to."""


@dataclass(frozen=True, slots=True)
class Differences:
    """What runs have in common, and what not.

    Attributes:
        differing: Names of the leaves in which at least two runs differ, or that not all
            have; those with the fewest kinds of values first, as they part runs best.
        same: Names of the others.
    """

    differing: tuple[str, ...]
    same: tuple[str, ...]


def leaves(tree: Mapping[str, Json]) -> Leaves:
    """Return the values inside of nested mappings, their keys joined by dots.

    Examples:
        >>> leaves({"lr": 0.1, "optimizer": {"name": "adam"}})
        {'lr': 0.1, 'optimizer.name': 'adam'}
    """
    return dict(_leaves(tree, "", MOST_LEVELS))


def differences(trees: Sequence[Mapping[str, Json]]) -> Differences:
    """Return in which leaves runs differ.

    Args:
        trees: One flat mapping per run, as `leaves` gives it.

    Examples:
        >>> differences([{"lr": 0.1, "batch": 32}, {"lr": 0.2, "batch": 32}])
        Differences(differing=('lr',), same=('batch',))
    """
    names = dict.fromkeys(name for tree in trees for name in tree)
    kinds = {name: {_kind(tree, name) for tree in trees} for name in names}
    differing = sorted(
        (name for name in names if len(kinds[name]) > 1), key=lambda n: len(kinds[n])
    )
    return Differences(tuple(differing), tuple(name for name in names if len(kinds[name]) == 1))


def plain_text(value: Json) -> str:
    """Return a value as text that is equal for equal values of one kind."""
    return repr(value) if isinstance(value, float) else str(value)


def _leaves(tree: Mapping[str, Json], above: str, levels: int) -> Iterator[tuple[str, Json]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value and levels > 1:
            yield from _leaves(value, f"{above}{key}.", levels - 1)
        else:
            yield f"{above}{key}", value


def _kind(tree: Mapping[str, Json], name: str) -> str:
    """Return a text that is equal for equal values; 1 and 1.0 are equal, 1 and True are not."""
    if name not in tree:
        return ""
    value = tree[name]
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        value = int(value)
    return f"{type(value).__name__} {plain_text(value)}"
