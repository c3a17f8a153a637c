"""The notebook door: what cells, magics and outputs of IPython mean for runs.

The home of IPython. Importing this package loads none of it: the door opens at
`nbtrack.init()` or `%load_ext nbtrack`, and only where IPython already runs.
"""

from nbtrack.kernel.door import init, load_ipython_extension, unload_ipython_extension

__all__ = ["init", "load_ipython_extension", "unload_ipython_extension"]
