"""End a process in several ways under one tracker, and print the exit codes it recorded.

python endings.py wandb|nbtrack folder
"""

import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

OPEN = "run = tracker.init(project='p', mode='offline', dir=place, settings={'silent': True})\n"
BLOCK = OPEN.replace("run =", "with").rstrip() + ":\n    "
ENDINGS = {
    "the end of the script": OPEN,
    "sys.exit(0)": f"{OPEN}sys.exit(0)",
    "sys.exit(3)": f"{OPEN}sys.exit(3)",
    "sys.exit(text)": f"{OPEN}sys.exit('no')",
    "an exception": f"{OPEN}1 / 0",
    "an interrupt": f"{OPEN}raise KeyboardInterrupt",
    "finish()": f"{OPEN}run.finish()",
    "finish(exit_code=7)": f"{OPEN}run.finish(exit_code=7)",
    "finish() before an exception": f"{OPEN}run.finish()\n1 / 0",
    "a block": f"{BLOCK}pass",
    "an exception in a block": f"{BLOCK}1 / 0",
    "sys.exit(0) in a block": f"{BLOCK}sys.exit(0)",
    "sys.exit(3) in a block": f"{BLOCK}sys.exit(3)",
}


def main(name: str, folder: str) -> None:
    """Print the exit code of every ending."""
    here = Path(__file__).parent
    sys.path[:0] = [str(here.parents[1]), str(here.parent / "benchmarks/peers")]
    read = {"wandb": code_of_wandb, "nbtrack": code_of_nbtrack}[name]
    codes = {}
    for number, (ending, lines) in enumerate(ENDINGS.items()):
        place = Path(folder, str(number))
        place.mkdir()
        head = f"import sys\nsys.path[:0] = {sys.path[:2]!r}\nimport {name} as tracker\n"
        script = f"{head}place = {str(place)!r}\n{lines}"
        subprocess.run([sys.executable, "-c", script], capture_output=True, check=False)
        codes[ending] = read(place)
    print(json.dumps(codes))  # noqa: T201 - the result


def code_of_wandb(place: Path) -> int | None:
    """Return the exit code in the file below a folder; None without one."""
    import probe

    exits = [record.exit for record in probe.whole_file(place) if record.HasField("exit")]
    return exits[-1].exit_code if exits else None


def code_of_nbtrack(place: Path) -> Any:  # noqa: ANN401 - a number or None
    """Return the exit code of the run below a folder."""
    [run] = importlib.import_module("nbtrack").Api(place / ".nbtrack").runs()
    return run.exit_code


if __name__ == "__main__":
    main(*sys.argv[1:])
