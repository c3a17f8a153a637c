"""The notebook door: what cells, magics and outputs of IPython mean for runs.

The home of IPython. Importing this package loads none of it: the door opens at
`nbtrack.init()` or `%load_ext nbtrack`, and only where IPython already runs.
"""

from typing import TYPE_CHECKING

from nbtrack import runs
from nbtrack.kernel.door import init, load_ipython_extension, unload_ipython_extension

if TYPE_CHECKING:
    from nbtrack.runs import Api

__all__ = ["Api", "init", "load_ipython_extension", "unload_ipython_extension"]


def __getattr__(name: str) -> object:
    if name == "Api":  # brings numpy and duckdb along; the door draws the runs it finds
        return runs.Api
    raise AttributeError(f"module 'nbtrack.kernel' has no attribute {name!r}")
