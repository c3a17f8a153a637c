"""What a script says: lines on stderr, which no pipe takes for results."""

import sys


def to_stderr(level: str, text: str) -> None:
    """Say something where warnings are read."""
    say_news(text if level == "info" else f"{level}: {text}")


def say_news(text: str) -> None:
    """Say something that is no trouble."""
    print(f"nbtrack: {text}", file=sys.stderr)  # noqa: T201 - the voice of a script


def stderr_encoding() -> str:
    """Return the encoding of stderr; what replaces it may have none, and is asked little."""
    return getattr(sys.stderr, "encoding", None) or "ascii"
