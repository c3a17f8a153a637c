"""Which runs a command is for: those that are named, or those that meet what is asked."""

from argparse import Namespace
from collections.abc import Sequence

from nbtrack.cli.place import chosen
from nbtrack.errors import UsageError
from nbtrack.query import parse_filters
from nbtrack.store import RunFacts, matching

_ASKED = ("project", "state", "name_regex", "filter")


def named_or_met(runs: Sequence[RunFacts], arguments: Namespace) -> list[RunFacts]:
    """Return the runs that are meant, each once.

    Args:
        runs: All there are.
        arguments: Name runs, or say what they must meet.

    Raises:
        UsageError: If they do neither or both, or a name means several runs.
        RunNotFoundError: If no run is called so.
    """
    if not arguments.runs and not asked(arguments):
        raise UsageError(
            "which runs? Name them, or choose them with --project, --state, "
            "--name-regex or --filter."
        )
    if arguments.runs and asked(arguments):
        raise UsageError("runs are named or chosen by what they meet, not both at once.")
    if not arguments.runs:
        return met(runs, arguments)
    found = [chosen(runs, given) for given in arguments.runs]
    return list({facts.opened.uid: facts for facts in found}.values())


def met(runs: Sequence[RunFacts], arguments: Namespace) -> list[RunFacts]:
    """Return the runs that meet all that is asked.

    Raises:
        UsageError: If the regular expression or the filter cannot be understood.
    """
    condition = parse_filters(arguments.filter)
    found = [
        facts
        for facts in runs
        if arguments.project in (None, facts.opened.project)
        and arguments.state in (None, str(facts.state))
    ]
    if arguments.name_regex is not None:
        answers = matching(arguments.name_regex, [facts.opened.name for facts in found])
        found = [facts for facts, is_met in zip(found, answers, strict=True) if is_met]
    answers = condition.answers(found)
    return [facts for facts, is_met in zip(found, answers, strict=True) if is_met]


def asked(arguments: Namespace) -> str:
    """Return what runs must meet, for people; "" where nothing is asked."""
    given = {name.replace("_", " "): getattr(arguments, name) for name in _ASKED}
    return " and ".join(f"{name} {value!r}" for name, value in given.items() if value is not None)
