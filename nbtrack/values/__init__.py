"""What can be logged, and how it becomes what the store keeps."""

from nbtrack.values.config import jsonable
from nbtrack.values.histogram import Histogram
from nbtrack.values.jsontext import json_text, sayable
from nbtrack.values.names import (
    checked_entity,
    checked_id,
    checked_project,
    fitting,
    login_name,
    new_id,
    new_name,
    new_uid,
)
from nbtrack.values.rows import encode
from nbtrack.values.texts import (
    checked_tags,
    checked_text,
    duration,
    one_line,
    shown,
    without_ansi,
)

__all__ = [
    "Histogram",
    "checked_entity",
    "checked_id",
    "checked_project",
    "checked_tags",
    "checked_text",
    "duration",
    "encode",
    "fitting",
    "json_text",
    "jsonable",
    "login_name",
    "new_id",
    "new_name",
    "new_uid",
    "one_line",
    "sayable",
    "shown",
    "without_ansi",
]
