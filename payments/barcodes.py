"""QR and DataMatrix symbols as 1-bit PNG: the fastest to make, to lay out and to print. One pixel is one module.

The quiet zone is not in the picture: the geometry of the page keeps it (payments/notices/geometry.py).
"""

import struct
import zlib
from base64 import b64encode
from dataclasses import dataclass

import zint

QR_VERSION = 4
QR_LEVEL_M = 2
# zint keeps the first pixel in the lowest bit and black as 1; PNG wants the highest bit and black as 0.
_TO_PNG = bytes(int(f"{byte:08b}"[::-1], 2) ^ 0xFF for byte in range(256))


@dataclass(frozen=True, slots=True)
class Picture:
    """A square symbol: its side in modules and its PNG."""

    side: int
    png: bytes

    @property
    def data_uri(self) -> str:
        """For the `src` of an image."""
        return f"data:image/png;base64,{b64encode(self.png).decode()}"


def qr(text: str) -> Picture:
    """The notice's QR: version 4, correction level M and no more, as the notice's specification fixes it."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.QRCODE
    symbol.option_1, symbol.option_2 = QR_LEVEL_M, QR_VERSION
    return _picture(symbol, text)


def datamatrix(text: str) -> Picture:
    """The postal DataMatrix, square."""
    symbol = zint.Symbol()
    symbol.symbology = zint.Symbology.DATAMATRIX
    symbol.option_3 = zint.DataMatrixOptions.SQUARE
    return _picture(symbol, text)


def _picture(symbol: zint.Symbol, text: str) -> Picture:
    symbol.encode(text)
    rows = b"".join(b"\0" + row.translate(_TO_PNG) for row in rows_of(symbol))
    return Picture(symbol.width, _png(symbol.width, rows))


def rows_of(symbol: zint.Symbol) -> list[bytes]:
    """The rows of an encoded symbol: eight modules a byte, the first in the lowest bit, black as 1."""
    modules, used = bytes(symbol.encoded_data), (symbol.width + 7) // 8
    stride = len(modules) // len(symbol.encoded_data)
    return [modules[row * stride : row * stride + used] for row in range(symbol.rows)]


def _png(side: int, rows: bytes) -> bytes:
    """A grey image of one bit a pixel; each row begins with its filter byte."""
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = (("IHDR", header), ("IDAT", zlib.compress(rows, 6)), ("IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name.encode(), content) for name, content in parts)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
