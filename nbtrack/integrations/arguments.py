"""Command lines: what the user's code parses with argparse, in the config.

    config    every argument by its name, defaults included; secrets are masked

Only parsers of the class `argparse.ArgumentParser` itself that the user's own code asks:
libraries parse for purposes of their own.
"""

import sys
import sysconfig
from types import FrameType
from typing import Any

from nbtrack.capture import variables_without_secrets
from nbtrack.integrations.patching import Function, Outermost, Patches
from nbtrack.integrations.sinks import Sink

_INSTALLED = ("site-packages", "dist-packages")
_OF_PYTHON = sysconfig.get_path("stdlib")


def patch(module: Any, patches: Patches, sink: Sink) -> None:  # noqa: ANN401 - argparse
    """Follow what parsers find."""
    outermost = Outermost()

    def make(original: Function) -> Function:
        def parse_known_args(self: Any, *args: Any, **options: Any) -> Any:  # noqa: ANN401
            with outermost.call() as is_outermost:
                found = original(self, *args, **options)
            with sink.guarded():
                is_plain = type(self) is module.ArgumentParser
                if is_outermost and is_plain and _is_users(sys._getframe(1)):  # noqa: SLF001
                    sink.configure(_without_secrets(vars(found[0])))
            return found

        return parse_known_args

    patches.wrap(module.ArgumentParser, "parse_known_args", make)


def _is_users(frame: FrameType | None) -> bool:
    """Tell whether the code that asked the parser is no library's."""
    while frame is not None and frame.f_globals.get("__name__") == "argparse":
        frame = frame.f_back
    if frame is None:
        return False
    path = frame.f_code.co_filename
    return not path.startswith(_OF_PYTHON) and not any(part in path for part in _INSTALLED)


def _without_secrets(values: dict[str, object]) -> dict[str, object]:
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    return {**values, **variables_without_secrets(texts)}
