"""Canonical zip: stored files in a fixed order and nothing else, so that every byte is known.

The order is that of the names, a manifest last, since it holds the hashes of the others. Names,
lengths and CRCs fix all bytes outside the files themselves: dates, modes and versions are always
the same and no compressor takes part. That makes packages reproducible, and lets a changed byte be
found wherever it lies. Format: PKWARE APPNOTE 6.3, Zip64 where counts or offsets ask for it.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

LARGEST = 256 << 20  # of one file: no training image or caption is larger
CHUNK = 1 << 20
NO_DATE = (1980, 1, 1, 0, 0, 0)
_DATE = 1 << 5 | 1  # the same as the zip packs it: the first day it knows
_UTF_8 = 0x800
_UNIX = 3
_PLAIN, _SCRIPT = 0o100644, 0o100755
_VERSION, _VERSION_64 = 20, 45
_MANY, _FAR = 0xFFFF, 0xFFFFFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s2B5H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")


@dataclass(frozen=True, slots=True)
class Member:
    """One stored file: its name with `/`, the CRC-32 and length of its bytes."""

    name: str
    crc: int
    size: int


def order(name: str) -> tuple[bool, str]:
    """Return the sort key of a name."""
    return name.count("/") == 1 and name.endswith("/manifest.json"), name


class CanonicalZip:
    """Writes a canonical zip to `file`; names must come in their `order`.

    `sha256` is that of all bytes written so far.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.members: list[Member] = []

    @property
    def sha256(self) -> str:
        """SHA-256 of the file as it was written."""
        return self._digest.hexdigest()

    def add(self, name: str, data: bytes) -> None:
        """Add a file."""
        self.add_parts(Member(name, zlib.crc32(data), len(data)), (data,))

    def add_parts(self, member: Member, parts: Iterable[bytes]) -> None:
        """Add a file whose CRC and length are known, piece by piece."""
        if self.members and order(member.name) <= order(self.members[-1].name):
            raise ValueError(f"{member.name} comes after {self.members[-1].name}")
        self.members.append(member)
        self._write(_local(member))
        for part in parts:
            self._write(part)

    def close(self) -> None:
        """Write the directory of the zip."""
        for piece in _directory(self.members):
            self._write(piece)

    def _write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)


def first_difference(file: BinaryIO, members: Sequence[Member]) -> tuple[int, str] | None:
    """Return where `file` differs from the canonical zip of `members`, and what lies there.

    Looks at every byte outside the files' own data, whose CRC the caller has checked. None when
    all are as they should be.
    """
    place = 0
    for member in members:
        header = _local(member)
        found = _differs(file, place, header)
        if found is not None:
            return found, f"the header of {member.name}"
        place += len(header) + member.size
    for piece, what in zip(_directory(members), _names(members), strict=False):
        found = _differs(file, place, piece)
        if found is not None:
            return found, what
        place += len(piece)
    file.seek(place)
    return (place, "behind its end") if file.read(1) else None


def _differs(file: BinaryIO, place: int, wanted: bytes) -> int | None:
    file.seek(place)
    found = file.read(len(wanted))
    if found == wanted:
        return None
    same = next((i for i, (a, b) in enumerate(zip(found, wanted, strict=False)) if a != b), None)
    return place + (len(found) if same is None else same)


def _names(members: Sequence[Member]) -> Iterator[str]:
    for member in members:
        yield f"the directory entry of {member.name}"
    while True:
        yield "the end of the directory"


def _local(member: Member) -> bytes:
    name = member.name.encode("utf-8")
    return (
        _LOCAL.pack(
            b"PK\3\4", _VERSION, _flags(member), 0, 0, _DATE,
            member.crc, member.size, member.size, len(name), 0,
        )
        + name
    )  # fmt: skip


def _directory(members: Sequence[Member]) -> Iterator[bytes]:
    """Yield the entry of each file, then the records that end the zip."""
    place, length = 0, 0
    for member in members:
        entry = _entry(member, place)
        place += len(_local(member)) + member.size
        length += len(entry)
        yield entry
    yield _end(len(members), length, place)


def _entry(member: Member, place: int) -> bytes:
    name = member.name.encode("utf-8")
    extra = struct.pack("<2HQ", 1, 8, place) if place >= _FAR else b""
    version = _VERSION_64 if extra else _VERSION
    mode = _SCRIPT if PurePosixPath(member.name).suffix == ".sh" else _PLAIN
    return (
        _CENTRAL.pack(
            b"PK\1\2", version, _UNIX, version, _flags(member), 0, 0, _DATE,
            member.crc, member.size, member.size, len(name), len(extra), 0, 0, 0,
            mode << 16, min(place, _FAR),
        )
        + name
        + extra
    )  # fmt: skip


def _end(count: int, length: int, place: int) -> bytes:
    large = b""
    if count >= _MANY or place >= _FAR or length >= _FAR:
        versions, rest = (_VERSION_64, _VERSION_64), (0, 0, count, count, length, place)
        large = _END_64.pack(b"PK\6\6", _END_64.size - 12, *versions, *rest)
        large += _LOCATOR.pack(b"PK\6\7", 0, place + length, 1)
    few = min(count, _MANY)
    return large + _END.pack(b"PK\5\6", 0, 0, few, few, min(length, _FAR), min(place, _FAR), 0)


def _flags(member: Member) -> int:
    return 0 if member.name.isascii() else _UTF_8
