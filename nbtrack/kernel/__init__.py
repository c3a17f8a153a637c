"""The notebook door: what cells, magics and outputs of IPython mean for runs.

The home of IPython. Importing this package loads none of it: the door opens at
`nbtrack.init()` or `%load_ext nbtrack`, and only where IPython already runs.
"""

from typing import TYPE_CHECKING

from nbtrack import runs
from nbtrack.kernel.door import (
    init,
    load_ipython_extension,
    through_the_door,
    unload_ipython_extension,
)

if TYPE_CHECKING:
    from nbtrack.runs import Api, compare

__all__ = ["Api", "compare", "init", "load_ipython_extension", "unload_ipython_extension"]


def __getattr__(name: str) -> object:
    # These bring numpy and duckdb along.
    if name == "Api":  # the door draws the runs it finds
        return runs.Api
    if name == "compare":
        return through_the_door(runs.compare)
    raise AttributeError(f"module 'nbtrack.kernel' has no attribute {name!r}")
