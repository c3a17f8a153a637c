"""What Python code prints into a file or a pipe, seen where whole blocks are written.

There `sys.stdout` collects text and writes 8 KB at a time. Listening to its file object
costs nothing per line, and the stream, its buffer and all that they answer stay what they
were; bytes that are written past the text (`sys.stdout.buffer.write`) are seen, too. What
still waits in the buffers is not seen, so they are emptied five times a second. A stream
that writes line by line, such as that of a terminal, is listened to by `tee` itself.
"""

import codecs
import io
import os
import select
import stat
from collections.abc import Callable
from typing import Any, cast

WriteBytes = Callable[[Any], int | None]


def writes_blocks(stream: object) -> bool:
    """Whether a text stream collects what it is given, and writes blocks into a file."""
    return (
        type(stream) is io.TextIOWrapper
        and not (stream.line_buffering or stream.write_through)
        and _file_of(stream) is not None
    )


class BlockTap:
    """Listens to the blocks that a text stream writes into its file.

    Args:
        stream: One that `writes_blocks`.
        queue: Gets the bytes, at its end, as they are written.
    """

    def __init__(self, stream: io.TextIOWrapper, queue: list[Any]) -> None:
        self._file = cast("Any", _file_of(stream))  # gets an attribute of ours
        self._streams = [stream]
        self._decoder = codecs.getincrementaldecoder(stream.encoding)(errors="replace")
        self._is_never_full = stat.S_ISREG(os.fstat(self._file.fileno()).st_mode)
        self._is_listening = False
        self._write = self._cover(_writer(self._file.write), queue)

    def fasten(self) -> None:
        """Listen from now on; what was printed before is not heard."""
        self.catch_up()
        self._is_listening = True
        self._file.write = self._write

    def loosen(self) -> None:
        """Listen no more, and leave the file as it was found."""
        self._is_listening = False
        if vars(self._file).get("write") is self._write:
            del self._file.write

    def hears(self, stream: object) -> bool:
        """Whether what a stream writes is seen here."""
        return self._is_listening and _file_of(stream) is self._file

    def join(self, stream: object) -> None:
        """Empty another stream, too, if it writes into the same file."""
        if isinstance(stream, io.TextIOWrapper) and self.hears(stream):
            self._streams = [one for one in self._streams if one is not stream] + [stream]

    def catch_up(self, patience_s: float = 0.0) -> None:
        """Have what waits in the buffers written, where that would not have to wait.

        What goes wrong is for the code that prints next to learn; we let the stream alone.

        Args:
            patience_s: How long to wait for a reader who takes nothing.
        """
        for stream in self._streams:
            try:
                if self._is_never_full or self._takes_more(patience_s):
                    stream.flush()
            except RuntimeError:  # a signal's handler prints, in the midst of a write
                return
            except (OSError, ValueError):
                self._streams = [one for one in self._streams if one is not stream]

    def text_of(self, data: bytes) -> str:
        """Return the text of what was written; a letter that was cut comes with the next."""
        return self._decoder.decode(data)

    def _takes_more(self, patience_s: float) -> bool:
        """Whether a write would be taken: a pipe may be full, and its reader asleep."""
        try:
            return bool(select.select((), (self._file,), (), patience_s)[1])
        except (OSError, ValueError):  # this system cannot tell
            return True

    def _cover(self, writer: Any, queue: list[bytes]) -> WriteBytes:  # noqa: ANN401 - see below
        copied: Callable[[Any], bytes] = memoryview.tobytes

        def write(data: memoryview, /) -> int | None:
            nonlocal queue
            size, copy = data.nbytes, copied(data)
            # Once it is written, an interrupt would have the buffer write it again. CPython
            # looks for signals after calls, so there is none from here on.
            written: int | None = writer[data]
            if self._is_listening and written == size:
                queue += (copy,)
            elif self._is_listening and written:  # not all of it fits into a pipe
                queue += (copy[:written],)
            return written

        return write


def _writer(write: WriteBytes) -> Any:  # noqa: ANN401 - a class with one member
    """Return what writes when it is subscripted, which is no call: `writer[data]`."""
    return type("Writer", (), {"__getitem__": write})()


def _file_of(stream: object) -> io.FileIO | None:
    """Return the file below a text stream, or None where there is no buffer before one."""
    buffer = getattr(stream, "buffer", None)
    file = buffer.raw if isinstance(buffer, io.BufferedWriter) else None
    return file if isinstance(file, io.FileIO) else None
