"""Nested values: how a summary takes a value at a path, and gives one up."""

from collections.abc import Mapping

from nbtrack.records import Json
from nbtrack.store.shapes import Leaf


def put(tree: dict[str, Json], leaf: Leaf, value: Json) -> None:
    """Set a value, a dict as a copy; what stood in its way, above or below, is replaced."""
    for key in leaf[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            below = tree[key] = {}
        tree = below
    tree[leaf[-1]] = copied(value) if isinstance(value, dict) else value


def remove(tree: dict[str, Json], leaf: Leaf) -> None:
    """Remove what stands at a path, if anything does."""
    for key in leaf[:-1]:
        below = tree.get(key)
        if not isinstance(below, dict):
            return
        tree = below
    tree.pop(leaf[-1], None)


def copied(tree: Mapping[str, Json]) -> dict[str, Json]:
    """Return a copy that shares no dict with the original; lists are shared."""
    return {key: copied(one) if isinstance(one, dict) else one for key, one in tree.items()}
