"""A viewer asks for a video: the cookies that the stack signs open its files, and nothing else does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from infra.emulator.exercise import viewer
from infra.emulator.exercise.causes import require_none
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.publication import SINGLE_FILES
from infra.emulator.exercise.travel import Travel
from infra.emulator.http_requests import Caller

DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
NOW = 1_793_613_600
"""2026-11-02 10:00:00 UTC: the viewer's clock, the same in each run."""
VIEWER = Caller(now=NOW, user="exercise-viewer")
FOUND, NOT_FOUND = 200, 404


def watch(travel: Travel) -> str:
    """The session function signs for the published video, and what it signs opens that video only, for a while."""
    reply = travel.request("GET", f"/session/{travel.video_id}", VIEWER)
    if reply.status != FOUND:
        raise Stopped(f"the session of a published video is refused: {reply.status} {dict(reply.body)}")
    (arn,) = travel.outputs(DISTRIBUTION, "arn")
    cdn = viewer.distribution(travel.client("cloudfront"), arn)
    urls = {name: f"https://{cdn.host}{reply.body[name]}" for name in SINGLE_FILES}
    require_none(_closed_doors(travel, cdn, urls, reply.cookies))
    require_none(_open_doors(travel, cdn, urls["hls"], reply.cookies, int(reply.body["expires"])))
    require_no_session(travel, f"{travel.run}-unknown")
    pair = reply.cookies["CloudFront-Key-Pair-Id"]
    return f"key {pair} of the stack verifies; {', '.join(urls)} come with cookies, and nothing without"


def require_no_session(travel: Travel, video_id: str) -> None:
    """Stop when anybody gets cookies for a video that is not published."""
    reply = travel.request("GET", f"/session/{video_id}", VIEWER)
    if reply.status != NOT_FOUND or reply.cookies:
        raise Stopped(
            f"{video_id} is not published, but its session is {reply.status} with {len(reply.cookies)} cookies"
        )


def _closed_doors(
    travel: Travel, cdn: viewer.Distribution, urls: Mapping[str, str], cookies: Mapping[str, str]
) -> Iterator[str]:
    """Files that the viewer should get and does not."""
    for name, url in urls.items():
        got = viewer.fetch(travel.client("s3"), cdn, travel.renditions, url, cookies, NOW)
        if not isinstance(got, bytes) or not got:
            yield f"a viewer with cookies does not get {name}: {got!r}"


def _open_doors(
    travel: Travel, cdn: viewer.Distribution, url: str, cookies: Mapping[str, str], expires: int
) -> Iterator[str]:
    """Ways to a file that should be closed."""
    policy = cookies["CloudFront-Policy"]
    # Any other character at that place is another policy, with the signature of the first.
    forged = f"{policy[:-5]}{'A' if policy[-5] != 'A' else 'B'}{policy[-4:]}"
    foreign = {**cookies, "CloudFront-Key-Pair-Id": "KSOMEBODYELSES"}
    ways = {
        "without cookies": (url, {}, NOW),
        "over plain HTTP": (url.replace("https:", "http:"), cookies, NOW),
        "of another video": (url.replace(f"/v/{travel.video_id}/", "/v/another/"), cookies, NOW),
        "that waits for moderation": (url.replace("/v/", "/review/"), cookies, NOW),
        "with cookies that expired": (url, cookies, expires),
        "with a policy that was changed": (url, {**cookies, "CloudFront-Policy": forged}, NOW),
        "with a key of somebody else": (url, foreign, NOW),
    }
    for what, (address, jar, now) in ways.items():
        if not viewer.refusal(cdn, address, jar, now):
            yield f"CloudFront serves a file {what}"
