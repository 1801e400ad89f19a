"""What moto lacks of Comprehend: toxic text. Nothing is read: a text says itself what is in it.

A text with ``[INSULT=0.93]`` in it gets that label with that score; one without is clean.

Private surface of moto used here: methods of ``ComprehendResponse``.
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.comprehend.responses import ComprehendResponse
from moto.core.exceptions import JsonRESTError

NAMES = (
    *("GRAPHIC", "HARASSMENT_OR_ABUSE", "HATE_SPEECH", "INSULT"),
    *("PROFANITY", "SEXUAL", "VIOLENCE_OR_THREAT"),
)
MARK = re.compile(r"\[([A-Z_]+)=([01](?:\.[0-9]+)?)\]")
LANGUAGE = "en"
MOST_SEGMENTS, SEGMENT_BYTES = 10, 1024
"""Source: Comprehend API reference, DetectToxicContent."""


def install() -> None:
    """Add it; doing it again changes nothing."""
    if not hasattr(ComprehendResponse, "detect_toxic_content"):
        setattr(ComprehendResponse, "detect_toxic_content", _detect)  # noqa: B010 - a method that moto lacks


def _detect(self: Any) -> str:
    request = json.loads(self.body)
    texts = [segment["Text"] for segment in request["TextSegments"]]
    if request["LanguageCode"] != LANGUAGE:
        raise JsonRESTError("UnsupportedLanguageException", f"{request['LanguageCode']} is not supported")
    if len(texts) > MOST_SEGMENTS or any(len(text.encode()) > SEGMENT_BYTES for text in texts):
        raise JsonRESTError("TextSizeLimitExceededException", "Input text size exceeds limit.")
    return json.dumps({"ResultList": [result_of(text) for text in texts]})


def result_of(text: str) -> dict[str, Any]:
    """What is in one text; every kind has a score, as in the service.

    >>> [label for label in result_of("you [INSULT=0.93]")["Labels"] if label["Score"]]
    [{'Name': 'INSULT', 'Score': 0.93}]
    """
    scores = {name: float(score) for name, score in MARK.findall(text)}
    labels = [{"Name": name, "Score": scores.get(name, 0.0)} for name in NAMES]
    return {"Labels": labels, "Toxicity": max(scores.values(), default=0.0)}
