"""The installed Chromium, as a printer: a page in, a PDF or a PNG out.

It is asked through a pair of pipes: no port is opened, and no file is handed over. It runs
in its sandbox, without network, with a profile that is gone afterwards. Its sandbox does
not start for root; then it runs as `nobody`, who can read nothing of root's.
"""

import base64
import contextlib
import json
import os
import pwd
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

from nbtrack.errors import MissingDependencyError, PrintError

NAMES: Final = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    *("microsoft-edge", "brave-browser"),
)
MAC_APPS: Final = ("Google Chrome", "Chromium", "Microsoft Edge", "Brave Browser")
CHOICE: Final = "NBTRACK_CHROMIUM"
"""Environment variable: which browser, where none of the usual names is the right one."""
UNSAFE: Final = "NBTRACK_CHROMIUM_SANDBOX"
"""Environment variable: `0` lets Chromium run without its sandbox."""

PIXELS_PER_INCH: Final = 96
PATIENCE_S: Final = 60.0
"""A page of 10 million points is laid out in 3 s; nobody waits for a minute."""

_ARGUMENTS = (
    *("--headless=new", "--remote-debugging-pipe", "--disable-gpu", "--no-first-run"),
    *("--no-default-browser-check", "--disable-extensions", "--disable-sync", "--mute-audio"),
    *("--disable-background-networking", "--disable-component-update", "--hide-scrollbars"),
    *("--disable-breakpad", "--disable-crash-reporter", "--disable-dev-shm-usage"),
    *("--proxy-server=127.0.0.1:9", "--host-resolver-rules=MAP * ~NOTFOUND"),
)
_TRAMPOLINE = """
import os, sys
inward, outward, uid, gid, *command = sys.argv[1:]
if int(uid):
    os.setgroups([]); os.setgid(int(gid)); os.setuid(int(uid))
held = [os.dup(int(inward)), os.dup(int(outward))]  # neither may be 3 or 4 any more
while held[0] in (3, 4) or held[1] in (3, 4):
    held = [os.dup(one) for one in held]
os.dup2(held[0], 3); os.dup2(held[1], 4)
os.execv(command[0], command)
"""
"""Chromium reads file descriptor 3 and writes 4, which are taken in most processes."""
_SETTLED = """
new Promise(done => {
  const rest_ms = 250;
  let timer = setTimeout(done, rest_ms);
  new MutationObserver(() => { clearTimeout(timer); timer = setTimeout(done, rest_ms); })
    .observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
}).then(() => document.fonts.ready).then(() => true)
"""
_PIECE = 1 << 16


def find_chromium() -> Path:
    """Return where the browser lies that prints.

    Raises:
        MissingDependencyError: If there is none; the message says what to do.
    """
    chosen = os.environ.get(CHOICE)
    if chosen:
        if (found := shutil.which(chosen)) is None:
            raise MissingDependencyError(
                f"{CHOICE}={chosen!r} is no program that can be started. Correct it, or take "
                f"the usual browsers:\n    unset {CHOICE}"
            )
        return Path(found)
    for name in NAMES:
        if (found := shutil.which(name)) is not None:
            return Path(found)
    for app in MAC_APPS:
        path = Path(f"/Applications/{app}.app/Contents/MacOS/{app}")
        if path.is_file():
            return path
    raise MissingDependencyError(
        "PDF and PNG are made by Chromium, Google Chrome or Microsoft Edge, and none is "
        "installed. Install one (Debian: sudo apt-get install chromium), or name it:\n"
        f"    export {CHOICE}=/path/to/chrome\n"
        "SVG and HTML need none."
    )


@contextlib.contextmanager
def printer() -> Iterator["Printer"]:
    """Lend a running Chromium.

    Raises:
        MissingDependencyError: If there is none.
        PrintError: If it does not start.
    """
    program = find_chromium()
    with tempfile.TemporaryDirectory(prefix="nbtrack-print-", ignore_cleanup_errors=True) as folder:
        user = _user(Path(folder))
        process, inward, outward, said = _started(program, Path(folder), user)
        try:
            yield Printer(inward, outward, said)
        finally:
            os.close(inward)
            os.close(outward)
            _end(process)


class Printer:
    """One page of a Chromium that nobody sees."""

    def __init__(self, inward: int, outward: int, said: Path) -> None:
        """Keep the ways to it.

        Args:
            inward: File descriptor from which its answers are read.
            outward: File descriptor that takes commands.
            said: The file that holds what it says of its troubles.
        """
        self._inward = inward
        self._outward = outward
        self._said = said
        self._buffer = b""
        self._number = 0
        self._session = ""

    def show(self, page: str, *, width_px: float = 1_000, height_px: float = 800) -> None:
        """Load a page and wait until it stands still.

        Args:
            page: A whole page of HTML; what it would load from elsewhere stays away.
            width_px: Of the window, CSS pixels.
            height_px: Of the window.

        Raises:
            PrintError: If Chromium does not answer.
        """
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._ask("Network.enable")
        offline = {"latency": 0, "downloadThroughput": 0, "uploadThroughput": 0}
        self._ask("Network.emulateNetworkConditions", offline=True, **offline)
        self._size(width_px, height_px, 1)
        frame = self._ask("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._ask("Page.setDocumentContent", frameId=frame, html=page)
        self._ask("Runtime.evaluate", expression=_SETTLED, awaitPromise=True)

    def pdf(self, **options: object) -> bytes:
        """Return the page as a PDF.

        Args:
            options: Those of the browser's `Page.printToPDF`; sizes in inches.

        Raises:
            PrintError: If it cannot be printed.
        """
        kinds = {"generateTaggedPDF": True, "generateDocumentOutline": True}
        answer = self._ask("Page.printToPDF", printBackground=True, **kinds, **options)
        return base64.b64decode(answer["data"])

    def png(self, width_px: float, height_px: float, scale: float) -> bytes:
        """Return the upper left corner of the page as a PNG without a background.

        Args:
            width_px: CSS pixels.
            height_px: CSS pixels.
            scale: Pixels of the PNG per CSS pixel.

        Raises:
            PrintError: If there is no room for it.
        """
        self._size(width_px, height_px, scale)
        clear = {"r": 0, "g": 0, "b": 0, "a": 0}
        self._ask("Emulation.setDefaultBackgroundColorOverride", color=clear)
        corner = {"x": 0, "y": 0, "width": width_px, "height": height_px, "scale": 1}
        answer = self._ask(
            "Page.captureScreenshot", format="png", clip=corner, captureBeyondViewport=True
        )
        return base64.b64decode(answer["data"])

    def _size(self, width_px: float, height_px: float, scale: float) -> None:
        size = {"width": round(width_px + 0.5), "height": round(height_px + 0.5)}
        self._ask(
            "Emulation.setDeviceMetricsOverride", **size, deviceScaleFactor=scale, mobile=False
        )

    def _ask(self, method: str, **parameters: object) -> dict[str, Any]:
        """Give a command and return its answer; what else Chromium tells is passed over."""
        self._number += 1
        message: dict[str, object] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._write(json.dumps(message).encode() + b"\0")
        until_s = time.monotonic() + PATIENCE_S
        while (answer := self._next(until_s)).get("id") != self._number:
            pass
        if "error" in answer:
            raise PrintError(f"Chromium cannot do {method}: {answer['error'].get('message')}.")
        return cast("dict[str, Any]", answer["result"])

    def _write(self, message: bytes) -> None:
        try:
            while message:
                message = message[os.write(self._outward, message) :]
        except OSError as error:
            raise PrintError(self._why()) from error

    def _next(self, until_s: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            left_s = max(0.0, until_s - time.monotonic())
            if not select.select([self._inward], [], [], left_s)[0]:
                raise PrintError(f"Chromium did not answer within {PATIENCE_S:g} s.")
            piece = os.read(self._inward, _PIECE)
            if not piece:
                raise PrintError(self._why())
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        return cast("dict[str, Any]", json.loads(message))

    def _why(self) -> str:
        """Say why Chromium ended."""
        lines = self._said.read_text("utf-8", errors="replace").strip().splitlines()
        if any("sandbox" in line.lower() for line in lines):
            return (
                "Chromium's sandbox does not start here (in a container without user namespaces, "
                f"as a rule). If you trust the page, type\n    export {UNSAFE}=0"
            )
        return f"Chromium ended by itself. It said: {lines[-1] if lines else 'nothing'}"


def _user(folder: Path) -> tuple[int, int]:
    """Return the user and the group that Chromium runs as, (0, 0) for our own."""
    if os.geteuid() != 0 or os.environ.get(UNSAFE) == "0":
        return 0, 0
    nobody = pwd.getpwnam("nobody")
    os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    return nobody.pw_uid, nobody.pw_gid


def _started(
    program: Path, folder: Path, user: tuple[int, int]
) -> tuple[subprocess.Popen[bytes], int, int, Path]:
    """Start Chromium; return it, the ends of its pipes that are ours, and where it complains."""
    unsafe = ["--no-sandbox"] if os.environ.get(UNSAFE) == "0" else []
    command = [str(program), *_ARGUMENTS, *unsafe, f"--user-data-dir={folder / 'profile'}"]
    said = folder / "said"
    theirs_in, outward = os.pipe()
    inward, theirs_out = os.pipe()
    numbers = [str(one) for one in (theirs_in, theirs_out, *user)]
    with said.open("wb") as complaints:
        process = subprocess.Popen(  # noqa: S603 - the browser that is installed
            [sys.executable, "-I", "-S", "-c", _TRAMPOLINE, *numbers, *command],
            pass_fds=(theirs_in, theirs_out),
            cwd=folder,
            env={**os.environ, "HOME": str(folder), "TMPDIR": str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            start_new_session=True,
        )
    os.close(theirs_in)
    os.close(theirs_out)
    return process, inward, outward, said


def _end(process: subprocess.Popen[bytes]) -> None:
    """End Chromium with all processes of its own, and nothing else."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
