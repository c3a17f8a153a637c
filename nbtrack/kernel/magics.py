"""`%nbtrack`: looking after runs by hand, from any cell."""

import shlex
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from nbtrack import store
from nbtrack.errors import Error, UsageError
from nbtrack.kernel.celllist import cells_bundle
from nbtrack.kernel.finding import find, names_of
from nbtrack.kernel.tables import age, bundle, duration
from nbtrack.query import address_in
from nbtrack.records import RunState
from nbtrack.runs import KILLED, STOPPED, Run, Session
from nbtrack.settings import find_workspace
from nbtrack.store import RunFacts

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.magic_arguments import MagicArgumentParser

MAGIC = "nbtrack"
COMMANDS = ("status", "list", "open", "cells", "finish", "stop", "hooks")
_ENDS = ("finish", "stop")
_MOST_COMPLETIONS = 50
_COUNT = 20
_COLUMNS = ("run", "state", "project", "began", "active", "steps")


class Screen(Protocol):
    """What shows runs."""

    def show(self, run: Run, height: int) -> bool:
        """Show a run of this kernel."""
        ...

    def show_stored(self, root: Path, uid: str, height: int) -> bool:
        """Show any run of a workspace."""
        ...


class Switch(Protocol):
    """What turns the cell hooks on and off."""

    hooked: bool

    def hook(self) -> None:
        """Turn them on."""
        ...

    def unhook(self) -> None:
        """Turn them off."""
        ...


class Magics:
    """The line magic of one shell."""

    def __init__(
        self, shell: "InteractiveShell", session: Session, *, screen: Screen, switch: Switch
    ) -> None:
        """Begin without the magic; `start` brings it.

        Args:
            shell: Gets the magic.
            session: Keeps the runs.
            screen: Shows them.
            switch: Turns the cell hooks on and off.
        """
        self._shell = shell
        self._session = session
        self._screen = screen
        self._switch = switch

    def start(self) -> None:
        """Bring `%nbtrack`, its help and its completion."""
        parser = _parser()

        def nbtrack(line: str) -> None:
            self._run(parser, line)

        def complete(_shell: object, event: Any) -> list[str]:  # noqa: ANN401 - IPython's
            return self._complete(event.text_until_cursor, event.symbol)

        nbtrack.__doc__ = parser.format_help()
        register: Callable[..., None] = self._shell.register_magic_function
        register(nbtrack, magic_kind="line", magic_name=MAGIC)
        hook: Callable[..., None] = self._shell.set_hook
        hook("complete_command", complete, str_key=f"%{MAGIC}")

    def stop(self) -> None:
        """Take it away."""
        self._shell.magics_manager.magics["line"].pop(MAGIC, None)
        self._shell.strdispatchers["complete_command"].strs.pop(f"%{MAGIC}", None)

    # --- commands ----------------------------------------------------------------------

    def _run(self, parser: "MagicArgumentParser", line: str) -> None:
        from IPython.core.error import UsageError as MagicError

        try:
            given: Any = parser.parse_args(shlex.split(line))
            name = " ".join(given.name)
            if "/" in given.command:  # %nbtrack entity/project/id, or an address
                given.command, name = "open", given.command
            self._commands(given).get(given.command, _unknown(given.command))(name)
        except (Error, ValueError) as error:
            raise MagicError(f"%nbtrack {line}: {error}") from error

    def _commands(self, given: Any) -> dict[str, Callable[[str], None]]:  # noqa: ANN401 - argparse
        return {
            "status": self._status,
            "list": lambda name: self._list(name, given.count),
            "open": lambda name: self._open(name, given.height),
            "cells": self._cells,
            "finish": self._finish,
            "stop": self._stop,
            "hooks": self._hooks,
        }

    def _status(self, name: str) -> None:
        _expect_no_name("status", name)
        rows = [_row_of_run(run, self._session.clock.now_us()) for run in self._session.open_runs()]
        hooks = "" if self._switch.hooked else " Cell hooks are off: %nbtrack hooks on."
        none = "" if rows else "No run is open in this kernel; nbtrack.init() begins one. "
        _show(bundle(_COLUMNS, rows, note=f"{none}Workspace: {self._root}.{hooks}"))

    def _list(self, project: str, count: int) -> None:
        facts = store.Reader(self._root).runs()
        if project:
            facts = [each for each in facts if each.opened.project == project]
        now_us = self._session.clock.now_us()
        rows = [_row_of_facts(each, now_us) for each in facts[: max(count, 1)]]
        more = _how_many(len(rows), len(facts))
        _show(bundle(_COLUMNS, rows, note=f"{more} in {self._root}."))

    def _open(self, name: str, height: int) -> None:
        said = address_in(name)
        root = said.root or self._root
        run = self._session.latest() if not name else self._own(said.path)
        if run is not None and not run.disabled:
            shown = self._screen.show(run, height)
        elif self._is_project(root, said.path):
            self._list(said.path.rpartition("/")[2], _COUNT)
            return
        elif name:
            shown = self._screen.show_stored(root, find(root, said.path).opened.uid, height)
        else:
            raise UsageError(
                "no run was opened in this kernel. %nbtrack list shows those of the workspace, "
                "%nbtrack open NAME opens one."
            )
        if not shown:
            raise UsageError("this is no notebook: there is nowhere to show a panel.")

    def _cells(self, name: str) -> None:
        latest = self._session.latest()
        if not name and (latest is None or latest.disabled):
            raise UsageError("no run was opened in this kernel. Type %nbtrack cells NAME.")
        from nbtrack.query import ApiRun

        facts = find(self._root, name or str(latest.uid if latest else ""))
        cells = ApiRun(self._root, store.Reader(self._root), facts).cells()
        _show(cells_bundle(cells, _how_many_cells(len(cells), facts)))

    def _stop(self, name: str) -> None:
        run = self._own(name) if name else self._only_open("stop")
        if run is None:
            self._ask("stop", name)
            return
        self._session.close(run, KILLED, reason=STOPPED)
        print(f"Run {run.name!r} is stopped.")  # noqa: T201 - the magic's answer

    def _finish(self, name: str) -> None:
        run = self._own(name) if name else self._only_open("finish")
        if run is None:
            self._ask("finish", name)
            return
        run.finish()
        print(f"Run {run.name!r} is finished.")  # noqa: T201 - the magic's answer

    def _ask(self, wish: store.Wish, name: str) -> None:
        """Ask a run of another kernel to end."""
        from nbtrack.query import finish_run, stop_run

        facts = find(self._root, name)
        ask = stop_run if wish == "stop" else finish_run
        ask(self._root, facts.opened.uid)
        print(f"Run {facts.opened.name!r} is asked to {wish}.")  # noqa: T201 - the magic's answer

    def _hooks(self, name: str) -> None:
        turns = {"on": self._switch.hook, "off": self._switch.unhook}
        if name not in turns:
            state = "on" if self._switch.hooked else "off"
            raise UsageError(
                f"type %nbtrack hooks on, or %nbtrack hooks off; they are {state} now."
            )
        turns[name]()

    # --- looking up --------------------------------------------------------------------

    @property
    def _root(self) -> Path:
        latest = self._session.latest()
        return latest.root if latest else find_workspace(None, self._session.place)

    def _own(self, name: str) -> Run | None:
        """Return the open run of this kernel that a name means."""
        for run in reversed(self._session.open_runs()):
            if name in (run.name, run.id, run.uid, run.path, f"{run.project}/{run.id}"):
                return run
        return None

    def _is_project(self, root: Path, path: str) -> bool:
        """Tell whether a path means a project: `entity/project`."""
        if path.count("/") != 1 or root != self._root:
            return False
        there = (facts.opened for facts in store.Reader(root).runs())
        return path in {f"{opened.entity}/{opened.project}" for opened in there}

    def _only_open(self, wish: store.Wish) -> Run:
        opened = self._session.open_runs()
        if len(opened) == 1:
            return opened[0]
        names = ", ".join(run.name for run in opened)
        raise UsageError(
            f"several runs are open: {names}. Type %nbtrack {wish} NAME."
            if opened
            else f"no run is open in this kernel. Type %nbtrack {wish} NAME for one of another "
            "kernel."
        )

    def _complete(self, text: str, symbol: str) -> list[str]:
        """Return what may follow; must not raise, for a person is typing."""
        words = text.split()
        if len(words) - bool(symbol) <= 1:
            return list(COMMANDS)
        if words[1] == "hooks":
            return ["on", "off"]
        if words[1] in ("open", "cells", *_ENDS):
            return self._names(running=words[1] in _ENDS)
        return ["--height", "--count"]

    def _names(self, *, running: bool) -> list[str]:
        try:
            facts: Sequence[RunFacts] = store.Reader(self._root).runs()
        except Error:
            return []
        wanted = [f for f in facts if f.state is RunState.RUNNING or not running]
        names = [names_of(each.opened)[0] for each in wanted[:_MOST_COMPLETIONS]]
        return [shlex.quote(name) for name in dict.fromkeys(names)]


def _parser() -> "MagicArgumentParser":
    from IPython.core import magic_arguments

    make: Callable[..., MagicArgumentParser] = magic_arguments.MagicArgumentParser
    parser = make(
        MAGIC,
        description=(
            "Look after runs.\n\n"
            "%nbtrack status         what is open in this kernel\n"
            "%nbtrack list [PROJECT] the newest runs of the workspace\n"
            "%nbtrack open [NAME]    show a run's panel: name, id, entity/project/id, or address\n"
            "%nbtrack PATH           the same of entity/project/id or run.url\n"
            "%nbtrack cells [NAME]   the cells that made a run, as they were executed\n"
            "%nbtrack finish [NAME]  end a run in which nothing goes on, also of another kernel\n"
            "%nbtrack stop [NAME]    end a run, also one of another kernel: state killed\n"
            "%nbtrack hooks on|off   follow the cells (duration, stop, %%track), or do not"
        ),
    )
    parser.add_argument("command", nargs="?", default="status", help=", ".join(COMMANDS))
    parser.add_argument("name", nargs="*", help="What the command is about.")
    parser.add_argument("--height", type=int, default=420, help="Of the panel, in pixels.")
    parser.add_argument("--count", "-n", type=int, default=_COUNT, help="How many runs are listed.")
    return parser


def _unknown(command: str) -> Callable[[str], None]:
    def refuse(_name: str) -> None:
        from difflib import get_close_matches

        similar = get_close_matches(command, COMMANDS, n=1)
        hint = f"Did you mean {similar[0]!r}? " if similar else ""
        raise UsageError(
            f"there is no command {command!r}. {hint}Commands are {', '.join(COMMANDS)}; "
            "%nbtrack? explains them."
        )

    return refuse


def _expect_no_name(command: str, name: str) -> None:
    if name:
        raise UsageError(f"{command} takes no name. %nbtrack open {name} shows that run.")


def _row_of_run(run: Run, now_us: int) -> tuple[str, ...]:
    began_us = round(run.start_time * 1e6)
    active = duration(run.active_us / 1e6)
    return (run.name, run.state, run.project, age(began_us, now_us), active, str(run.step))


def _row_of_facts(facts: RunFacts, now_us: int) -> tuple[str, ...]:
    opened = facts.opened
    active = duration(facts.active_us / 1e6)
    began = age(opened.time_us, now_us)
    steps = 0 if facts.step is None else facts.step + 1
    return (opened.name, str(facts.state), opened.project, began, active, str(steps))


def _show(content: dict[str, str]) -> None:
    from IPython.display import display

    show: Callable[..., object] = display
    show(content, raw=True)


def _how_many(shown: int, found: int) -> str:
    """Say how many runs a list shows."""
    if shown < found:
        return f"The newest {shown} of {found:,} runs"
    return {0: "No run yet", 1: "1 run"}.get(found, f"{found} runs")


def _how_many_cells(count: int, facts: RunFacts) -> str:
    """Say how many executions of cells made a run."""
    name = facts.opened.name
    if not count:
        return f"No cells of run {name!r} are known: a script made it, or they were not followed."
    executions = "1 execution" if count == 1 else f"{count} executions"
    command = f"nbtrack reproduce {shlex.quote(facts.opened.id)} -o again.ipynb"
    return f"{executions} of cells made run {name!r}. As a notebook: {command}"
