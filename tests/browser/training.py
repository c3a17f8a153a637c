"""Cells that train nothing but log like a training, for as long as a test wants."""

from dataclasses import dataclass
from pathlib import Path

OPEN = """
import itertools, math, pathlib, time
import nbtrack
run = nbtrack.init(
    project={project!r}, name={name!r}, config={{"lr": 0.01}},
    settings={{"x_stats_sampling_interval": 0.5}},
)
run.display()
"""
LOOP = """
for epoch in itertools.count():
    decay = math.exp(-epoch / 300)
    run.log({{"train/loss": 2.3 * decay + 0.05 * math.sin(epoch), "train/accuracy": 1 - decay,
             "val/loss": 2.4 * decay + 0.1, "lr": 0.01 * 0.999**epoch}})
    if epoch % 20 == 0:
        print(f"epoch {{epoch}}")
    if pathlib.Path({flag!r}).exists():
        break
    time.sleep(0.02)
"""
FINISH = """
run.finish()
"""


@dataclass(frozen=True, slots=True)
class Training:
    """A run that goes on until the test ends it.

    Attributes:
        name: Of the run.
        flag: A file; the loop ends when it is there.
        project: Of the run.
    """

    name: str
    flag: Path
    project: str = "digits"

    @property
    def opening(self) -> str:
        """The code that begins the run and shows its panel."""
        return OPEN.format(project=self.project, name=self.name).strip()

    @property
    def loop(self) -> str:
        """The code that logs 50 rows per second."""
        return LOOP.format(flag=str(self.flag)).strip()

    @property
    def cell(self) -> str:
        """All of it, from `init()` to `finish()`, in one cell."""
        return f"{self.opening}\n{self.loop}\n{FINISH.strip()}"

    def end(self) -> None:
        """End the loop."""
        self.flag.touch()
