"""`nbtrack stop`, `nbtrack finish` and `nbtrack tag`."""

import contextlib
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from nbtrack.cli.choosing import asked, named_or_met
from nbtrack.cli.place import workspace
from nbtrack.cli.screen import Screen
from nbtrack.cli.words import plural
from nbtrack.errors import Error, UsageError
from nbtrack.query import ApiRun, expect_tags, retagged
from nbtrack.store import Reader, RunFacts, Wish

_MEANT: dict[Wish, Callable[[RunFacts], bool]] = {
    "stop": lambda facts: facts.state.goes_on,
    "finish": lambda facts: facts.idle_us is not None,
}
"""Which of the runs that are chosen, not named, a wish is for."""
_DONE: dict[Wish, str] = {"stop": "stopped", "finish": "finished"}


def stop(arguments: Namespace, screen: Screen) -> int:
    """Ask runs to stop."""
    return _ask("stop", ApiRun.stop, arguments, screen)


def finish(arguments: Namespace, screen: Screen) -> int:
    """Ask runs to finish in which nothing goes on."""
    return _ask("finish", lambda run: run.finish(arguments.exit_code), arguments, screen)


def tag(arguments: Namespace, screen: Screen) -> int:
    """Add tags to runs, and take tags from them."""
    add, remove = arguments.add, arguments.remove
    if not add and not remove:
        raise UsageError("which tags? Type --add TAG or --remove TAG.")
    expect_tags(add, remove)
    root = workspace(arguments)
    with _runs(root, arguments) as runs:
        if not _is_agreed(runs, "Change the tags of {}?", arguments, screen):
            return 1
        failed = _each(runs, lambda run: _retag(run, add, remove), screen)
    done = [run for run in runs if run.uid not in failed]
    if arguments.json:
        said = [{"uid": run.uid, "name": run.name, "tags": run.tags} for run in done]
        screen.json(_told(root, "runs", said, failed))
    else:
        for run in done:
            screen.line(f"{run.name} ({run.uid}): {', '.join(run.tags) or 'no tags'}")
    return 1 if failed else 0


def _ask(wish: Wish, work: Callable[[ApiRun], None], arguments: Namespace, screen: Screen) -> int:
    root = workspace(arguments)
    with _runs(root, arguments, _MEANT[wish]) as runs:
        if not _is_agreed(runs, f"Ask {{}} to {wish}?", arguments, screen):
            return 1
        failed = _each(runs, work, screen)
    done = [run for run in runs if run.uid not in failed]
    if arguments.json:
        screen.json(_told(root, _DONE[wish], [run.uid for run in done], failed))
    else:
        for run in done:
            screen.line(f"{run.name} ({run.uid}) is asked to {wish}.")
    return 1 if failed else 0


@contextlib.contextmanager
def _runs(
    root: Path, arguments: Namespace, is_meant: Callable[[RunFacts], bool] = lambda _: True
) -> Iterator[list[ApiRun]]:
    """Lend the runs that are named, or those that are chosen and meant."""
    with contextlib.closing(Reader(root)) as reader:
        found = named_or_met(reader.runs(), arguments)
        if asked(arguments):
            found = [facts for facts in found if is_meant(facts)]
        yield [ApiRun(root, reader, facts) for facts in found]


def _is_agreed(runs: Sequence[ApiRun], question: str, arguments: Namespace, screen: Screen) -> bool:
    """Ask about runs that were not named, so that nobody is surprised by how many they are."""
    if not asked(arguments):
        return True
    if not runs:
        screen.note(f"No run to do this to has {asked(arguments)}.")
        return True
    for run in runs:
        screen.note(f"  {run.name}  {run.uid}  {run.project}, {run.state}")
    return screen.confirm(question.format(plural(len(runs), "run")), yes=arguments.yes)


def _retag(run: ApiRun, add: Sequence[str], remove: Sequence[str]) -> None:
    tags = retagged(run.tags, add, remove)
    if tags != run.tags:
        run.tags = tags


def _each(runs: Sequence[ApiRun], work: Callable[[ApiRun], None], screen: Screen) -> dict[str, str]:
    """Do something to each run; return by uid what went wrong. One hinders no other."""
    failed: dict[str, str] = {}
    for run in runs:
        try:
            work(run)
        except Error as error:
            screen.error(str(error))
            failed[run.uid] = str(error)
    return failed


def _told(root: Path, name: str, done: object, failed: dict[str, str]) -> dict[str, object]:
    return {"workspace": str(root), name: done, "failed": failed}
