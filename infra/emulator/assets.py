"""Files that a program hands to a provider: read once, with a digest and a zip that never vary."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

SIGNATURE = "4dabf18193072939515e22adb298388d"
"""Key by which Pulumi's wire format marks a value that is not plain JSON."""
ASSET = "c44067f5952c0a294b673a41bacd8c17"
ARCHIVE = "0def7320c3a5731c473e5ecbe6d01bc7"

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
"""Earliest time that a zip can hold: the clock must not change a package."""
FILE_MODE = 0o644


@dataclass(frozen=True)
class Asset:
    """One file."""

    content: bytes

    @property
    def sha256(self) -> str:
        """Digest of the content [hex]."""
        return hashlib.sha256(self.content).hexdigest()

    def summary(self) -> dict[str, Any]:
        """What an inventory says of it."""
        return {"asset": self.sha256}


@dataclass(frozen=True)
class Archive:
    """A tree of files."""

    files: Mapping[str, bytes]
    """Path inside the archive, with ``/``, -> content."""

    @property
    def sha256(self) -> str:
        """Digest over names and contents, independent of order, times and modes [hex]."""
        listing = "".join(
            f"{name}\0{hashlib.sha256(content).hexdigest()}\n" for name, content in sorted(self.files.items())
        )
        return hashlib.sha256(listing.encode()).hexdigest()

    def summary(self) -> dict[str, Any]:
        """What an inventory says of it."""
        return {"asset": self.sha256, "files": sorted(self.files)}

    def zipped(self) -> bytes:
        """The archive as a zip: same files, same bytes."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
            for name, content in sorted(self.files.items()):
                entry = zipfile.ZipInfo(name, date_time=ZIP_EPOCH)
                entry.external_attr = FILE_MODE << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                package.writestr(entry, content)
        return buffer.getvalue()


def read_asset(wire: Mapping[str, Any]) -> Asset | Archive:
    """The asset or archive that a signed value of the wire format stands for.

    Relative paths are those of the program: call this while its directory is the current one.

    Raises:
        ValueError: a remote asset, or a file that cannot be read.
    """
    if "uri" in wire:
        raise ValueError(f"remote asset {wire['uri']}: nothing is fetched from a network")
    if wire[SIGNATURE] == ASSET:
        return Asset(_content(wire))
    if "assets" in wire:
        return Archive(dict(_members(wire["assets"])))
    return _archive_at(Path(wire["path"]))


def _content(wire: Mapping[str, Any]) -> bytes:
    if "text" in wire:
        return str(wire["text"]).encode()
    try:
        return Path(wire["path"]).read_bytes()
    except OSError as error:
        raise ValueError(f"asset {wire['path']}: {error.strerror}") from None


def _members(assets: Mapping[str, Any]) -> list[tuple[str, bytes]]:
    members: list[tuple[str, bytes]] = []
    for name, wire in sorted(assets.items()):
        part = read_asset(wire)
        if isinstance(part, Asset):
            members.append((name, part.content))
        else:
            members += [(f"{name}/{inner}", content) for inner, content in part.files.items()]
    return members


def _archive_at(path: Path) -> Archive:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.is_file())
        return Archive({file.relative_to(path).as_posix(): file.read_bytes() for file in files})
    if not zipfile.is_zipfile(path):
        raise ValueError(f"archive {path}: expected a directory or a zip file")
    with zipfile.ZipFile(path) as package:
        return Archive({name: package.read(name) for name in package.namelist() if not name.endswith("/")})
