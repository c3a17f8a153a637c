"""What a page carries of one live view: a head and numbers, deflated, as text.

Laid out as a u32 (length of the head, little-endian), the head as JSON, then the numbers:
those of a packed buffer, or the buffer itself.
"""

import base64
import binascii
import json
import re
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from nbtrack.errors import StoreError

PARCEL_TYPE = "application/vnd.nbtrack.parcel"
"""Type of the elements that carry parcels: no browser takes it for a script."""

_ELEMENT = re.compile(
    rf'<script type="{re.escape(PARCEL_TYPE)}" id="([\w-]+)">([A-Za-z0-9+/=\s]*)</script>'
)
_LENGTH = struct.Struct("<I")
_LEVEL = 9


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one live view is made of.

    Attributes:
        mime_type: What `bundle` is: a run's or a comparison's, as in a notebook's output.
        bundle: That JSON, without its buffer.
        buffer: Its buffer: little-endian floats.
        runs: How many numbers of the buffer belong together, in order; none where it is
            carried as it is.
        view: How it is looked at: `height` in pixels, `tabs` that are shown.
    """

    mime_type: str
    bundle: Mapping[str, Any]
    buffer: bytes
    runs: Sequence[int] = ()
    view: Mapping[str, Any] | None = None

    def text(self) -> str:
        """Return it as base64."""
        head: dict[str, Any] = {
            "mime_type": self.mime_type,
            "bundle": self.bundle,
            "view": self.view or {},
        }
        body = self.buffer
        if self.runs:
            from nbtrack.reports.packing import pack

            packed = pack(self.buffer, self.runs)
            head |= {"columns": packed.columns, "layout": packed.layout}
            body = packed.body
        told = json.dumps(head, ensure_ascii=False, separators=(",", ":")).encode()
        whole = b"".join([_LENGTH.pack(len(told)), told, body])
        return base64.b64encode(zlib.compress(whole, _LEVEL)).decode("ascii")

    @classmethod
    def of_text(cls, text: str) -> "Parcel":
        """Return what `text` wrote.

        Raises:
            StoreError: If it is damaged.
        """
        from nbtrack.reports.packing import Packed, unpack

        try:
            whole = zlib.decompress(base64.b64decode(text))
            (length,) = _LENGTH.unpack_from(whole)
            head = json.loads(whole[_LENGTH.size : _LENGTH.size + length])
            body = whole[_LENGTH.size + length :]
            columns, layout = head.get("columns"), head.get("layout", [])
            buffer = body if columns is None else unpack(Packed(columns, layout, body))
            runs = [columns[number]["points"] for number in layout]
            return cls(head["mime_type"], head["bundle"], buffer, runs, head["view"])
        except (zlib.error, binascii.Error, struct.error, ValueError, LookupError) as error:
            raise StoreError(f"the data of this page is damaged: {error}") from error


def parcels_in(html: str) -> Iterator[Parcel]:
    """Yield what a page carries, in its order.

    Raises:
        StoreError: If part of it is damaged.
    """
    for found in _ELEMENT.finditer(html):
        yield Parcel.of_text(found[2])
