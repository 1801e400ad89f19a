"""A recording as MediaConvert's input: every file of the playlist is opened, and the segments are added up."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from infra.emulator import ivs_recordings, media_info
from infra.emulator.exercise.travel import sample
from infra.emulator.media_info import UnreadableMedia
from infra.emulator.mediaconvert import hls_inputs

CHANNEL = "arn:aws:ivs:us-east-1:123456789012:channel/AsXego4U6tnj"
FOLDER = "s3://raw/ivs/r1"


def files() -> dict[str, bytes]:
    made = ivs_recordings.contents(CHANNEL, sample("clip.mp4"), datetime(2026, 11, 2, tzinfo=UTC))
    return {f"{FOLDER}/{name}": body for name, body in made.items()}


def test_the_playlist_leads_to_the_clip() -> None:
    there, opened = files(), []

    def open_file(uri: str) -> bytes:
        opened.append(uri)
        return there[uri]

    info = hls_inputs.read(f"{FOLDER}/media/hls/master.m3u8", open_file)
    clip = media_info.read(sample("clip.mp4"))
    assert info.video[0].displayed_px == clip.video[0].displayed_px
    assert info.duration_ms == clip.duration_ms
    edge = min(clip.video[0].displayed_px)
    names = ["master.m3u8", f"{edge}p/playlist.m3u8", f"{edge}p/0.ts"]
    assert opened == [f"{FOLDER}/media/hls/{name}" for name in names]


def test_segments_are_added_up() -> None:
    clip = sample("clip.mp4")
    there = {
        "s3://b/p.m3u8": b"#EXTM3U\n#EXTINF:2.0,\n0.ts\n#EXTINF:1.5,\n1.ts\n",
        "s3://b/0.ts": clip,
        "s3://b/1.ts": clip,
    }
    info = hls_inputs.read("s3://b/p.m3u8", there.__getitem__)
    assert (info.duration_ms, info.video[0].duration_ms) == (3500, 3500)


def test_a_playlist_of_nothing_is_unreadable() -> None:
    with pytest.raises(UnreadableMedia, match=r"the playlist p\.m3u8 names no file"):
        hls_inputs.read("s3://b/p.m3u8", {"s3://b/p.m3u8": b"#EXTM3U\n"}.__getitem__)


def test_only_playlists_are_playlists() -> None:
    assert hls_inputs.is_playlist("s3://b/master.m3u8")
    assert not hls_inputs.is_playlist("s3://b/clip.mp4")
