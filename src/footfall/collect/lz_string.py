"""The compression that old browser clients have: LZ-based, in Base64, of UTF-16 code units.

Source: pieroxy's lz-string 1.5, `decompressFromBase64`, by its description. Each code has as many bits as the
dictionary needs, the lowest first; 0 and 1 bring a new character of 8 or 16 bits, 2 ends the text.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from footfall.errors import BadRequest, TooLarge

MOST_BYTES: Final = 1_000_000
"""Of what is sent: it is read code by code, a second for each three million."""
_BYTE, _UNIT, _END = 0, 1, 2
_CHARACTER_BITS: Final = {_BYTE: 8, _UNIT: 16}
_RESERVED: Final = 3


class _Bits:
    """The codes in a row of bits."""

    def __init__(self, content: bytes) -> None:
        self._bits = "".join(f"{byte:08b}" for byte in content)
        self._place = 0

    def take(self, count: int) -> int:
        bits = self._bits[self._place : self._place + count]
        if len(bits) < count:
            raise _damaged("it breaks off")
        self._place += count
        return int(bits[::-1], 2)


def unpack(packed: bytes, most_bytes: int) -> bytes:
    """UTF-8 of what `packed` (Base64) holds; halves of characters become question marks.

    Raises `BadRequest` when it is damaged and `TooLarge` over `most_bytes` characters, or for over `MOST_BYTES`.

    >>> unpack(b"IYIwxqHkA===", 100)
    b'abcabcabc'
    """
    if len(packed) > MOST_BYTES:
        raise TooLarge(f"an lz64 body is at most {MOST_BYTES:,} bytes: send gzip")
    try:
        digits = packed.rstrip(b"=")
        content = base64.b64decode(digits + b"A" * (-len(digits) % 4), validate=True)
    except binascii.Error as error:
        raise _damaged(str(error)) from None
    return (
        _text(_Bits(content), most_bytes).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
    )


def _text(bits: _Bits, most: int) -> str:
    known = [""] * _RESERVED
    pieces: list[str] = []
    size = 0
    before = ""
    while (piece := _next(bits, known, before)) is not None:
        size += len(piece)
        if size > most:
            raise TooLarge(f"the body unpacks to more than {most:,} characters: send it in parts")
        pieces.append(piece)
        if before:
            known.append(before + piece[0])
        before = piece
    return "".join(pieces)


def _next(bits: _Bits, known: list[str], before: str) -> str | None:
    """The next piece of text; None at the end."""
    code = bits.take(len(known).bit_length())
    if code == _END:
        return None
    if code in _CHARACTER_BITS:
        character = chr(bits.take(_CHARACTER_BITS[code]))
        known.append(character)
        return character
    if code < len(known):
        return known[code]
    if code == len(known) and before:
        return before + before[0]
    raise _damaged("a code that means nothing")


def _damaged(what: str) -> BadRequest:
    return BadRequest(f"the lz64 body is damaged: {what}")
