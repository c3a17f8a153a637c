"""What can be logged, and how it becomes what the store keeps."""

from nbtrack.values.config import jsonable
from nbtrack.values.rows import encode

__all__ = ["encode", "jsonable"]
