"""What files a playlist leads to: a player would ask for each of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from posixpath import dirname, join
from xml.etree import ElementTree

URI_ATTRIBUTE = re.compile(r'\bURI="([^"]+)"')


def files_of(key: str, read: Callable[[str], str]) -> Iterator[str]:
    r"""Keys of a playlist and of everything that it leads to, playlists within it included.

    Args:
        key: of an HLS playlist (``.m3u8``) or a DASH manifest (``.mpd``).
        read: text of the object with a key.

    Raises:
        ValueError: a manifest that is no XML.

    >>> texts = {"v/a.m3u8": "#EXT-X-STREAM-INF:BANDWIDTH=1\na_720p.m3u8", "v/a_720p.m3u8": "#EXTM3U\n1.cmfv"}
    >>> list(files_of("v/a.m3u8", texts.__getitem__))
    ['v/a.m3u8', 'v/a_720p.m3u8', 'v/1.cmfv']
    """
    yield key
    text = read(key)
    names = _hls_names(text) if key.endswith(".m3u8") else _dash_names(text)
    for name in dict.fromkeys(names):
        child = join(dirname(key), name)
        if child.endswith(".m3u8"):
            yield from files_of(child, read)
        else:
            yield child


def variants(text: str) -> int:
    """Number of renditions that an HLS multivariant playlist offers."""
    return text.count("#EXT-X-STREAM-INF")


def _hls_names(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if line.startswith("#"):
            yield from URI_ATTRIBUTE.findall(line)
        elif line.strip():
            yield line.strip()


def _dash_names(text: str) -> Iterator[str]:
    """Files that a manifest names in full; those of a numbered template follow from its duration and are not listed."""
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise ValueError(f"the DASH manifest is no XML: {error}") from None
    for element in root.iter():
        name = element.tag.rpartition("}")[2]
        if name == "BaseURL" and element.text:
            yield element.text.strip()
        yield from (element.attrib[key] for key in ("initialization", "sourceURL") if "$" not in element.get(key, "$"))
