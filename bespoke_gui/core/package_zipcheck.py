"""What is wrong with a zip file itself, whoever made it: before anything in it is believed."""

from __future__ import annotations

import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from bespoke_gui.core.errors import Problem

MAX_FILES = 500_000
MAX_TOTAL = 16 << 30
MAX_RATIO = 200
SMALL = 1 << 20
REPAIR = "make the package again"
_HEADER = struct.Struct("<4s5H3L2H")
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_MANY, _COUNT_64 = 0xFFFF, 32
_ENCRYPTED, _LATER, _UTF_8 = 0x1, 0x8, 0x800
_BY_ALL = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BY_SOME = {zipfile.ZIP_BZIP2: "bzip2", zipfile.ZIP_LZMA: "LZMA"}


def bomb(entries: Sequence[zipfile.ZipInfo], path: Path) -> Problem | None:
    """Judge declared sizes and places before a byte is unpacked."""
    total = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_FILES:
        reason = f"holds {len(entries)} files"
    elif total > MAX_TOTAL:
        reason = f"would unpack to {total / 1e9:.0f} GB"
    elif _overlap(entries):
        reason = "has members that overlap"
    elif any(_ratio(entry) > MAX_RATIO for entry in entries):
        reason = f"has a member that grows more than {MAX_RATIO} times"
    else:
        return None
    return Problem("zip_bomb", "error", f"{reason}; it is not opened", str(path), REPAIR)


def _overlap(entries: Sequence[zipfile.ZipInfo]) -> bool:
    """Members that share bytes: the trick of bombs that unpack to far more than they declare."""
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            return True
        end = entry.header_offset + _HEADER.size + len(entry.filename) + entry.compress_size
    return False


def _ratio(entry: zipfile.ZipInfo) -> float:
    return entry.file_size / max(1, entry.compress_size) if entry.file_size > SMALL else 1.0


def unsafe(entry: zipfile.ZipInfo, known: dict[str, zipfile.ZipInfo]) -> Problem | None:
    """Say why one member must not be extracted; `known` are those before it, by name."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    method = entry.compress_type
    if _leaves(entry.orig_filename) or _leaves(name):
        found = "unsafe_name", "would be written outside the folder it is extracted to"
    elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        found = "link", "is a link or a device; a package holds plain files only"
    elif entry.flag_bits & _ENCRYPTED:
        found = "encrypted", "is encrypted; a trainer cannot ask for the password"
    elif method not in _BY_ALL and method not in _BY_SOME:
        found = "unknown_method", f"is packed with method {method}, which unzip cannot read"
    elif name in known:
        found = "duplicate_name", "is in the zip twice"
    else:
        return None
    return Problem(found[0], "error", found[1], ascii(name)[1:-1], REPAIR)


def _leaves(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    drive = len(name) > 1 and name[1] == ":"
    odd = "\\" in name or any(ord(sign) < 32 for sign in name)
    return odd or drive or name.startswith("/") or ".." in parts


def rare_methods(entries: Sequence[zipfile.ZipInfo]) -> Iterator[Problem]:
    """Methods that Python reads and the unzip of many machines does not."""
    for entry in entries:
        if entry.compress_type in _BY_SOME:
            message = f"is packed with {_BY_SOME[entry.compress_type]}, which unzip often lacks"
            hint = "pack it with Deflate, or make the package with Bespoke"
            yield Problem("rare_method", "warning", message, entry.filename, hint)


def files_that_are_folders(names: Sequence[str], folders: frozenset[str]) -> Iterator[Problem]:
    """A name that is a file and, by another name, also a folder cannot be extracted."""
    for name in sorted(set(names) & folders):
        message = "is a file and a folder at once; it cannot be extracted"
        yield Problem("name_conflict", "error", message, name, REPAIR)


def miscounted(file: BinaryIO, comment: int, found: int) -> Problem | None:
    """Compare how many files a zip says it has with how many its directory shows.

    comment: length of the zip's comment. An entry with a damaged length hides those behind it.
    """
    end = file.seek(0, 2) - _END.size - comment
    if end < 0:
        return None
    file.seek(end)
    said = _END.unpack(file.read(_END.size))[4]
    if said == _MANY and end >= _LOCATOR.size:
        file.seek(end - _LOCATOR.size)
        sign, _, place, _ = _LOCATOR.unpack(file.read(_LOCATOR.size))
        file.seek(place + _COUNT_64 if sign == b"PK\6\7" else end)
        said = int.from_bytes(file.read(8), "little") if sign == b"PK\6\7" else said
    if said == found:
        return None
    message = f"is damaged: it says that it holds {said} files, its directory shows {found}"
    return Problem("damaged_zip", "error", message, hint=REPAIR)


def disagreements(file: BinaryIO, entries: Sequence[zipfile.ZipInfo]) -> Iterator[Problem]:
    """Members whose own header says otherwise than the zip's directory.

    Programs that read one or the other extract different files: the zip is damaged, or a trap.
    """
    for entry in entries:
        what = _disagrees(file, entry)
        if what:
            message = f"is damaged: its header and the zip's directory disagree about its {what}"
            yield Problem("damaged_zip", "error", message, ascii(entry.filename)[1:-1], REPAIR)


def _disagrees(file: BinaryIO, entry: zipfile.ZipInfo) -> str:
    file.seek(entry.header_offset)
    raw = file.read(_HEADER.size)
    if len(raw) < _HEADER.size or not raw.startswith(b"PK\3\4"):
        return "place"
    _, _, flags, method, _, _, crc, packed, size, length, _ = _HEADER.unpack(raw)
    name = file.read(length).decode("utf-8" if flags & _UTF_8 else "cp437", "replace")
    known = not flags & _LATER and packed != 0xFFFFFFFF and size != 0xFFFFFFFF
    if name != entry.orig_filename:
        return "name"
    if method != entry.compress_type or (flags ^ entry.flag_bits) & (_ENCRYPTED | _UTF_8):
        return "packing"
    if known and (crc, packed, size) != (entry.CRC, entry.compress_size, entry.file_size):
        return "length or checksum"
    return ""
