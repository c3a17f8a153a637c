"""The JupyterLab door: the runs of the workspaces over REST and one WebSocket.

Jupyter's server loads this package; nothing else of nbtrack does.
"""

from nbtrack.lab.app import NbtrackApp
from nbtrack.lab.app import extension_points as _jupyter_server_extension_points
from nbtrack.lab.workspaces import Workspace, Workspaces, registry_folder

__all__ = [
    "NbtrackApp",
    "Workspace",
    "Workspaces",
    "_jupyter_server_extension_points",
    "registry_folder",
]
