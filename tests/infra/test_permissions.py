"""The IAM evaluator: who may do what, and why not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.emulator.permissions import PolicyError, Request, Statement, decide, statements, unused

RULE = "arn:aws:events:us-east-1:123456789012:rule/submit"
QUEUE = "arn:aws:sqs:us-east-1:123456789012:dead"


def policy(*raw: dict[str, object]) -> list[Statement]:
    return statements({"Version": "2012-10-17", "Statement": list(raw)}, "policy p")


def allow(action: object, resource: object, **more: object) -> dict[str, object]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def test_nothing_is_allowed_without_a_statement() -> None:
    assert decide([], Request("s3:GetObject", "arn:aws:s3:::b/k")).reason == "no policy allows anything"


def test_an_explicit_deny_wins_over_an_allow_in_any_order() -> None:
    deny: dict[str, object] = {"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::b/secret/*"}
    request = Request("s3:GetObject", "arn:aws:s3:::b/secret/k")
    for order in (policy(allow("s3:*", "*"), deny), policy(deny, allow("s3:*", "*"))):
        assert not decide(order, request).allowed
        assert "Deny" in decide(order, request).reason
    assert decide(policy(allow("s3:*", "*"), deny), Request("s3:GetObject", "arn:aws:s3:::b/open/k")).allowed


def test_actions_ignore_case_and_resources_do_not() -> None:
    known = policy(allow("S3:getobject", "arn:aws:s3:::b/Raw/*"))
    assert decide(known, Request("s3:GetObject", "arn:aws:s3:::b/Raw/k")).allowed
    assert not decide(known, Request("s3:GetObject", "arn:aws:s3:::b/raw/k")).allowed


@pytest.mark.parametrize(
    ("pattern", "matches"),
    [
        ("arn:aws:s3:::b/raw/*", True),
        ("arn:aws:s3:::b/raw/u/v.mp?", True),
        ("arn:aws:s3:::b/raw/u/v[.]mp4", False),
        ("arn:aws:s3:::b", False),
        ("*", True),
    ],
)
def test_wildcards_of_resources(pattern: str, matches: bool) -> None:
    request = Request("s3:GetObject", "arn:aws:s3:::b/raw/u/v.mp4")
    assert decide(policy(allow("s3:GetObject", pattern)), request).allowed is matches


@given(st.text(alphabet="ab*?[]./:+(", max_size=12))
def test_a_text_without_wildcards_matches_itself_only(text: str) -> None:
    literal = text.replace("*", "").replace("?", "")
    known = policy(allow("s3:GetObject", literal))
    assert decide(known, Request("s3:GetObject", literal)).allowed
    assert not decide(known, Request("s3:GetObject", literal + "x")).allowed


def test_a_service_may_act_for_its_rule_only() -> None:
    known = policy(
        allow(
            "sqs:SendMessage",
            QUEUE,
            Principal={"Service": "events.amazonaws.com"},
            Condition={"ArnEquals": {"aws:SourceArn": [RULE]}},
        )
    )
    events = Request("sqs:SendMessage", QUEUE, {"AWS:SourceArn": RULE}, "events.amazonaws.com")
    assert decide(known, events).allowed
    other_rule = Request("sqs:SendMessage", QUEUE, {"aws:SourceArn": RULE + "2"}, "events.amazonaws.com")
    assert f"condition aws:SourceArn found {RULE}2" in decide(known, other_rule).reason
    assert "principal is not sns" in decide(known, Request("sqs:SendMessage", QUEUE, {}, "sns.amazonaws.com")).reason


def test_a_condition_on_a_key_that_the_request_lacks_does_not_hold() -> None:
    known = policy(allow("iam:PassRole", "*", Condition={"StringEquals": {"iam:PassedToService": "x"}}))
    assert "found nothing" in decide(known, Request("iam:PassRole", "arn:aws:iam::1:role/r")).reason


def test_an_arn_wildcard_does_not_reach_over_a_colon() -> None:
    known = policy(allow("a:B", "*", Condition={"ArnLike": {"aws:SourceArn": "arn:aws:s3:*:x"}}))
    assert not decide(known, Request("a:B", "*", {"aws:SourceArn": "arn:aws:s3:r:1:y:x"})).allowed


def test_tls_is_demanded_by_a_deny() -> None:
    known = policy(
        {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": "arn:aws:s3:::b/*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"Service": "cloudfront.amazonaws.com"}),
    )
    for transport, allowed in (("true", True), ("false", False)):
        request = Request(
            "s3:GetObject", "arn:aws:s3:::b/k", {"aws:SecureTransport": transport}, "cloudfront.amazonaws.com"
        )
        assert decide(known, request).allowed is allowed


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"Condition": {"DateGreaterThan": {"aws:CurrentTime": "2030-01-01"}}}, "DateGreaterThan"),
        ({"NotAction": "s3:*"}, "NotAction"),
        ({"Resource": "arn:aws:s3:::b/${aws:username}/*"}, "policy variables"),
    ],
)
def test_what_is_not_known_is_an_error(extra: dict[str, object], named: str) -> None:
    with pytest.raises(PolicyError, match=named):
        policy({**allow("s3:GetObject", "*"), **extra})


def test_the_nearest_statement_has_the_right_action() -> None:
    known = policy(
        allow("s3:PutObject", "arn:aws:s3:::raw/*"),
        allow("s3:GetObject", "arn:aws:s3:::other/*"),
    )
    reason = decide(known, Request("s3:GetObject", "arn:aws:s3:::raw/k")).reason
    assert reason == "nearest: policy p: Allow s3:GetObject on arn:aws:s3:::other/*, whose resource does not match"


def test_unused_allowances_are_listed_by_action_and_resource() -> None:
    known = policy(allow(["s3:GetObject", "s3:PutObject"], ["arn:aws:s3:::a/*", "arn:aws:s3:::b/*"]))
    made = [Request("s3:GetObject", "arn:aws:s3:::a/k"), Request("s3:PutObject", "arn:aws:s3:::b/k")]
    assert unused(known, made) == [
        "policy p: s3:GetObject on arn:aws:s3:::b/*",
        "policy p: s3:PutObject on arn:aws:s3:::a/*",
    ]
