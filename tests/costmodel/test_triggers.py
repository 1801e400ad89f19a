"""What starts a function or fills a queue, and how often: told by what the stack declares, not by names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from costmodel.assumptions import Assumptions
from costmodel.inventory import Inventory, Resource
from costmodel.metering import events, triggers
from costmodel.metering.context import Context, Factors, product
from costmodel.metering.schedules import runs_per_month
from costmodel.pricing import PriceBook
from costmodel.tables import Activity, Timeline

Made = Callable[..., Activity]
KINDS = {
    "alarm": "aws:cloudwatch/metricAlarm:MetricAlarm",
    "api": "aws:apigatewayv2/api:Api",
    "budget": triggers.BUDGET,
    "function": triggers.FUNCTION,
    "integration": triggers.INTEGRATION,
    "mapping": triggers.MAPPING,
    "pipe": triggers.PIPE,
    "pool": triggers.USER_POOL,
    "queue": triggers.QUEUE,
    "recording": events.RECORDING,
    "route": triggers.ROUTE,
    "rule": triggers.RULE,
    "stream": triggers.STREAM,
    "subscription": triggers.SUBSCRIPTION,
    "table": triggers.TABLE,
    "target": triggers.TARGET,
    "topic": triggers.TOPIC,
}


def made(kind: str, name: str = "it", inputs: Mapping[str, Any] | None = None, **tied: Resource) -> Resource:
    """A resource; ``tied`` are the inputs that were made from others."""
    dependencies = {prop: (other.urn,) for prop, other in tied.items()}
    token = KINDS[kind]
    return Resource(f"urn:{token}::{name}", token, name, "", dict(inputs or {}), dependencies, "us-east-1")


def ruled(name: str, *detail_types: str, source: str = "shop.any", **target: Resource) -> list[Resource]:
    """A rule on events of these names, and its delivery."""
    pattern = json.dumps({"source": [source], "detail-type": list(detail_types)})
    rule = made("rule", name, {"eventPattern": pattern})
    return [rule, made("target", name, None, rule=rule, **target)]


def context_of(resources: Sequence[Resource], activity: Activity, **assumed: float) -> Context:
    stack = Inventory("shop", "dev", "us-east-1", {resource.urn: resource for resource in resources})
    assumptions = Assumptions.load({key.replace("__", "."): value for key, value in assumed.items()})
    return Context(stack, activity, assumptions, PriceBook.load())


def amount(flow: Factors | None) -> float:
    assert flow is not None
    return float(product(flow, 1)[0])


# events


def test_a_function_runs_for_every_event_of_its_rule(made_activity: Made) -> None:
    function = made("function")
    stack = [function, *ruled("clear", "Video Cleared", "Codec Transcoded", arn=function)]
    context = context_of(stack, made_activity(uploads=1000), staff__removed_share_uploads=0.01)
    # 1,000 uploads, 1 in 100 removed; no function makes better codecs, so none is earned.
    assert amount(triggers.invocations(function, context)) == pytest.approx(1000 * 0.99)


def test_several_rules_add_up(made_activity: Made) -> None:
    function = made("function")
    stack = [
        function,
        *ruled("gift", "Gift Sent", arn=function),
        *ruled("pause", "Pause Transcoding", "Resume Transcoding", arn=function),
    ]
    activity = made_activity(gift_coins=5000)
    context = context_of(stack, activity, gifts__coins_per_gift=20, eng__operator_events_per_month=3)
    # 5,000 coins in gifts of 20 make 250; each of the two acts happens 3 times.
    assert amount(triggers.invocations(function, context)) == pytest.approx(250 + 3 + 3)


def test_one_unknown_event_makes_the_whole_unknown(made_activity: Made) -> None:
    function = made("function")
    stack = [function, *ruled("gift", "Gift Sent", arn=function), *ruled("other", "Moon Rose", arn=function)]
    context = context_of(stack, made_activity(gift_coins=5000))
    assert triggers.invocations(function, context) is None
    assert triggers.invocations(made("function", "nobody's"), context) is None


def test_a_pattern_that_names_no_event_is_unknown(made_activity: Made) -> None:
    rule = made("rule", inputs={"eventPattern": json.dumps({"source": ["shop.any"]})})
    assert triggers.monthly_events(rule, context_of([rule], made_activity(uploads=1000))) is None


def test_one_of_several_patterns_is_enough_and_a_name_counts_once(made_activity: Made) -> None:
    either = [{"source": ["aws.guardduty"], "detail-type": ["GuardDuty Finding"], "detail": {"x": [n]}} for n in (1, 2)]
    pattern = {"$or": [*either, {"source": ["aws.health"], "detail-type": ["AWS Health Event"]}]}
    rule = made("rule", inputs={"eventPattern": json.dumps(pattern)})
    often = {"eng__security_findings_per_month": 7.0, "eng__health_events_per_month": 2.0}
    context = context_of([rule], made_activity(), **often)
    assert triggers.event_sources(rule) == ("aws.guardduty", "aws.health")
    assert amount(triggers.monthly_events(rule, context)) == 7 + 2
    open_ended = made("rule", inputs={"eventPattern": json.dumps({"$or": [*either, {"source": ["aws.s4"]}]})})
    assert triggers.monthly_events(open_ended, context) is None


def test_accounts_are_erased_by_the_million(made_activity: Made) -> None:
    rule = ruled("account", "Account Erasure Requested", arn=made("function"))[0]
    activity = made_activity(active_users=5e6)
    # 1,200 a year of each million: 100 a month of one, 500 of five.
    context = context_of([rule], activity, comp__dsr_delete_per_M_mau_year=1200)
    assert amount(triggers.monthly_events(rule, context)) == pytest.approx(500)


def test_recordings_are_transcoded_where_streams_are_recorded(made_activity: Made) -> None:
    rule = ruled("done", "Video Transcoded", arn=made("function"))[0]
    activity = made_activity(uploads=1000, live_hours_streamed=300)
    hours = {"usage__live_stream_hours": 1.5}
    # 300 hours in streams of 1.5 hours are 200 recordings.
    assert amount(triggers.monthly_events(rule, context_of([rule], activity, **hours))) == 1000
    recorded = context_of([rule, made("recording")], activity, **hours)
    assert amount(triggers.monthly_events(rule, recorded)) == pytest.approx(1200)


@pytest.mark.parametrize(
    ("expression", "runs"),
    [
        ("rate(1 minute)", 730 * 60),
        ("rate(5 minutes)", 730 * 12),
        ("rate(1 hour)", 730),
        ("rate(2 days)", 365 / 12 / 2),
        ("cron(0 3 * * ? *)", 365 / 12),
        ("cron(0,30 8-17 * * ? *)", 365 / 12 * 10 * 2),
        ("cron(*/20 * * * ? *)", 730 * 3),
        ("cron(* * * * ? *)", 730 * 60),
    ],
)
def test_a_schedule_fires_so_often(expression: str, runs: float, made_activity: Made) -> None:
    assert runs_per_month(expression) == pytest.approx(runs)
    function = made("function")
    rule = made("rule", inputs={"scheduleExpression": expression})
    stack = [function, rule, made("target", rule=rule, arn=function)]
    assert amount(triggers.invocations(function, context_of(stack, made_activity()))) == pytest.approx(runs)


@pytest.mark.parametrize(
    "expression",
    ["cron(0 3 ? * MON *)", "cron(0 3 1 * ? *)", "cron(0/0 3 * * ? *)", "cron(x 3 * * ? *)", "at(noon)", 5],
)
def test_a_schedule_that_is_not_understood_is_unknown(expression: object, made_activity: Made) -> None:
    assert runs_per_month(expression) is None
    rule = made("rule", inputs={"scheduleExpression": expression})
    assert triggers.monthly_events(rule, context_of([rule], made_activity())) is None


# routes, sign-ups, topics


def test_a_route_is_called_as_often_as_its_purpose_says(made_activity: Made) -> None:
    function = made("function")
    integration = made("integration", integrationUri=function)
    routes = [
        made("route", key, {"routeKey": key}, target=integration) for key in ("POST /uploads", "GET /session/{video}")
    ]
    activity = made_activity(uploads=1000, views=20_000)
    context = context_of([function, integration, *routes], activity, eng__session_requests_per_view=0.5)
    assert [amount(triggers.requests(route, context)) for route in routes] == [1000, 10_000]
    assert amount(triggers.invocations(function, context)) == 11_000
    unknown = made("route", "new", {"routeKey": "GET /news"}, target=integration)
    assert triggers.requests(unknown, context) is None
    with_news = context_of([function, integration, *routes, unknown], activity)
    assert triggers.invocations(function, with_news) is None


@pytest.mark.parametrize(
    ("config", "known"),
    [
        ({"preSignUp": "arn"}, True),
        ({"preTokenGeneration": "arn"}, False),
        ({"preSignUp": "arn", "postConfirmation": "arn"}, False),  # which of them calls it is not told
    ],
)
def test_a_pool_asks_before_each_sign_up(config: Mapping[str, str], known: bool, made_activity: Made) -> None:
    function = made("function")
    pool = made("pool", inputs={"lambdaConfig": config}, lambdaConfig=function)
    flow = triggers.invocations(function, context_of([function, pool], made_activity(new_users=700)))
    assert (flow is not None and amount(flow) == 700) if known else flow is None


def test_alarms_and_budgets_speak_on_their_topic(made_activity: Made) -> None:
    topic, function = made("topic"), made("function")
    stack = [
        topic,
        function,
        made("subscription", inputs={"protocol": "lambda"}, topic=topic, endpoint=function),
        *(made("alarm", f"a{i}", alarmActions=topic) for i in range(4)),
        made("budget", notifications=topic),
    ]
    often = {"eng__notices_per_alarm_month": 0.5, "eng__notices_per_budget_month": 2}
    context = context_of(stack, made_activity(), **often)
    assert amount(triggers.messages(topic, context)) == 4 * 0.5 + 2
    assert amount(triggers.invocations(function, context)) == 4
    assert triggers.messages(made("topic", "silent"), context) is None


def test_a_function_that_knows_a_topic_publishes_on_it(made_activity: Made) -> None:
    spending, alerts = made("topic", "spending"), made("topic", "alerts")
    function = made("function", environment=alerts)
    stack = [spending, alerts, function, made("budget", notifications=spending), made("alarm", alarmActions=alerts)]
    stack.append(made("subscription", topic=spending, endpoint=function))
    often = {"eng__notices_per_alarm_month": 0.5, "eng__notices_per_budget_month": 2}
    assert amount(triggers.messages(alerts, context_of(stack, made_activity(), **often))) == 0.5 + 2


def test_what_goes_round_in_a_ring_is_unknown(made_activity: Made) -> None:
    topic, queue = made("topic"), made("queue")
    function = made("function", environment=topic, deadLetterConfig=queue)
    echo = [topic, function, made("subscription", topic=topic, endpoint=function)]
    assert triggers.messages(topic, context_of(echo, made_activity())) is None
    swallowing = [queue, function, made("mapping", eventSourceArn=queue, functionName=function)]
    context = context_of(swallowing, made_activity())
    assert triggers.sent(queue, context) is None
    assert triggers.invocations(function, context) is None


# streams and queues


def mapped(inputs: Mapping[str, Any], stream: Resource) -> tuple[Resource, list[Resource]]:
    function = made("function")
    mapping = made("mapping", inputs=inputs, eventSourceArn=stream, functionName=function)
    return function, [function, stream, mapping]


@pytest.mark.parametrize(
    ("window", "most", "batch"),
    [
        (0, 500, 1),  # nothing gathers
        (5, 500, 1 + 5 * 0.25),  # the first record, and what comes within 5 s at a record in 4 s
        (300, 50, 50),  # 76 would gather, 50 is the most
    ],
)
def test_records_of_a_stream_come_in_batches(window: int, most: int, batch: float, made_activity: Made) -> None:
    stream = made("stream", inputs={"shardCount": 2})
    function, stack = mapped({"batchSize": most, "maximumBatchingWindowInSeconds": window}, stream)
    # Half a record a second for the 31 days of January, on 2 shards: a quarter of a record a second on each.
    interactions = 0.5 * 31 * 86_400
    activity = made_activity(views=interactions * 0.9, engagements=interactions * 0.1)
    calls = triggers.invocations(function, context_of(stack, activity))
    assert amount(calls) == pytest.approx(interactions / batch)


@given(one=st.floats(0, 1e10), more=st.floats(0, 1e10), window=st.integers(0, 300), most=st.integers(1, 10_000))
def test_more_records_never_make_fewer_calls_nor_more_calls_than_records(
    one: float, more: float, window: int, most: int
) -> None:
    function, stack = mapped({"batchSize": most, "maximumBatchingWindowInSeconds": window}, made("stream"))
    idle = Activity.nothing(Timeline.starting("2027-01", 1), ("us",), ("us",), upload_seconds=6.0, upload_mb=10.0)
    views = np.array([one, one + more]).reshape(2, 1, 1)  # two trials
    flow = triggers.invocations(function, context_of(stack, replace(idle, monthly_views=views)))
    less, greater = product(flow or {}, 1)[:, 0]
    assert greater >= less * (1 - 1e-9)
    assert less <= one * (1 + 1e-9)


def test_no_record_no_call(made_activity: Made) -> None:
    function, stack = mapped({"batchSize": 10, "maximumBatchingWindowInSeconds": 5}, made("stream"))
    assert amount(triggers.invocations(function, context_of(stack, made_activity()))) == 0


def test_a_queue_is_filled_with_what_its_reader_keeps(made_activity: Made) -> None:
    letters = made("queue", "letters")
    queue = made("queue", "in", redrivePolicy=letters)
    table = made("table", inputs={"tags": {"reelplan:role": "orders"}})
    function = made("function", environment=table)
    stack = [queue, letters, table, function, made("mapping", eventSourceArn=queue, functionName=function)]
    context = context_of(stack, made_activity(orders=300), shop__states_per_order=4, eng__pipeline_failure_share=0.01)
    # 300 orders, each placed, paid, shipped and delivered; a message at a time; 1 in 100 fails for good.
    assert amount(triggers.sent(queue, context)) == 1200
    assert amount(triggers.invocations(function, context)) == 1200
    assert amount(triggers.sent(letters, context)) == pytest.approx(12)


def test_reviewers_work_through_the_queue_of_the_function_that_takes_their_decisions(made_activity: Made) -> None:
    queue, letters = made("queue", "review"), made("queue", "letters")
    function = made("function", environment=queue, deadLetterConfig=letters)
    stack = [queue, letters, function, *ruled("review", "Review Decided", arn=function)]
    share = {"staff__human_review_share_uploads": 0.1, "eng__pipeline_failure_share": 0.01}
    context = context_of(stack, made_activity(uploads=1000), **share)
    assert amount(triggers.sent(queue, context)) == 100
    assert amount(triggers.sent(letters, context)) == pytest.approx(1)


def test_dead_letters_are_the_share_of_a_flow_that_fails(made_activity: Made) -> None:
    letters = made("queue")
    table = made("table")
    topic = made("topic")
    share = {"eng__pipeline_failure_share": 0.01, "eng__notices_per_alarm_month": 100.0}
    activity = made_activity(uploads=1000, views=900, engagements=100, new_users=200)

    def fallen(*resources: Resource) -> float:
        return amount(triggers.sent(letters, context_of([letters, *resources], activity, **share)))

    function = made("function", deadLetterConfig=letters)
    pool = made("pool", inputs={"lambdaConfig": {"preSignUp": "arn"}}, lambdaConfig=function)
    assert fallen(function, pool) == pytest.approx(200 * 0.01)
    stream = made("stream")
    mapping = made("mapping", eventSourceArn=stream, destinationConfig=letters)
    assert fallen(stream, mapping) == pytest.approx(1000 * 0.01)
    assert fallen(table, made("pipe", source=table, sourceParameters=letters)) == pytest.approx(100 * 0.01)
    told = [topic, made("alarm", alarmActions=topic), made("subscription", topic=topic, redrivePolicy=letters)]
    assert fallen(*told) == pytest.approx(100 * 0.01)


def test_a_queue_that_nobody_names_is_unknown(made_activity: Made) -> None:
    queue = made("queue")
    assert triggers.sent(queue, context_of([queue], made_activity(uploads=1000))) is None


# the whole


def test_flows_without_use_are_zero_and_never_unknown(made_activity: Made) -> None:
    context = context_of([made("recording")], made_activity())
    for happening in [*events.EVENTS.values(), *events.ROUTES.values(), *events.QUEUED.values()]:
        flow = happening(context)
        by_the_calendar = happening in (events.operations, events.findings, events.troubles)
        assert (amount(flow) > 0) is by_the_calendar


def test_a_leading_trial_axis_passes(made_activity: Made) -> None:
    stream = made("stream")
    function, stack = mapped({"maximumBatchingWindowInSeconds": 5}, stream)
    activity = made_activity(views=1e6)
    trials = Activity(
        **{**vars(activity), "monthly_views": np.stack([activity.monthly_views, activity.monthly_views * 3])}
    )
    calls = product(triggers.invocations(function, context_of(stack, trials)) or {}, 1)
    assert calls.shape == (2, 1)
    assert calls[1, 0] > calls[0, 0] == amount(triggers.invocations(function, context_of(stack, activity)))
