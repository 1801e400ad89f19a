from __future__ import annotations

import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import infra.emulator
from infra.emulator import media_info
from infra.emulator.media_info import UnreadableMedia

DATA = Path(infra.emulator.__file__).parent / "data"
# libmediainfo knows the file is cut when the index is whole and the media is not.
PART_OF_CLIP_BYTES = 60_000


def test_the_clip_is_an_upright_video_with_sound() -> None:
    info = media_info.read((DATA / "clip.mp4").read_bytes())
    (video,), (audio,) = info.video, info.audio
    assert (info.container, info.mime_type, info.duration_ms) == ("MPEG-4", "video/mp4", 6000)
    assert (video.codec, video.width_px, video.height_px, video.rotation_degrees) == ("AVC", 1080, 1920, 0)
    assert video.frame_rate == Fraction(30)
    assert video.displayed_px == (1080, 1920)
    assert (audio.codec, audio.channels, audio.sample_rate_hz) == ("AAC", 2, 48_000)


def test_a_rotated_video_is_stored_lying_and_shown_upright() -> None:
    (video,) = media_info.read((DATA / "rotated.mp4").read_bytes()).video
    assert (video.width_px, video.height_px, video.rotation_degrees) == (1920, 1080, 90)
    assert video.displayed_px == (1080, 1920)


def test_the_clips_are_small() -> None:
    assert all(file.stat().st_size < 150_000 for file in DATA.glob("*.mp4"))


@pytest.mark.parametrize(
    ("data", "reason", "recognised", "truncated"),
    [
        ((DATA / "broken.mp4").read_bytes(), "no moov box found", True, False),
        ((DATA / "clip.mp4").read_bytes()[:PART_OF_CLIP_BYTES], "Is file truncated", True, True),
        (b"this is no video", "No parser found", False, False),
        (b"", "No parser found", False, False),
    ],
)
def test_an_unreadable_file_says_why(data: bytes, reason: str, recognised: bool, truncated: bool) -> None:
    with pytest.raises(UnreadableMedia, match=reason) as raised:
        media_info.read(data)
    assert (raised.value.recognised, raised.value.truncated) == (recognised, truncated)


def test_the_library_is_imported_only_to_read_a_file() -> None:
    code = "import sys, infra.emulator.media_info; sys.exit('pymediainfo' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=DATA.parents[2], check=False).returncode == 0
