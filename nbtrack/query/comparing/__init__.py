"""Several runs beside each other: which, how they differ, and what their metrics come to."""

from nbtrack.query.comparing.comparison import Comparison
from nbtrack.query.comparing.differing import Differences, Leaves, differences, leaves
from nbtrack.query.comparing.drawing import Band, Chart, Drawing, Question
from nbtrack.query.comparing.grouping import Grouping
from nbtrack.query.comparing.intervals import BANDS, BandKind, interval, t_quantile
from nbtrack.query.comparing.listing import table_text
from nbtrack.query.comparing.outlook import Outlook
from nbtrack.query.comparing.picking import workspace_of
from nbtrack.query.comparing.ranking import Goal, defined_goal, ranked_metrics, standing

__all__ = [
    "BANDS",
    "Band",
    "BandKind",
    "Chart",
    "Comparison",
    "Differences",
    "Drawing",
    "Goal",
    "Grouping",
    "Leaves",
    "Outlook",
    "Question",
    "defined_goal",
    "differences",
    "interval",
    "leaves",
    "ranked_metrics",
    "standing",
    "t_quantile",
    "table_text",
    "workspace_of",
]
