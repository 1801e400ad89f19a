"""An app uploads through the stack's HTTP API: as one form, and in parts."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from typing import Any

from infra.emulator.exercise.causes import announcement, require_none
from infra.emulator.exercise.journey import Stopped
from infra.emulator.exercise.playback import NOW
from infra.emulator.exercise.travel import Travel, sample
from infra.emulator.http_requests import Caller

USER = "exercise-author"
AUTHOR = Caller(now=NOW, user=USER)
TYPE = "video/mp4"
BOUNDARY = "reelplan-exercise"
OK = 200
ANSWER_SECONDS = 30
CAPTION = "Tanz im Regen \N{UMBRELLA WITH RAIN DROPS}"
"""Not ASCII, as metadata of S3 has to be."""


def upload_by_api(travel: Travel) -> str:
    """Forms and parts bring videos to where the pipeline takes them on, and only what was allowed."""
    clip = sample("clip.mp4")
    require_none(_allowed_too_much(travel))
    by_form = _form(travel, clip)
    in_parts = _parts(travel, clip)
    for video_id in (by_form, in_parts):
        announcement(travel, f"raw/{USER}/{video_id}")
    travel.delivery.drain()
    travel.finish_jobs()
    travel.delivery.drain()
    for video_id in (by_form, in_parts):
        if (state := travel.video(video_id).get("state")) != "published":
            raise Stopped(f"the record of the uploaded {video_id} is {state}, expected published")
        if (caption := travel.video(video_id).get("caption")) != CAPTION:
            raise Stopped(f"the caption of the uploaded {video_id} is {caption!r}, expected {CAPTION!r}")
    return "one form of 1 to 93,029 bytes, one upload in parts, one given up; both videos are published"


def _allowed_too_much(travel: Travel) -> Iterator[str]:
    """Requests that should be refused and are not."""
    small = {"contentType": TYPE, "size": 1}
    wrong: dict[str, tuple[Caller, Mapping[str, Any]]] = {
        "of nobody": (Caller(now=NOW), small),
        "of a program": (AUTHOR, {**small, "contentType": "application/x-msdownload"}),
        "of a petabyte": (AUTHOR, {**small, "size": 10**15}),
        "of nothing": (AUTHOR, {**small, "size": 0}),
    }
    for what, (caller, body) in wrong.items():
        if travel.request("POST", "/uploads", caller, body).status == OK:
            yield f"the upload API signs an upload {what}"


def _form(travel: Travel, clip: bytes) -> str:
    answer = _ask(travel, "POST", "/uploads", {"contentType": TYPE, "size": len(clip), "caption": CAPTION})
    fields = answer["fields"]
    require_none(_loose_conditions(fields, answer["videoId"], travel.raw, len(clip)))
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="clip"\r\n\r\n'
    body = b"".join([*parts, head.encode(), clip, f"\r\n--{BOUNDARY}--\r\n".encode()])
    _send("POST", answer["url"], body, {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"})
    return str(answer["videoId"])


def _loose_conditions(fields: Mapping[str, str], video_id: str, bucket: str, size: int) -> Iterator[str]:
    """What a form lets through besides the one file; moto does not judge the conditions as S3 does."""
    conditions = json.loads(base64.b64decode(fields["policy"]))["conditions"]
    wanted: list[Any] = [
        {"key": f"raw/{USER}/{video_id}"},
        {"bucket": bucket},
        {"Content-Type": TYPE},
        ["content-length-range", 1, size],
    ]
    yield from (f"the form lacks the condition {one}, it has {conditions}" for one in wanted if one not in conditions)


def _parts(travel: Travel, clip: bytes) -> str:
    large = {"contentType": TYPE, "size": 10**9, "caption": CAPTION}
    given_up = _ask(travel, "POST", "/uploads", large)
    _ask(travel, "DELETE", f"/uploads/{given_up['videoId']}?uploadId={given_up['uploadId']}")
    began = _ask(travel, "POST", "/uploads", large)
    path, upload = f"/uploads/{began['videoId']}", {"uploadId": began["uploadId"]}
    urls = _ask(travel, "POST", f"{path}/parts", {**upload, "parts": [1]})["urls"]
    etag = _send("PUT", urls["1"], clip, {"Content-Type": "application/octet-stream"})["ETag"]
    _ask(travel, "POST", f"{path}/complete", {**upload, "parts": [{"partNumber": 1, "etag": etag}]})
    return str(began["videoId"])


def _ask(travel: Travel, method: str, path: str, body: Any = None) -> Mapping[str, Any]:
    reply = travel.request(method, path, AUTHOR, body)
    if reply.status != OK:
        raise Stopped(f"{method} {path} is refused: {reply.status} {dict(reply.body)}")
    return reply.body


def _send(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Mapping[str, str]:
    """Send bytes to an address that was signed; gives the headers of the answer."""
    request = urllib.request.Request(url, data=body, method=method, headers=dict(headers))
    try:
        with urllib.request.urlopen(request, timeout=ANSWER_SECONDS) as answer:
            return dict(answer.headers.items())
    except urllib.error.HTTPError as error:
        raise Stopped(f"{method} to the signed address: {error.code} {error.read().decode()[:300]}") from error
