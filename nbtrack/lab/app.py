"""The server extension: its options, and how its parts are put together."""

from copy import deepcopy
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from traitlets import TraitError
from traitlets.config import Config
from traitlets.config.loader import DeferredConfig

from nbtrack.clock import SystemClock
from nbtrack.lab.caretaker import Caretaker
from nbtrack.lab.desk import Desk
from nbtrack.lab.following import Terms
from nbtrack.lab.handlers import routes
from nbtrack.lab.listing import Listing
from nbtrack.lab.options import Count, Seconds
from nbtrack.lab.service import Service
from nbtrack.lab.sharing import Sharing
from nbtrack.lab.watcher import Watcher
from nbtrack.lab.workspaces import Workspaces, registry_folder
from nbtrack.store import as_server


class NbtrackApp(ExtensionApp):
    """Shows the runs of the workspaces in JupyterLab and Notebook."""

    name = "nbtrack"
    extension_url = "/lab"
    load_other_extensions = True

    run_interval_s = Seconds(
        0.125,
        min=0.02,
        max=60.0,
        help="""Time between two looks at the runs that are on screen, in seconds.
        Defaults to 0.125 s (8 per second). Nothing is looked at while no browser is connected.""",
    ).tag(config=True)

    list_interval_s = Seconds(
        0.5,
        min=0.05,
        max=60.0,
        help="""Time between two looks at the list of runs, in seconds. Defaults to 0.5 s.""",
    ).tag(config=True)

    lease_s = Seconds(
        30.0,
        min=1.0,
        max=3_600.0,
        help="""How long a view that is not heard of gets news, in seconds. Defaults to 30 s;
        views are heard of every 10 s while they are on screen.""",
    ).tag(config=True)

    read_limit_s = Seconds(
        10.0,
        min=0.1,
        max=300.0,
        help="""How long one question may keep the database, in seconds; kernels cannot let rows
        into it meanwhile. Longer ones are given up and said. Defaults to 10 s.""",
    ).tag(config=True)

    sharing_interval_s = Seconds(
        5.0,
        min=0.05,
        max=3_600.0,
        help="""Time between two rounds in which the server ingests the runs of workspaces on
        network file systems, whose kernels do not, in seconds. Defaults to 5 s.""",
    ).tag(config=True)

    upkeep_interval_s = Seconds(
        60.0,
        min=0.05,
        max=86_400.0,
        help="""Rest between two rounds of upkeep, in seconds: runs of killed kernels are indexed,
        journals packed, and what the settings say is deleted. Defaults to 60 s.""",
    ).tag(config=True)

    snapshot_points = Count(
        2_000,
        min=10,
        max=20_000,
        help="""Most points per series that a view gets when it opens. Defaults to 2,000.
        Longer series come as exact minimum and maximum per bucket.""",
    ).tag(config=True)

    snapshot_lines = Count(
        1_000,
        min=0,
        max=100_000,
        help="""Last console lines that a view gets when it opens. Defaults to 1,000.""",
    ).tag(config=True)

    store_threads = Count(
        2,
        min=1,
        max=16,
        help="""Threads that read the store, so that the server never waits. Defaults to 2.""",
    ).tag(config=True)

    max_sockets = Count(
        256,
        min=1,
        max=10_000,
        help="""Most browser connections at once; a further one is refused with status 503.
        Defaults to 256. Every page has one for the list and one per run that it shows.""",
    ).tag(config=True)

    max_requests = Count(
        128,
        min=1,
        max=10_000,
        help="""Most requests that are answered at once; a further one is refused with status
        503. Defaults to 128.""",
    ).tag(config=True)

    service: Service | None = None
    caretaker: Caretaker | None = None

    def update_config(self, config: Config) -> None:
        """Take the options; one that makes no sense is said and keeps its default.

        An error would switch the extension off, and the page would look for it in vain.
        """
        config = deepcopy(config)
        section = config.get(type(self).__name__, {})
        for name, value in list(section.items()):
            try:
                self._try(name, value)
            except (TraitError, ValueError) as error:
                del section[name]
                self.log.error("nbtrack: %s", error)  # noqa: TRY400 - the user's, not a fault
        super().update_config(config)

    def _try(self, name: str, value: object) -> None:
        """Set an option of another one than this, to see whether it can be."""
        trait = self.traits().get(name)
        if trait is not None and isinstance(value, DeferredConfig):  # of the command line
            value = value.get_value(trait)
        setattr(type(self)(), name, value)

    def initialize_handlers(self) -> None:
        """Put the parts together and register the routes."""
        server_root = Path(self.serverapp.root_dir if self.serverapp else ".").expanduser()
        workspaces = Workspaces(server_root, registry_folder())
        self.service = self._assembled(workspaces)
        self.handlers.extend(routes(self.service))
        if self.serverapp:
            self.serverapp.io_loop.add_callback(self.service.begin)
        self.caretaker = Caretaker(
            workspaces, SystemClock(), interval_s=self.upkeep_interval_s, log=self.log
        )
        self.caretaker.start()

    async def stop_extension(self) -> None:
        """Let go of everything when the server stops."""
        if self.caretaker is not None:
            await self.caretaker.close()
        if self.service is not None:
            await self.service.close()

    def _assembled(self, workspaces: Workspaces) -> Service:
        as_server(window_s=self.read_limit_s)
        desk = Desk(workspaces, threads=self.store_threads)
        listing = Listing(desk, self.log)
        watcher = Watcher(
            listing,
            run_interval_s=self.run_interval_s,
            list_interval_s=self.list_interval_s,
            log=self.log,
        )
        sharing = Sharing(workspaces, interval_s=self.sharing_interval_s, log=self.log)
        terms = Terms(points=self.snapshot_points, lines=self.snapshot_lines, lease_s=self.lease_s)
        return Service(
            desk,
            listing,
            watcher,
            sharing,
            terms=terms,
            clock=SystemClock(),
            most_sockets=self.max_sockets,
            most_requests=self.max_requests,
            log=self.log,
        )


def extension_points() -> list[dict[str, Any]]:
    """Tell Jupyter's server where the extension is."""
    return [{"module": "nbtrack.lab", "app": NbtrackApp}]
