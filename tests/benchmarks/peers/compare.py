"""nbtrack beside wandb, trackio, tensorboardX, aim and mlflow, in one run; printed, never asserted.

    make bench-peers                                  all questions, some 15 minutes
    python tests/benchmarks/peers/compare.py --quick  smaller and once, some 4 minutes

The trackers take turns in every round, so that what else the machine does meets all of
them; what counts are the ratios. Each runs offline, with its defaults unless the tables
say otherwise, in an environment of its own that is made when it is missing.
"""

import argparse
import shutil
import signal
import sys
import time
from dataclasses import replace

import questions
from questions import FULL, QUESTIONS, QUICK, Question
from report import OURS, Reading, ahead, lines, render
from roster import TRACKERS, Tracker, install
from workplace import WorkerError, Workplace

Places = dict[str, Workplace]


def main() -> None:
    """Ask the questions and print the tables."""
    given = arguments()
    # Ended early, it still removes its folders and ends its workers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    scale = QUICK if given.quick else FULL
    if given.rounds:
        scale = replace(scale, rounds=given.rounds, crowds=given.rounds)
    began = time.monotonic()
    trackers = list(able(chosen(given.only)))
    every = [question(scale) for question in QUESTIONS]
    asked = [question for question in every if numbers(question) & given.questions]
    behind = []
    for question in asked:
        behind += answered(question, trackers, given.questions)
    print(f"\nnbtrack is not first in: {'; '.join(behind) or 'nothing'}")
    print(f"{time.monotonic() - began:.0f} s")


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=0, help="how often each question is put")
    parser.add_argument("--only", default="", help="trackers beside nbtrack: wandb,trackio")
    parser.add_argument("--questions", default="1,2,3,4,5,6,7,8", help="numbers: 1,3")
    parser.add_argument("--quick", action="store_true", help="smaller, and one round")
    given = parser.parse_args()
    try:
        given.questions = {int(number) for number in given.questions.split(",")}
    except ValueError:
        parser.error(f"--questions takes numbers like 1,3, not {given.questions!r}")
    return given


def chosen(only: str) -> list[Tracker]:
    """Return nbtrack and the trackers asked for."""
    names = {name.strip().lower() for name in only.split(",") if name.strip()}
    unknown = names - {tracker.name.lower() for tracker in TRACKERS}
    if unknown:
        known = ", ".join(tracker.name for tracker in TRACKERS)
        sys.exit(f"unknown tracker {', '.join(sorted(unknown))}. Known are: {known}.")
    return [
        each for each in TRACKERS if each.name == OURS or not names or each.name.lower() in names
    ]


def able(trackers: list[Tracker]) -> list[Tracker]:
    """Make the environments, print the versions, and leave out who cannot be measured."""
    print(f"Python {sys.version.split()[0]}, {sys.platform}")
    return [tracker for tracker in trackers if introduced(tracker)]


def introduced(tracker: Tracker) -> bool:
    """Print what is measured, or why it is not."""
    reason = install(tracker)
    if reason is None:
        place = Workplace(tracker)
        try:
            answer = place.do("versions")
        except WorkerError as error:
            reason = str(error)
        finally:
            place.close()
    if reason is not None:
        print(f"  {tracker.name:<14}left out: {reason}", flush=True)
        return False
    found = ", ".join(f"{name} {version}" for name, version in answer["versions"].items())
    print(f"  {tracker.name:<14}{found} ({answer['note']})", flush=True)
    return True


def numbers(question: Question) -> set[int]:
    """Return by which numbers a question is asked for."""
    return {table.question for table in question.tables}


def answered(question: Question, trackers: list[Tracker], wanted: set[int]) -> list[str]:
    """Put a question to all, print its tables, and return in which nbtrack is not first."""
    asked = [tracker for tracker in trackers if questions.takes_part(tracker, question)]
    readings = in_turns(question, asked)
    behind = []
    for table in question.tables:
        if table.question not in wanted:
            continue
        found = lines(reading for reading in readings if reading.table == table)
        print("", *render(table, found), sep="\n", flush=True)
        better = ahead(table, found)
        if better:
            behind.append(f"{table.question} {table.title.strip()} ({', '.join(better)})")
    return behind


def in_turns(question: Question, trackers: list[Tracker]) -> list[Reading]:
    """Ask all trackers in turns, round by round, each round from another one on."""
    scale, readings = question.scale, list[Reading]()
    places: Places = {}
    fills = question.fills() is not None
    try:
        for tracker in trackers:
            prepare(question, tracker, places)
        for number in range(scale.crowds if question.is_rare else scale.rounds):
            first = number % len(trackers)
            for tracker in trackers[first:] + trackers[:first]:
                if fills and tracker.name not in places:
                    continue
                readings += asked(question, tracker, places)
    finally:
        for place in places.values():
            place.close()
    names = [tracker.name for tracker in trackers]
    return sorted(readings, key=lambda reading: names.index(reading.tracker))


def prepare(question: Question, tracker: Tracker, places: Places) -> None:
    """Keep the workplace of a tracker where the question fills a store once."""
    order = question.fills()
    if order is None:
        return
    place = Workplace(tracker)
    try:
        fill(place, *order)
        places[tracker.name] = place
    except WorkerError as error:
        place.close()
        complain(tracker, question, error)


def fill(place: Workplace, task: str, order: dict[str, float]) -> None:
    """Fill a store; that of a pinned peer is kept for the next comparison."""
    tracker = place.tracker
    kept = tracker.python.parents[1] / "stores" / "-".join(map(str, (task, *order.values())))
    if kept.is_dir():
        shutil.copytree(kept, place.store, dirs_exist_ok=True)
        return
    place.do(task, **order)
    place.settle()
    if tracker.name != OURS:
        partial = kept.with_suffix(".partial")
        shutil.rmtree(partial, ignore_errors=True)
        shutil.copytree(place.store, partial)
        partial.rename(kept)


def asked(question: Question, tracker: Tracker, places: Places) -> list[Reading]:
    """Ask one tracker once; what fails is said and is no reading."""
    kept = places.get(tracker.name)
    place = kept or Workplace(tracker)
    try:
        return list(question.ask(place))
    except WorkerError as error:
        complain(tracker, question, error)
        return []
    finally:
        if kept is None:
            place.close()


def complain(tracker: Tracker, question: Question, error: WorkerError) -> None:
    """Say that a measurement failed."""
    text = f"  {tracker.name} has no answer to {sorted(numbers(question))}: {error}"
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
