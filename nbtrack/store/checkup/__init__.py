"""Is all well with a workspace? `examine` looks at all of it, and repairs what it can."""

from nbtrack.store.checkup.examination import examine
from nbtrack.store.checkup.finding import Finding, Level

__all__ = ["Finding", "Level", "examine"]
