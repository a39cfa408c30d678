"""Workbooks of before 2007, written byte by byte: a compound file with one stream, which holds one sheet."""

import struct
from typing import Any

_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_SECTOR = 512


def old_workbook(rows: list[list[Any]]) -> bytes:
    """An XLS: texts, numbers, and ("day", serial) as a number shown as a day."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 6))
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, 20, 0))
    for number, row in enumerate(rows):
        for place, value in enumerate(row):
            if isinstance(value, tuple):
                sheet += _record(0x0203, struct.pack("<HHHd", number, place, 1, value[1]))
            elif isinstance(value, str):
                text = value.encode("utf-16-le")
                sheet += _record(0x0204, struct.pack("<HHHHB", number, place, 0, len(value), 1) + text)
            else:
                sheet += _record(0x0203, struct.pack("<HHHd", number, place, 0, value))
    sheet += _record(0x000A, b"")
    begin = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 6)) + _record(0x0042, b"\xb0\x04")
    formats = b"".join(_record(0x00E0, struct.pack("<HH16x", 0, shown)) for shown in (0, 14))
    name = struct.pack("<BB", 6, 0) + b"Foglio"
    globals_ = len(begin) + len(formats) + 4 + 6 + len(name) + 4
    bound = _record(0x0085, struct.pack("<IBB", globals_, 0, 0) + name)
    return compound(begin + formats + bound + _record(0x000A, b"") + sheet)


def compound(stream: bytes, name: str = "Workbook") -> bytes:
    """A compound file whose only stream is this one, filled up so that it needs no small sectors."""
    stream = stream.ljust(max(4096, -(-len(stream) // _SECTOR) * _SECTOR), b"\0")
    count = len(stream) // _SECTOR
    table = [_FAT, _END, *range(3, count + 2), _END]
    table += [_FREE] * (_SECTOR // 4 - len(table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<I", 0)
    header += struct.pack("<I", _FREE) * 108
    root = _entry("Root Entry", 5, child=1, start=_END, size=0)
    directory = root + _entry(name, 2, child=_FREE, start=2, size=len(stream)) + bytes(256)
    return header + struct.pack(f"<{len(table)}I", *table) + directory + stream


def _entry(name: str, kind: int, *, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    return (
        text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text), kind, 1, _FREE, _FREE, child) + bytes(36)
        + struct.pack("<III", start, size, 0)
    )  # fmt: skip


def _record(code: int, data: bytes) -> bytes:
    return struct.pack("<HH", code, len(data)) + data
