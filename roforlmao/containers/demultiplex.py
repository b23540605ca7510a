"""An attach stream taken apart: frames into the bytes of standard output and standard error.

The format is that of the engine's API (ContainerAttach, "stream format"): 8 bytes of header, the first
of which is the stream and the last four the length, big endian; then the payload. The engine cuts
payloads anywhere, also inside a line or a character.
"""

from __future__ import annotations

_HEADER = 8
_LINE_BYTES = 64 * 1024


class Demultiplexer:
    """Puts both streams into one without breaking a line of one by the other.

    A line that is not complete waits for its end while it is shorter than 64 KB.
    """

    def __init__(self) -> None:
        self._input = b""
        self._waiting: dict[int, bytes] = {}

    def feed(self, received: bytes) -> bytes:
        """What may be written now."""
        data = self._input + received if self._input else received
        at, out = 0, []
        while len(data) - at >= _HEADER:
            end = at + _HEADER + int.from_bytes(data[at + 4 : at + _HEADER])
            if end > len(data):
                break
            out.append(self._take(data[at], data[at + _HEADER : end]))
            at = end
        self._input = data[at:]
        return b"".join(out)

    def rest(self) -> bytes:
        """At the end: lines without one, and what came of a frame that broke off."""
        kept, self._waiting = self._waiting, {}
        broken, self._input = self._input[_HEADER:], b""
        return b"".join(kept.values()) + broken

    def _take(self, stream: int, payload: bytes) -> bytes:
        data = self._waiting.pop(stream, b"") + payload
        cut = data.rfind(b"\n") + 1
        if len(data) - cut > _LINE_BYTES:
            cut = len(data) - _partial_character(data)
        if cut < len(data):
            self._waiting[stream] = data[cut:]
        return data[:cut]


def _partial_character(data: bytes) -> int:
    """How many bytes at the end begin a UTF-8 character that is not whole."""
    for back in range(1, min(4, len(data) + 1)):
        byte = data[-back]
        if byte & 0xC0 != 0x80:
            needed = (
                2 if byte & 0xE0 == 0xC0 else 3 if byte & 0xF0 == 0xE0 else 4 if byte & 0xF8 == 0xF0 else 1
            )
            return back if needed > back else 0
    return 0
