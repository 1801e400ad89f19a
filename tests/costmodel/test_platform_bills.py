"""Bills of the parts around the video, worked by hand: API, users, firewall, audit, alarms, backups, keys, notices.

Prices are the shipped ones of us-east-1 in November 2026; the arithmetic stands in each test.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from costmodel.assumptions import Assumptions
from costmodel.inventory import Inventory, Resource
from costmodel.metering import METERS, meter
from costmodel.metering.stated import Statement
from costmodel.metering.usage_keys import USAGE_KEYS
from costmodel.pricing import PriceBook, price
from costmodel.tables import Activity, Charge, Coverage

Made = Callable[..., Activity]
Document = dict[str, Any]
BOOK = PriceBook.load()
GIB = 2**30

API = "aws:apigatewayv2/api:Api"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"
FUNCTION = "aws:lambda/function:Function"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
QUEUE = "aws:sqs/queue:Queue"
TABLE = "aws:dynamodb/table:Table"
WEB_ACL = "aws:wafv2/webAcl:WebAcl"


@dataclass(frozen=True)
class Bill:
    charges: Sequence[Charge]
    coverage: Coverage

    def cost(self, sku: str = "", name: str = "") -> float:
        """Of a sku, of a resource's name, or both; the sku must be there."""
        chosen = [
            c for c in self.charges if c.sku_id.startswith(sku) and c.resource_urn.endswith(f"::{name}" if name else "")
        ]
        assert chosen, f"no line of {sku} {name}: {sorted({c.sku_id for c in self.charges})}"
        return sum(float(c.cost.sum()) for c in chosen)

    @property
    def gaps(self) -> str:
        return " | ".join(
            [*self.coverage.not_covered.values(), *(g for gaps in self.coverage.gaps.values() for g in gaps)]
        )


def made(token: str, name: str = "it", inputs: Mapping[str, Any] | None = None, **tied: Resource) -> Resource:
    """A resource; ``tied`` are the inputs that were made from others."""
    dependencies = {prop: (other.urn,) for prop, other in tied.items()}
    return Resource(f"urn:{token}::{name}", token, name, "", dict(inputs or {}), dependencies, "us-east-1")


def bill(resources: Sequence[Resource], activity: Activity, stated: Any = None, **assumed: float) -> Bill:
    stack = Inventory("shop", "dev", "us-east-1", {resource.urn: resource for resource in resources})
    return billed(stack, activity, stated, **assumed)


def billed(stack: Inventory, activity: Activity, stated: Any = None, **assumed: float) -> Bill:
    assumptions = Assumptions.load({key.replace("__", "."): value for key, value in assumed.items()})
    quantities, coverage = meter(stack, activity, assumptions, BOOK, stated)
    return Bill(price(quantities, BOOK, on=date(2027, 1, 1)), coverage)


# API Gateway


def gateway(*keys: str) -> list[Resource]:
    api, function = made(API, inputs={"protocolType": "HTTP"}), made(FUNCTION)
    integration = made("aws:apigatewayv2/integration:Integration", apiId=api, integrationUri=function)
    routes = [made("aws:apigatewayv2/route:Route", k, {"routeKey": k}, apiId=api, target=integration) for k in keys]
    return [api, function, integration, *routes]


@pytest.mark.parametrize(
    ("views", "dollars"),
    [
        (299_000_000, 300.0),  # with 1 million uploads 300 million, at 1.00 a million
        (309_000_000, 300 + 10 * 0.90),  # the 10 million above at 0.90
    ],
)
def test_http_api_requests_on_both_sides_of_300_million(views: float, dollars: float, made_activity: Made) -> None:
    stack = gateway("POST /uploads", "GET /session/{video}")
    found = bill(stack, made_activity(uploads=1_000_000, views=views), eng__session_requests_per_view=1.0)
    assert found.cost("http_api") == pytest.approx(dollars)


@pytest.mark.parametrize(
    ("gb", "dollars"),
    [
        (10_240, 10_240 * 0.09),  # the first 10 TB
        (10_340, 10_240 * 0.09 + 100 * 0.085),
    ],
)
def test_answers_of_an_api_leave_over_the_internet(gb: float, dollars: float, made_activity: Made) -> None:
    # 2^30 / 1,000 bytes an answer: a GB has 1,000 of them.
    found = bill(gateway("POST /uploads"), made_activity(uploads=gb * 1000), eng__gateway_response_kb=GIB / 1e6)
    assert found.cost("dto.internet") == pytest.approx(dollars)


def test_a_route_that_nobody_models_is_a_gap_that_a_person_closes(made_activity: Made) -> None:
    stack = gateway("POST /uploads", "GET /news")
    found = bill(stack, made_activity(uploads=1_000_000))
    assert found.cost("http_api") == pytest.approx(1.00)
    assert "requests of GET /news are not counted" in found.gaps
    stated = {stack[0].urn: {"monthly_requests": Statement({"": 5_000_000}, "usage.yaml:3")}}
    closed = bill(stack, made_activity(uploads=1_000_000), stated)
    assert closed.cost("http_api") == pytest.approx(5.00)
    assert "GET /news" not in closed.gaps


@pytest.mark.parametrize("inputs", [{"protocolType": "WEBSOCKET"}, {"protocolType": "HTTP"}])
def test_an_api_that_cannot_be_counted_is_not_free(inputs: Mapping[str, str], made_activity: Made) -> None:
    found = bill([made(API, inputs=inputs)], made_activity(uploads=1_000_000))
    assert len(found.coverage.not_covered) == 1


# functions


def test_a_session_for_each_view(made_activity: Made) -> None:
    stack = gateway("GET /session/{video}")
    stack[1] = made(FUNCTION, inputs={"memorySize": 256, "architectures": ["arm64"]})
    found = bill(stack, made_activity(views=10_000_000), eng__lambda_duration_ms_request=40.0)
    # 10 million calls at 0.20 a million; x 0.04 s x 0.25 GB = 100,000 GB-seconds at 0.0000133334.
    assert found.cost("requests") == pytest.approx(2.00)
    assert found.cost("duration.arm") == pytest.approx(100_000 * 0.0000133334, rel=1e-5)


def test_how_long_a_function_runs_follows_from_what_starts_it(made_activity: Made) -> None:
    durations = {"request": 10.0, "event": 20.0, "batch": 30.0, "bulk": 40.0}
    assumed = {f"eng__lambda_duration_ms_{kind}": ms for kind, ms in durations.items()}
    pattern = {"eventPattern": json.dumps({"source": ["x"], "detail-type": ["Erasure Requested"]})}
    rule = made("aws:cloudwatch/eventRule:EventRule", inputs=pattern)

    def seconds(resources: Sequence[Resource], calls: float, activity: Activity) -> float:
        # 128 MiB are 1/8 GB; x86 costs 0.0000166667 a GB-second.
        return bill(resources, activity, **assumed).cost("duration.x86") / 0.0000166667 * 8 / calls

    def started(inputs: Mapping[str, Any]) -> list[Resource]:
        function = made(FUNCTION, inputs=inputs)
        return [function, rule, made("aws:cloudwatch/eventTarget:EventTarget", rule=rule, arn=function)]

    uploads = made_activity(uploads=1_000_000)  # of which users delete 0.2
    assert seconds(gateway("POST /uploads"), 1_000_000, uploads) == pytest.approx(0.010, rel=1e-4)
    assert seconds(started({"timeout": 60}), 200_000, uploads) == pytest.approx(0.020, rel=1e-4)
    assert seconds(started({"timeout": 61}), 200_000, uploads) == pytest.approx(0.040, rel=1e-4)
    stream, function = made("aws:kinesis/stream:Stream"), made(FUNCTION)
    mapping = made("aws:lambda/eventSourceMapping:EventSourceMapping", eventSourceArn=stream, functionName=function)
    views = made_activity(views=1_000_000)
    assert seconds([stream, function, mapping], 1_000_000, views) == pytest.approx(0.030, rel=1e-4)


def test_traces_of_a_function(made_activity: Made) -> None:
    stack = gateway("POST /uploads")
    stack[1] = made(FUNCTION, inputs={"tracingConfig": {"mode": "Active"}, "ephemeralStorage": {"size": 2048}})
    found = bill(stack, made_activity(uploads=40_000_000), eng__traced_share=0.05)
    assert found.cost("traces.recorded") == pytest.approx(2 * 5.00)
    assert "temporary storage" in found.gaps


def test_lambda_asks_its_queue_all_the_time(made_activity: Made) -> None:
    queue, table = made(QUEUE), made(TABLE, inputs={"tags": {"reelplan:role": "orders"}})
    function = made(FUNCTION, environment=table)
    mapping = made("aws:lambda/eventSourceMapping:EventSourceMapping", eventSourceArn=queue, functionName=function)
    found = bill([queue, table, function, mapping], made_activity())
    # 5 pollers ask every 20 s of 730 h: 5 x 2,628,000 / 20 = 657,000 requests at 0.40 a million, without a message.
    assert found.cost("standard") == pytest.approx(657_000 * 0.40 / 1e6)
    assert {c.usage_based for c in found.charges if c.sku_id == "standard" and c.cost.sum()} == {False}


# events


@pytest.mark.parametrize("declared", [True, False])
def test_events_of_a_bus_are_priced_with_it_if_it_is_there(declared: bool, made_activity: Made) -> None:
    bus = made("aws:cloudwatch/eventBus:EventBus")
    pattern = {"eventPattern": json.dumps({"source": ["shop.live"], "detail-type": ["Gift Sent"]})}
    rule = made("aws:cloudwatch/eventRule:EventRule", "gifts", pattern, **({"eventBusName": bus} if declared else {}))
    coverage = bill([bus, rule], made_activity(gift_coins=1e6)).coverage
    assert (rule.urn in coverage.free) is declared
    assert (rule.urn in coverage.not_covered) is not declared


# users


def pool(tier: str | None) -> Resource:
    return made("aws:cognito/userPool:UserPool", inputs={"userPoolTier": tier} if tier else {})


@pytest.mark.parametrize(
    ("tier", "users", "dollars"),
    [
        ("ESSENTIALS", 10_000, 0),
        ("ESSENTIALS", 10_001, 0.015),
        (None, 110_000, 1500),  # Essentials is what a new pool gets
        ("PLUS", 100, 2.00),  # from the first user on
        ("LITE", 10_000, 0),
        ("LITE", 100_000, 90_000 * 0.0055),
        ("LITE", 100_001, 90_000 * 0.0055 + 0.0046),
        ("LITE", 1_000_000, 90_000 * 0.0055 + 900_000 * 0.0046),
        ("LITE", 10_000_001, 90_000 * 0.0055 + 900_000 * 0.0046 + 9_000_000 * 0.00325 + 0.0025),
    ],
)
def test_users_of_a_pool(tier: str | None, users: float, dollars: float, made_activity: Made) -> None:
    found = bill([pool(tier)], made_activity(active_users=users))
    assert sum(float(c.cost.sum()) for c in found.charges) == pytest.approx(dollars)


def test_text_messages_are_a_gap(made_activity: Made) -> None:
    with_codes = made("aws:cognito/userPool:UserPool", inputs={"smsConfiguration": {"externalId": "x"}})
    assert "text messages" in bill([with_codes], made_activity(active_users=1)).gaps


# firewall

MANAGED = {"statement": {"managedRuleGroupStatement": {"name": "AWSManagedRulesCommonRuleSet", "vendorName": "AWS"}}}


def bots(level: str | None = None, **statement: Any) -> Document:
    configs = [{"awsManagedRulesBotControlRuleSet": {"inspectionLevel": level}}] if level else []
    group = {"name": "AWSManagedRulesBotControlRuleSet", "managedRuleGroupConfigs": configs, **statement}
    return {"statement": {"managedRuleGroupStatement": group}}


def protected(rules: Sequence[Document]) -> list[Resource]:
    """A distribution in front of the API, behind a firewall."""
    acl, balancer = made(WEB_ACL, inputs={"rules": list(rules)}), made("aws:lb/loadBalancer:LoadBalancer")
    edge = Resource(
        "urn:edge", DISTRIBUTION, "edge", "", {}, {"webAclId": (acl.urn,), "origins": (balancer.urn,)}, "us-east-1"
    )
    return [acl, balancer, edge]


def test_a_firewall_costs_its_month_its_rules_and_each_request(made_activity: Made) -> None:
    found = bill(protected([MANAGED, MANAGED, MANAGED]), made_activity(api_requests=20_000_000))
    assert found.cost("web_acl") == 5.00
    assert found.cost("rule", "it") == 3.00  # a managed group counts as one rule
    assert found.cost("requests", "it") == pytest.approx(20 * 0.60)


@pytest.mark.parametrize(("scope", "region"), [("CLOUDFRONT", "us-east-1"), ("REGIONAL", "eu-west-1")])
def test_a_firewall_before_cloudfront_is_billed_in_virginia(scope: str, region: str, made_activity: Made) -> None:
    acl = Resource("urn:acl", WEB_ACL, "it", "", {"rules": [MANAGED], "scope": scope}, {}, "eu-west-1")
    assert {charge.region_id for charge in bill([acl], made_activity()).charges} == {region}


@pytest.mark.parametrize(("level", "per_million"), [(None, 1), ("COMMON", 1), ("TARGETED", 10)])
def test_bot_control_costs_a_month_and_requests_of_its_own(
    level: str | None, per_million: float, made_activity: Made
) -> None:
    found = bill(protected([bots(level)]), made_activity(api_requests=20_000_000))
    assert found.cost("bot_control") == pytest.approx(10 + 20 * per_million)


def test_what_a_narrowed_group_looks_at_is_a_gap(made_activity: Made) -> None:
    fraud = {"statement": {"managedRuleGroupStatement": {"name": "AWSManagedRulesATPRuleSet"}}}
    found = bill(
        protected([bots(scopeDownStatement={"byteMatchStatement": {}}), fraud]), made_activity(api_requests=1e6)
    )
    assert found.cost("bot_control") == 10
    assert "bot control" in found.gaps
    assert "fraud control" in found.gaps


def test_a_firewall_in_front_of_nothing_known(made_activity: Made) -> None:
    found = bill([made(WEB_ACL)], made_activity(api_requests=1e6))
    assert found.cost() == 5.00
    assert "its rules are not known" in found.gaps
    assert "what it protects" in found.gaps


KEEP_BLOCKED = {
    "defaultBehavior": "DROP",
    "filters": [{"behavior": "KEEP", "conditions": [{"actionCondition": {"action": "BLOCK"}}]}],
}


@pytest.mark.parametrize(("filtering", "share"), [(KEEP_BLOCKED, 0.01), (None, 1.0)])
def test_a_firewall_logs_what_its_filter_keeps(filtering: Document | None, share: float, made_activity: Made) -> None:
    stack, group = protected([MANAGED]), made(LOG_GROUP, "blocked", {"retentionInDays": 30})
    inputs = {"loggingFilter": filtering} if filtering else {}
    token = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    logging = made(token, inputs=inputs, resourceArn=stack[0], logDestinationConfigs=group)
    activity = made_activity(api_requests=2**30)
    found = bill([*stack, group, logging], activity, eng__waf_blocked_share=0.01, eng__log_bytes_per_waf_request=1500.0)
    # 2^30 requests, each logged one with 1,500 bytes: 1,500 GB x share at 0.50 (the first 10 TB of vended logs).
    assert found.cost("logs.vended", "blocked") == pytest.approx(1500 * share * 0.50)


def test_another_filter_is_not_guessed(made_activity: Made) -> None:
    stack, group = protected([MANAGED]), made(LOG_GROUP, "some")
    inputs = {"loggingFilter": {"defaultBehavior": "KEEP", "filters": []}}
    token = "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration"
    logging = made(token, inputs=inputs, resourceArn=stack[0], logDestinationConfigs=group)
    found = bill([*stack, group, logging], made_activity(api_requests=1e6))
    assert group.urn in found.coverage.not_covered


# logs of other services


@pytest.mark.parametrize(
    ("requests", "dollars"),
    [
        (10_240, 10_240 * 0.50),
        (10_241, 10_240 * 0.50 + 0.25),
        (30_721, 10_240 * 0.50 + 20_480 * 0.25 + 0.10),
        (51_201, 10_240 * 0.50 + 20_480 * 0.25 + 20_480 * 0.10 + 0.05),
    ],
)
def test_access_logs_across_the_tiers_of_vended_logs(requests: float, dollars: float, made_activity: Made) -> None:
    stack, group = gateway("POST /uploads"), made(LOG_GROUP, "access")
    stage = made("aws:apigatewayv2/stage:Stage", apiId=stack[0], accessLogSettings=group)
    # A million uploads for each GB, with 2^30 / 1,000,000 bytes each: as many GB as millions.
    activity = made_activity(uploads=requests * 1e6)
    found = bill([*stack, group, stage], activity, eng__log_bytes_per_api_request=GIB / 1e6)
    assert found.cost("logs.vended", "access") == pytest.approx(dollars)


def test_flow_delivery_and_chat_logs(made_activity: Made) -> None:
    flows, faults, chat = (made(LOG_GROUP, name) for name in ("flows", "faults", "chat"))
    flow_log = made("aws:ec2/flowLog:FlowLog", inputs={"trafficType": "REJECT"}, logDestination=flows)
    stream = made("aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream", extendedS3Configuration=faults)
    chatting = made("aws:ivschat/loggingConfiguration:LoggingConfiguration", destinationConfiguration=chat)
    assumed = {
        "eng__refused_flow_log_gb_month": 3.0,
        "eng__pipeline_failure_share": 0.001,
        "eng__log_bytes_per_invocation": 1000.0,
        "usage__live_chat_messages_per_hour": 4.0,
        "eng__log_bytes_per_chat_message": 500.0,
    }
    activity = made_activity(views=GIB, live_hours_watched=GIB)
    found = bill([flows, faults, chat, flow_log, stream, chatting], activity, **assumed)
    assert found.cost("logs.vended", "flows") == pytest.approx(3 * 0.50)
    # 2^30 records, 1 in 1,000 fails and leaves 1,000 bytes: 1 GB; not a vended log.
    assert found.cost("logs.ingest", "faults") == pytest.approx(0.50)
    # 2^30 hours x 4 messages x 500 bytes = 2,000 GB.
    assert found.cost("logs.vended", "chat") == pytest.approx(2000 * 0.50)


@pytest.mark.parametrize(
    ("inputs", "gap"),
    [
        ({"trafficType": "REJECT"}, ""),
        ({"trafficType": "ALL"}, "records of all traffic"),
        ({"trafficType": "REJECT", "logDestinationType": "s3"}, "delivery of its records"),
    ],
)
def test_a_flow_log_is_billed_where_it_goes(inputs: Mapping[str, str], gap: str, made_activity: Made) -> None:
    found = bill([made("aws:ec2/flowLog:FlowLog", inputs=inputs)], made_activity())
    assert (gap in found.gaps) if gap else (found.gaps == "")


@pytest.mark.parametrize(
    ("destination", "free"),
    [
        (
            {"outputFormat": "json", "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::b"}},
            True,
        ),
        (
            {
                "outputFormat": "parquet",
                "deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:s3:::b"},
            },
            False,
        ),
        ({"deliveryDestinationConfiguration": {"destinationResourceArn": "arn:aws:firehose:x"}}, False),
    ],
)
def test_delivering_logs_is_free_to_a_bucket_as_text(destination: Document, free: bool, made_activity: Made) -> None:
    target = made("aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination", inputs=destination)
    delivery = made("aws:cloudwatch/logDelivery:LogDelivery", deliveryDestinationArn=target)
    coverage = bill([target, delivery], made_activity()).coverage
    assert (delivery.urn in coverage.free) is free
    assert (delivery.urn in coverage.not_covered) is not free


# alarms and dashboards


def test_dashboards_cost_from_the_fourth_on(made_activity: Made) -> None:
    def boards(count: int) -> float:
        token = "aws:cloudwatch/dashboard:Dashboard"
        return bill([made(token, str(i)) for i in range(count)], made_activity()).cost("dashboard")

    assert [boards(count) for count in (1, 3, 4, 5)] == pytest.approx([0, 0, 3, 6])


def test_a_metric_of_our_own_is_billed_once_however_many_alarms_watch_it(made_activity: Made) -> None:
    def alarm(name: str, namespace: str, metric: str) -> Resource:
        query = {"metric": {"namespace": namespace, "metricName": metric, "dimensions": {"Stack": "dev"}}}
        return made("aws:cloudwatch/metricAlarm:MetricAlarm", name, {"metricQueries": [query]})

    stack = [
        alarm("slow", "Shop", "TimeToPublish"),
        alarm("slower", "Shop", "TimeToPublish"),
        alarm("late", "Shop", "Lag"),
        alarm("errors", "AWS/Lambda", "Errors"),
        made("aws:cloudwatch/compositeAlarm:CompositeAlarm", "all"),
    ]
    found = bill(stack, made_activity())
    assert found.cost("alarm.standard") == pytest.approx(4 * 0.10)
    assert found.cost("alarm.composite") == 0.50
    assert found.cost("metric") == pytest.approx(2 * 0.30)


# notices


def test_notices_cost_by_how_they_are_delivered(made_activity: Made) -> None:
    topic = made("aws:sns/topic:Topic")
    token = "aws:sns/topicSubscription:TopicSubscription"
    protocols = ("email", "email-json", "https", "lambda", "sqs", "sms")
    people = [made(token, protocol, {"protocol": protocol}, topic=topic) for protocol in protocols]
    alarm = made("aws:cloudwatch/metricAlarm:MetricAlarm", alarmActions=topic)
    found = bill([topic, *people, alarm], made_activity(), eng__notices_per_alarm_month=1e6)
    assert found.cost("publish") == pytest.approx(0.50)
    assert found.cost("email") == pytest.approx(2 * 20)  # 2 million e-mails
    assert found.cost("http") == pytest.approx(0.60)
    assert "deliveries by sms" in found.gaps
    assert "lambda" not in found.gaps


# keys and secrets


def test_a_secret_is_read_in_each_new_environment(made_activity: Made) -> None:
    stack = gateway("GET /session/{video}")
    secret = made("aws:secretsmanager/secret:Secret", "key")
    stack[1] = made(FUNCTION, environment=secret)
    found = bill([*stack, secret], made_activity(views=100_000_000), eng__lambda_cold_start_share=0.005)
    # 0.40 a month; 100 million calls x 0.005 = 500,000 reads at 0.05 per 10,000.
    assert found.cost(name="key") == pytest.approx(0.40 + 50 * 0.05)


def test_a_secret_that_somebody_unknown_reads(made_activity: Made) -> None:
    secret = made("aws:secretsmanager/secret:Secret", "key")
    stack = gateway("POST /uploads")
    stack[1] = made(FUNCTION, environment=secret)
    stranger = made(FUNCTION, "stranger", environment=secret)
    for readers in ([], [stranger], [*stack, stranger]):
        found = bill([secret, *readers], made_activity())
        assert found.cost(name="key") == 0.40
        assert "how often it is read" in found.gaps


def test_a_key_costs_its_month(made_activity: Made) -> None:
    found = bill([made("aws:kms/key:Key", inputs={"enableKeyRotation": True})], made_activity())
    assert found.cost() == 1.00
    assert "rotations" in found.gaps
    assert "how often the key is used" in found.gaps


# audit


def test_the_first_trail_is_free_and_the_second_is_not(made_activity: Made) -> None:
    trails = [made("aws:cloudtrail/trail:Trail", name) for name in ("first", "second")]
    found = bill(trails, made_activity(), eng__management_events_per_month=1_000_000.0)
    assert trails[0].urn in found.coverage.free
    assert found.cost("management_extra_copy", "second") == pytest.approx(10 * 2.00)  # 100,000 events at 2.00


def test_data_and_insight_events_are_gaps(made_activity: Made) -> None:
    inputs = {"eventSelectors": [{"readWriteType": "All"}], "insightSelectors": [{"insightType": "ApiCallRateInsight"}]}
    trail = made("aws:cloudtrail/trail:Trail", inputs=inputs)
    gaps = bill([trail], made_activity()).gaps
    assert "data events" in gaps
    assert "Insights" in gaps
    keys = {"monthly_data_events": 2e6, "monthly_insight_events": 1e6}
    stated = {trail.urn: {key: Statement({"": events}, "usage.yaml:3") for key, events in keys.items()}}
    closed = bill([trail], made_activity(), stated)
    assert closed.gaps == ""
    assert closed.cost() == pytest.approx(20 * 0.10 + 10 * 0.35)


DETECTOR = "aws:guardduty/detector:Detector"


def test_a_detector_reads_calls_and_flows(made_activity: Made) -> None:
    assumed = {
        "eng__management_events_per_month": 3e6,
        "eng__api_requests_per_connection": 10.0,
        "eng__flow_record_bytes_per_connection": 1000.0,
    }
    # 501 x 2^30 / 100 requests in connections of 10, each with 1,000 bytes: 501 GB.
    activity = made_activity(api_requests=501 * GIB / 100)
    found = bill([made(DETECTOR, inputs={"enable": True})], activity, **assumed)
    assert found.cost("cloudtrail") == pytest.approx(3 * 4.00)
    assert found.cost("vpc_flow_dns") == pytest.approx(500 * 1.00 + 0.50)


def test_a_detector_reads_what_buckets_are_asked_unless_it_is_told_not_to(
    platform: Document, loaded: Callable[[Any], Inventory], made_activity: Made
) -> None:
    def with_detector(*more: Document, **inputs: Any) -> Bill:
        detector = {"urn": "urn:detector", "type": DETECTOR, "name": "threats", "inputs": inputs, "parent": ""}
        document = platform | {"resources": [*platform["resources"], detector, *more]}
        activity = made_activity(upload_seconds=20.0, uploads=1e6, views=5e7, watch_seconds=5e8)
        return billed(loaded(document), activity)

    found = with_detector(enable=True)
    # As many events as the requests of the S3 bill: written ones at 0.005, read ones at 0.0004 per 1,000.
    requests = 1000 * (found.cost("req.put") / 0.005 + found.cost("req.get") / 0.0004)
    assert 1e6 < requests < 500e6
    assert found.cost("s3_data_events") == pytest.approx(requests / 1e6 * 0.80)
    feature = {
        "urn": "urn:feature",
        "type": "aws:guardduty/detectorFeature:DetectorFeature",
        "name": "s3",
        "parent": "",
        "inputs": {"name": "S3_DATA_EVENTS", "status": "DISABLED"},
        "dependencies": {"detectorId": ["urn:detector"]},
    }
    for silent in (with_detector(feature), with_detector(datasources={"s3Logs": {"enable": False}})):
        assert not [c for c in silent.charges if c.sku_id == "s3_data_events"]


def test_a_detector_watches_the_buckets_of_its_own_region(
    platform: Document, loaded: Callable[[Any], Inventory], made_activity: Made
) -> None:
    detector = {
        "urn": "urn:detector",
        "type": DETECTOR,
        "name": "threats",
        "parent": "",
        "inputs": {"region": "eu-west-1"},
    }
    document = platform | {"resources": [*platform["resources"], detector]}
    found = billed(loaded(document), made_activity(upload_seconds=20.0, uploads=1e6, views=5e7, watch_seconds=5e8))
    assert found.cost("req.put") > 0
    assert not [c for c in found.charges if c.sku_id == "s3_data_events"]  # all buckets are in us-east-1


def test_a_detector_that_is_off_is_free(made_activity: Made) -> None:
    found = bill([made(DETECTOR, inputs={"enable": False})], made_activity(api_requests=1e9))
    assert found.charges == []


@pytest.mark.parametrize(("kind", "free"), [("ACCOUNT", True), ("ACCOUNT_UNUSED_ACCESS", False)])
def test_an_analyzer_is_free_unless_it_looks_for_unused_access(kind: str, free: bool, made_activity: Made) -> None:
    coverage = bill([made("aws:accessanalyzer/analyzer:Analyzer", inputs={"type": kind})], made_activity()).coverage
    assert bool(coverage.free) is free
    assert bool(coverage.not_covered) is not free


# backups


def backed_up(rule: Mapping[str, Any], arn: str = "arn:aws:dynamodb:us-east-1:1:table/*") -> list[Resource]:
    vault = made("aws:backup/vault:Vault", "vault")
    plan = made("aws:backup/plan:Plan", inputs={"rules": [dict(rule)]}, rules=vault)
    selection = made("aws:backup/selection:Selection", inputs={"resources": [arn]}, planId=plan)
    table = made(TABLE, "videos", {"billingMode": "PAY_PER_REQUEST", "tags": {"reelplan:role": "videos"}})
    return [vault, plan, selection, table]


NIGHTLY = {"schedule": "cron(0 3 * * ? *)", "lifecycle": {"deleteAfter": 35}}


def test_each_copy_of_a_table_has_its_whole_size(made_activity: Made) -> None:
    found = bill(backed_up(NIGHTLY), made_activity(uploads=10_000_000))
    # The table is stored for 0.25 a GB-month (from 25 GB on); 35 copies of it for 0.10 each.
    storage = next(
        float(c.quantity.sum()) for c in found.charges if c.sku_id == "storage.standard" and c.unit_price == 0
    )
    assert 1 < storage < 25
    assert found.cost("backup.ondemand", "vault") == pytest.approx(35 * storage * 0.10)


@pytest.mark.parametrize(
    ("rule", "arn", "gap"),
    [
        (NIGHTLY | {"lifecycle": {}}, "arn:aws:dynamodb:x", "how many copies"),
        (NIGHTLY | {"schedule": "cron(0 3 ? * MON *)"}, "arn:aws:dynamodb:x", "how many copies"),
        (NIGHTLY, "arn:aws:s3:::*", "what is no table"),
    ],
)
def test_copies_that_cannot_be_counted_are_gaps(rule: Document, arn: str, gap: str, made_activity: Made) -> None:
    assert gap in bill(backed_up(rule, arn), made_activity(uploads=1e6)).gaps


def test_a_vault_whose_plan_is_not_known_yet_or_copies_nothing(made_activity: Made) -> None:
    vault, plan, selection, table = backed_up(NIGHTLY)
    in_preview = made("aws:backup/plan:Plan", inputs={"rules": None}, rules=vault)
    assert "rules of its backup plan" in bill([vault, in_preview, table], made_activity(uploads=1e6)).gaps
    assert "no table to copy" in bill([vault, plan, selection], made_activity(uploads=1e6)).gaps


def test_a_vault_without_a_plan_and_a_table_of_unknown_size(made_activity: Made) -> None:
    vault = made("aws:backup/vault:Vault")
    found = bill([vault], made_activity())
    assert "no backup plan" in found.gaps
    stated = {vault.urn: {"storage_gb": Statement({"": 50}, "usage.yaml:3")}}
    assert bill([vault], made_activity(), stated).cost() == pytest.approx(5.00)
    strangers = [made(TABLE, name, {"tags": {"reelplan:role": name}}) for name in ("moon", "rose")]
    gaps = bill([*backed_up(NIGHTLY)[:3], *strangers], made_activity(uploads=1e6)).gaps
    assert "copies of moon, rose are not counted" in gaps


# all of them

OURS = sorted(
    token
    for token, answer in METERS.items()
    if answer.__module__.rpartition(".")[2]
    in {"apigateway", "audit", "backup", "cognito", "kms", "secretsmanager", "sns", "waf"}
)


@pytest.mark.parametrize("token", OURS)
def test_a_bare_resource_gets_an_answer(token: str, made_activity: Made) -> None:
    resource = made(token)
    coverage = bill([resource], made_activity()).coverage
    assert resource.urn in {*coverage.priced, *coverage.free, *coverage.not_covered}


@pytest.mark.parametrize("token", sorted(set(OURS) & set(USAGE_KEYS)))
def test_what_a_person_states_is_billed(token: str, made_activity: Made) -> None:
    resource = made(token)
    stated = {resource.urn: {key: Statement({"": 1e6}, "usage.yaml:3") for key in USAGE_KEYS[token]}}
    found = bill([resource], made_activity(), stated)
    assert found.cost() > 0
    assert resource.urn in found.coverage.priced
