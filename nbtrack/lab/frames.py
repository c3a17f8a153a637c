"""How one message with its buffer becomes one binary WebSocket frame.

    4 bytes    length n of the head, unsigned, little-endian
    n bytes    the head: JSON in UTF-8, spaces behind it until 4 + n is a multiple of 8
    the rest   the buffer; the browser reads its 8-byte floats in place

A text frame would cost a base64 copy of every series on both sides.
"""

import json
import struct
from collections.abc import Mapping

_LENGTH = struct.Struct("<I")
_ALIGNMENT = 8


def encode_json(head: Mapping[str, object]) -> bytes:
    """Return a message's head as compact JSON.

    Raises:
        ValueError: If the head holds NaN or an infinity, which JSON cannot say.
    """
    return json.dumps(head, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode(
        # A name may hold half of a surrogate pair: it is shown as "?", not refused.
        errors="replace"
    )


def encode_frame(head: Mapping[str, object], buffer: bytes = b"") -> bytes:
    """Return one frame; see above for its layout.

    Raises:
        ValueError: If the head holds NaN or an infinity, which JSON cannot say.
    """
    text = encode_json(head)
    padding = b" " * (-(_LENGTH.size + len(text)) % _ALIGNMENT)
    return b"".join((_LENGTH.pack(len(text) + len(padding)), text, padding, buffer))


def framed(message: tuple[Mapping[str, object], bytes] | None) -> bytes | None:
    """Return the frame of a head and its buffer; None for no message."""
    return None if message is None else encode_frame(*message)
