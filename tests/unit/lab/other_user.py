"""What the server of another user does with a workspace that it may only read.

Run as a program, with two folders of servers. It does the same in both; what that needs is
loaded after the first one, and before the second one root becomes a user without rights,
who may read none of what Python is made of. Prints a JSON object for each.
"""

import asyncio
import json
import logging
import os
import sys
from pathlib import Path
from threading import Event

from nbtrack.clock import SystemClock
from nbtrack.errors import Error
from nbtrack.lab import NbtrackApp, Workspaces
from nbtrack.store import Upkeep

NOBODY = 65_534


async def told(question):
    """Return by which error a question is refused, {} where it is not."""
    try:
        await question
    except Error as error:
        return {"refused": type(error).__name__, "message": str(error)}
    return {}


async def points_of(service, uid):
    """Return how many points a page gets of a run."""
    whole = await service.whole(uid, None)
    return sum(series["count"] for series in whole["snapshot"]["series"])


async def main(root: Path) -> None:
    """Do what a page asks for, and what the server does by itself."""
    service = NbtrackApp(log=logging.getLogger())._assembled(Workspaces(root, root / "nowhere"))
    service.begin()
    rows, total = await service.rows(None)
    named = {row["name"]: row["uid"] for row in rows}
    edit = {"op": "edit", "id": "e", "uid": named["over"], "name": "mine"}
    said = {
        "total": total,
        "states": {row["name"]: row["state"] for row in rows},
        "points": [await points_of(service, uid) for uid in named.values()],
        "stop": await told(service.desk.stop(named["live"], None)),
        "edit": await told(service.desk.look_up(edit, None)),
        "upkeep": list(Upkeep(root / ".nbtrack", SystemClock(), Event().is_set).tend().notes),
    }
    service._sharing._tend()
    await service.close()
    sys.stdout.write(json.dumps(said) + "\n")


def become_somebody_else() -> None:
    """Give up all rights, if there are any."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)


if __name__ == "__main__":
    own, foreign = map(Path, sys.argv[1:])
    asyncio.run(main(own))
    become_somebody_else()
    asyncio.run(main(foreign))
