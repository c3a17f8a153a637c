"""With what a run is made: program, repository, packages, variables, code, and the machine.

Looked up on a thread of its own, so that `init()` waits for nothing; the end of a run
waits for it, but not for long. What fails is told in the panel and fails alone.
"""

import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from nbtrack.capture import Scene, program_facts
from nbtrack.forks import kept_from_forks
from nbtrack.records import EnvironmentNoted, Json, Notice
from nbtrack.runs.code import FOLDER
from nbtrack.store import write_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nbtrack.capture import Repository
    from nbtrack.clock import Clock
    from nbtrack.runs.run import Run
    from nbtrack.settings import Place

PATIENCE_S = 1.0
"""How long the end of a run waits. A kernel that is shut down has 2.4 s for everything."""

HEAD_START_S = 0.05
"""How long the thread stays back, so that `init()` does not share the processor with it."""

PACKAGES = "requirements.txt"
_NEEDED = tuple(f"nbtrack.capture.{name}" for name in ("hardware", "repository", "sources"))
"""They bring psutil, subprocess and json along."""
_VARIABLES = (
    *("CUDA_", "CUBLAS_", "NCCL_", "TORCH", "PYTORCH_", "TF_", "XLA_", "JAX_", "KERAS_"),
    *("OMP_", "MKL_", "OPENBLAS_", "NUMEXPR_", "HF_", "TRANSFORMERS_", "TOKENIZERS_"),
    *("SLURM_JOB", "SLURM_PROC", "SLURM_N", "RANK", "LOCAL_RANK", "WORLD_SIZE"),
    *("PYTHONHASHSEED", "PYTHONPATH", "CONDA_DEFAULT_ENV", "VIRTUAL_ENV"),
    *("NBTRACK_", "WANDB_"),
)
"""How the variables begin that can change what a training does; no others are kept."""


class Provenance:
    """Looks up for each open run with what it is made."""

    def __init__(self, clock: "Clock") -> None:
        """Begin without runs.

        Args:
            clock: Gives the time of what is noted.
        """
        self._clock = clock
        self._notes: dict[str, _Note] = {}

    def begin(self, run: "Run", place: "Place") -> None:
        """Begin to look up what belongs to a run that is opened in a place."""
        note = _Note(run, place, self._clock)
        if note.start():
            self._notes[run.uid] = note

    def end(self, run: "Run") -> None:
        """Have what belongs to a run noted before it ends."""
        note = self._notes.pop(run.uid, None)
        if note is not None:
            note.finish()

    def abandon(self) -> None:
        """In a forked child: forget the threads, which are not there."""
        self._notes.clear()


class _Note:
    """What is looked up for one run."""

    def __init__(self, run: "Run", place: "Place", clock: "Clock") -> None:
        self._run = run
        self._settings = run.settings
        self._clock = clock
        self._scene = Scene(run.settings, in_notebook=place.in_notebook)
        self._code = code_path(self._scene)
        home = self._code.parent if self._code else ""
        self._home = Path(self._scene.folder, self._settings.git_root or home)
        self._stamp: tuple[int, int] | None = None
        self._repository: Repository | None = None
        self._doing = ""
        self._left: list[str] = []
        self._is_ending = Event()
        self._thread = Thread(target=self._look_up, name="nbtrack-provenance", daemon=True)

    def start(self) -> bool:
        """Begin, on a thread; return whether there is one."""
        self._doing = "the program and its code"
        try:
            self._thread.start()
        except RuntimeError as error:  # the system has no more threads
            self._tell(f"{self._doing} cannot be looked up: {error}.")
            return False
        return True

    def finish(self) -> None:
        """Wait for the thread, and keep the code as it is by now."""
        self._is_ending.set()
        self._thread.join(PATIENCE_S)
        if self._thread.is_alive():
            late = ", ".join((self._doing, *self._left))
            self._tell(f"{late} took too long to look up and may be missing.")
        else:
            self._try("the code", self._keep_code)

    def _look_up(self) -> None:
        self._is_ending.wait(HEAD_START_S)
        with kept_from_forks(), suppress(ImportError):  # who needs it will say so
            for name in _NEEDED:
                import_module(name)
        parts = dict(self._parts())
        self._left = list(parts)
        for what, work in parts.items():
            self._left.remove(what)
            self._try(what, work)

    def _parts(self) -> "Iterator[tuple[str, Callable[[], None]]]":
        """Yield what is wanted: what may take seconds, great changes and drivers, comes last."""
        settings = self._settings
        has_facts = not settings.x_disable_meta
        if has_facts:
            yield "the program", lambda: self._note(program_facts(self._scene))
            yield "variables", self._note_variables
        yield "the code", self._keep_code
        if settings.code_dir and self._keeps_code:
            yield "the code of code_dir", self._keep_folder
        if not settings.disable_git:
            yield "the repository", self._note_repository
        if settings.x_save_requirements:
            yield "packages", self._keep_packages
        has_machine = has_facts and not settings.x_disable_machine_info
        if has_machine:
            yield "the machine", self._note_machine
        if not (settings.disable_git or settings.disable_code):
            yield "changes since the commit", self._keep_changes
        if has_machine:
            yield "the GPUs", self._note_gpus

    def _try(self, what: str, work: "Callable[[], None]") -> None:
        """Do one part; what goes wrong in it is told and concerns it alone."""
        self._doing = what
        try:
            work()
        except Exception as error:  # noqa: BLE001 - a training is not ended by its notes
            self._tell(f"{what} could not be looked up: {type(error).__name__}: {error}.")

    def _tell(self, text: str) -> None:
        now_us = self._clock.now_us()
        self._run.emit(Notice(now_us, "info", f"provenance {self._doing}", text))

    def _note(self, values: dict[str, Json]) -> None:
        self._run.emit(EnvironmentNoted(self._clock.now_us(), values))

    def _write(self, name: str, text: str) -> None:
        """Write a file of the run; one that has ended gets no more."""
        if self._run.is_open:
            write_file(self._run.files.folder / name, text)

    # --- what there is to look up ------------------------------------------------------

    def _note_machine(self) -> None:
        from nbtrack.capture import machine_facts

        self._note(machine_facts(self._scene))

    def _note_gpus(self) -> None:
        from nbtrack.capture import gpus_of_machine

        self._note(gpus_of_machine())

    def _note_variables(self) -> None:
        from nbtrack.capture import variables_without_secrets

        chosen = {name: text for name, text in os.environ.items() if name.startswith(_VARIABLES)}
        if chosen:
            self._note({"variables": {**variables_without_secrets(dict(sorted(chosen.items())))}})

    def _note_repository(self) -> None:
        from nbtrack.capture import address_without_secrets, repository_of

        self._repository = found = repository_of(self._home, self._settings.git_remote)
        known = found.described() if found is not None else {}
        if self._settings.git_remote_url:
            known["remote"] = address_without_secrets(self._settings.git_remote_url)
        if self._settings.git_commit:
            known["commit"] = self._settings.git_commit
        if known:
            self._note({"git": known})

    def _keep_changes(self) -> None:
        from nbtrack.capture import differences

        if self._repository is not None:
            for name, text in differences(self._repository).items():
                self._write(name, text)

    @property
    def _keeps_code(self) -> bool:
        return self._settings.save_code is not False and not self._settings.disable_code

    def _keep_folder(self) -> None:
        self._run.log_code(Path(self._scene.folder, self._settings.code_dir or ""))

    def _keep_packages(self) -> None:
        from nbtrack.capture import installed_packages

        self._write(PACKAGES, "".join(f"{line}\n" for line in installed_packages()))

    def _keep_code(self) -> None:
        """Keep the script or the notebook, unless that was done and it has not changed."""
        path = self._code
        if path is None or not self._keeps_code or not path.is_file():
            return
        from nbtrack.capture import source_of

        found = path.stat()
        stamp = (found.st_size, found.st_mtime_ns)
        text = source_of(path) if stamp != self._stamp else None
        if text is not None:
            name = f"{FOLDER}/{_name_below(path, self._home)}"
            self._write(name, text)
            self._note({"codePath": name, "codePathLocal": str(path)})
        self._stamp = stamp


def code_path(scene: Scene) -> Path | None:
    """Return where the code of a run lies, if in a file: its notebook, or the main script.

    A program that is installed beside Python, such as pytest, is no code of the run.
    """
    named = scene.settings.notebook_name or scene.settings.program
    if named:
        return Path(scene.folder, named)
    program = getattr(sys.modules.get("__main__"), "__file__", None)
    if scene.in_notebook or not isinstance(program, str):
        return None
    path = Path(scene.folder, program)
    installed = any(path.is_relative_to(prefix) for prefix in (sys.prefix, sys.base_prefix))
    return None if installed else path


def _name_below(path: Path, folder: Path) -> str:
    """Return the name of a file below its repository's folder, or its bare name."""
    for root in (folder, *folder.parents):
        if (root / ".git").exists() and path.is_relative_to(root):
            return path.relative_to(root).as_posix()
    return path.name
