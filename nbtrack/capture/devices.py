"""Which of the machine's GPUs belong to this process.

CUDA takes them from `CUDA_VISIBLE_DEVICES`: numbers, UUIDs or the beginning of one, and
UUIDs of MIG instances, in parts of a list that ends at the first part that names nothing.
Numbers are those of nvidia-smi. Whatever CUDA calls it, a GPU is called here by its number
in nvidia-smi.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nbtrack.capture.nvml import MIG_IS_ON, Handle, Nvml, code_of


@dataclass(frozen=True, slots=True)
class Gpu:
    """One GPU, or a MIG instance of one.

    Attributes:
        index: Of the board, as nvidia-smi counts.
        name: What it is called.
        uuid: Of the board, or of the instance.
        handle: Of the board, or of the instance.
        board: Handle of the board: an instance has no sensors of its own.
    """

    index: int
    name: str
    uuid: str
    handle: Handle
    board: Handle

    @property
    def is_instance(self) -> bool:
        """Whether it is a MIG instance."""
        return self.handle is not self.board


def all_gpus(nvml: Nvml) -> list[Gpu]:
    """Return the boards of the machine; one that cannot be reached is left out."""
    found = []
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            handle = nvml.nvmlDeviceGetHandleByIndex(index)
            name, uuid = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetUUID(handle)
        except Exception as error:
            if code_of(error) is None:
                raise
            continue  # it is lost, or belongs to somebody else
        found.append(Gpu(index, str(name), str(uuid), handle, handle))
    return found


def visible_gpus(nvml: Nvml, visible: str | None, ids: Sequence[int] | None) -> list[Gpu]:
    """Return the GPUs that are to be read, each once.

    Args:
        nvml: The library.
        visible: What `CUDA_VISIBLE_DEVICES` says; None where it is not set.
        ids: Numbers of GPUs that were asked for; they beat `visible`.
    """
    boards = all_gpus(nvml)
    if ids is not None:
        return [gpu for gpu in boards if gpu.index in ids]
    if visible is None:
        return boards
    chosen: dict[str, Gpu] = {}
    for part in visible.split(","):
        gpu = _named(nvml, boards, part.strip())
        if gpu is None:  # CUDA reads no further
            break
        chosen.setdefault(gpu.uuid, gpu)
    return list(chosen.values())


def _named(nvml: Nvml, boards: Sequence[Gpu], part: str) -> Gpu | None:
    if part.isdecimal():
        return next((gpu for gpu in boards if gpu.index == int(part)), None)
    if part.startswith("MIG-"):
        return _only([one for gpu in boards for one in _instances(nvml, gpu)], part)
    return _only(boards, part) if part.startswith("GPU-") else None


def _only(gpus: Sequence[Gpu], beginning: str) -> Gpu | None:
    found = [gpu for gpu in gpus if gpu.uuid.startswith(beginning)]
    return found[0] if len(found) == 1 else None


def _instances(nvml: Nvml, board: Gpu) -> Iterator[Gpu]:
    """Yield the MIG instances of a board; places without one answer "Not Found"."""
    try:
        if nvml.nvmlDeviceGetMigMode(board.board)[0] != MIG_IS_ON:
            return
        count = nvml.nvmlDeviceGetMaxMigDeviceCount(board.board)
    except Exception as error:
        if code_of(error) is None:
            raise
        return
    for place in range(count):
        try:
            handle = nvml.nvmlDeviceGetMigDeviceHandleByIndex(board.board, place)
            name, uuid = nvml.nvmlDeviceGetName(handle), nvml.nvmlDeviceGetUUID(handle)
        except Exception as error:
            if code_of(error) is None:
                raise
            continue
        yield Gpu(board.index, str(name), str(uuid), handle, board.board)
