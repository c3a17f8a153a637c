"""`import wandb` means nbtrack, for libraries that know only that name.

with nbtrack.install_as_wandb():
    trainer.train()  # whatever says `import wandb` in there logs to nbtrack
"""

from nbtrack.compat.facade import known
from nbtrack.compat.installing import Installation, install_as_wandb

__all__ = ["Installation", "install_as_wandb"]


def __getattr__(name: str) -> object:
    found = known(name)
    if found is None:
        raise AttributeError(f"module 'nbtrack.compat' has no attribute {name!r}")
    return found
