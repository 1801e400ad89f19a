"""An input that is an HLS playlist: which files MediaConvert opens for it, and what they say of the whole.

Source: MediaConvert user guide, "Using HLS package as input": the input is the parent playlist, the first variant is
taken unless told, and the service reads every file that it names.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from dataclasses import replace

from infra.emulator import media_info
from infra.emulator.media_info import MediaInfo, UnreadableMedia

ENDING = ".m3u8"
DURATION = "#EXTINF:"
MS_PER_SECOND = 1000

Open = Callable[[str], bytes]
"""Address of a file -> its content."""


def is_playlist(uri: str) -> bool:
    """Whether an input is an HLS playlist."""
    return uri.endswith(ENDING)


def read(uri: str, open_file: Open) -> MediaInfo:
    """What is in the stream behind a playlist: the tracks of its first segment, as long as all segments together.

    Args:
        uri: of the parent playlist, or of a media playlist.
        open_file: opens a file, or raises what ends the job.

    Raises:
        UnreadableMedia: a playlist names nothing.
    """
    text = open_file(uri).decode()
    entries = list(_entries(uri, text))
    if not entries:
        raise UnreadableMedia(f"the playlist {posixpath.basename(uri)} names no file", recognised=True)
    if is_playlist(entries[0]):
        return read(entries[0], open_file)
    infos = [media_info.read(open_file(entry)) for entry in entries]
    return _as_long_as(infos[0], _duration_ms(text))


def _entries(uri: str, text: str) -> Iterator[str]:
    folder = posixpath.dirname(uri)
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield f"{folder}/{line.strip()}"


def _duration_ms(text: str) -> int:
    lines = [line for line in text.splitlines() if line.startswith(DURATION)]
    return round(sum(float(line.removeprefix(DURATION).partition(",")[0]) for line in lines) * MS_PER_SECOND)


def _as_long_as(info: MediaInfo, duration_ms: int) -> MediaInfo:
    return replace(
        info,
        duration_ms=duration_ms,
        video=tuple(replace(track, duration_ms=duration_ms) for track in info.video),
    )
