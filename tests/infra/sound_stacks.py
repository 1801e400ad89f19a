"""What must hold of every stack, whatever its settings: functions that yield the faults of a planned one.

They read the inventory and know nothing of the components, so they judge what is declared and not how it came about.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from infra.emulator.converter import leaves
from infra.emulator.naming import physical_name
from infra.emulator.provisioners import TYPES
from infra.emulator.recording import STACK_TYPE, Recording, Registration
from infra.emulator.sdk import NOT_EMULATED
from infra.policies.identity import NAMES_NO_RESOURCE
from infra.policies.stack import many, open_to_anybody, statements

BUCKET = "aws:s3/bucket:Bucket"
QUEUE = "aws:sqs/queue:Queue"
FUNCTION = "aws:lambda/function:Function"
LOG_GROUP = "aws:cloudwatch/logGroup:LogGroup"
ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm"
BLOCKS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
HOLD_DATA = (BUCKET, "aws:dynamodb/table:Table", "aws:cognito/userPool:UserPool", "aws:ecr/repository:Repository")
LONGEST_NAMES = {
    "aws:lambda/function:Function": 64,
    "aws:iam/role:Role": 64,
    "aws:s3/bucket:Bucket": 63,
    "aws:sqs/queue:Queue": 80,
    "aws:lb/loadBalancer:LoadBalancer": 32,
    "aws:lb/targetGroup:TargetGroup": 32,
    "aws:cloudwatch/eventRule:EventRule": 64,
    "aws:dynamodb/table:Table": 255,
    "aws:elasticache/replicationGroup:ReplicationGroup": 40,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": 64,
}
"""[character] Source: quotas of each service's developer guide; the API models do not hold all of them."""
MADE_LATER = (":transcription-job/",)
"""What the handlers make while they run, under names of the stack's own."""
OUR_ARN = re.compile(r"arn:aws:[a-z0-9-]+:[a-z0-9-]*:123456789012:[^\s\"',]+")

Property = Callable[[Recording], Iterator[str]]


def refers_to_what_is_there(plan: Recording) -> Iterator[str]:
    """Parents and dependencies are declared; no value is made from what nobody knows."""
    known = {one.urn for one in plan.registrations}
    for one in plan.registrations:
        made_from = {urn for urns in one.dependencies.values() for urn in urns}
        for urn in {one.parent, *one.depends_on, *made_from} - known:
            if STACK_TYPE not in urn:
                yield f"{one.name}: refers to {urn}, which is not declared"
        for path, value in leaves(dict(one.inputs)):
            if isinstance(value, str) and (NOT_EMULATED in value or "Output object" in value):
                yield f"{one.name}: {path} is made from an unknown output"


def names_its_outputs(plan: Recording) -> Iterator[str]:
    """Every output of the stack has a value."""
    for name, value in plan.outputs.items():
        if not isinstance(value, str) or not value or NOT_EMULATED in value:
            yield f"output {name} is {value!r}"


def allows_only_what_is_named(plan: Recording) -> Iterator[str]:
    """No wildcard in an action; ``*`` as a resource only for the reviewed actions that have none."""
    for one, statement in _allowed(plan):
        actions = many(statement.get("Action"))
        yield from (f"{one.name}: allows {action}" for action in actions if "*" in action)
        yield from (f"{one.name}: allows all but {action}" for action in many(statement.get("NotAction")))
        unnamed = [action for action in actions if action not in NAMES_NO_RESOURCE]
        if "*" in many(statement.get("Resource")) and unnamed and not statement.get("Condition"):
            yield f"{one.name}: allows {unnamed} on everything"


def trusts_nobody_unnamed(plan: Recording) -> Iterator[str]:
    """No policy of a role, bucket, queue, topic or key opens it to everybody."""
    for one in plan.registrations:
        for key in ("policy", "assumeRolePolicy"):
            if any(open_to_anybody(statement) for statement in statements(one.inputs.get(key), "Allow")):
                yield f"{one.name}: {key} is open to everybody"


def keeps_buckets_private(plan: Recording) -> Iterator[str]:
    """Each bucket blocks every public access, and owns what is put into it."""
    for bucket in _of(plan, BUCKET):
        blocks = _about(plan, bucket, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
        if not any(all(block.inputs.get(switch) is True for switch in BLOCKS) for block in blocks):
            yield f"{bucket.name}: public access is not blocked"
        if bucket.inputs.get("acl") or _about(plan, bucket, "aws:s3/bucketAcl:BucketAcl"):
            yield f"{bucket.name}: has an ACL"


def sets_failures_aside(plan: Recording) -> Iterator[str]:
    """A queue has a dead-letter queue, or is one; every dead-letter queue has an alarm that tells somebody."""
    letters = {urn for one in plan.registrations for urn in _dead_letters(one)}
    for queue in _of(plan, QUEUE):
        if queue.urn not in letters and not queue.inputs.get("redrivePolicy"):
            yield f"{queue.name}: what fails in it is lost"
        if queue.urn in letters and not any(alarm.inputs.get("alarmActions") for alarm in _about(plan, queue, ALARM)):
            yield f"{queue.name}: no alarm tells of dead letters"


def forgets_logs_in_time(plan: Recording) -> Iterator[str]:
    """Every log group has a retention, and every function a log group of that kind."""
    groups = _of(plan, LOG_GROUP)
    yield from (f"{group.name}: is kept for ever" for group in groups if not group.inputs.get("retentionInDays"))
    names = {group.inputs.get("name") for group in groups}
    for function in _of(plan, FUNCTION):
        if f"/aws/lambda/{_name(function)}" not in names:
            yield f"{function.name}: AWS would make its log group, and keep it for ever"


def keeps_names_short(plan: Recording) -> Iterator[str]:
    """Names in AWS fit their services, and no two resources of a type and region have the same one."""
    seen: dict[tuple[str, str, str], str] = {}
    for one in plan.registrations:
        name = _name(one)
        if len(name) > (limit := LONGEST_NAMES.get(one.type, 255)):
            yield f"{one.name}: {name!r} has {len(name)} characters, {one.type} takes {limit}"
        if name and TYPES[one.type].name and one.inputs.get(TYPES[one.type].name):
            scope = str(one.inputs.get("eventBusName") or one.inputs.get("apiId") or "")
            other = seen.setdefault((one.type, one.region, f"{scope}/{name}"), one.name)
            if other != one.name:
                yield f"{one.name}: is called {name} as {other} is"


def keeps_subnets_apart(plan: Recording) -> Iterator[str]:
    """Subnets lie inside their network and do not overlap."""
    networks = {one.urn: ipaddress.ip_network(one.inputs["cidrBlock"]) for one in _of(plan, "aws:ec2/vpc:Vpc")}
    subnets = _of(plan, "aws:ec2/subnet:Subnet")
    ranges = {one.name: ipaddress.ip_network(one.inputs["cidrBlock"]) for one in subnets}
    for subnet in subnets:
        if not any(ranges[subnet.name].subnet_of(networks[urn]) for urn in subnet.dependencies["vpcId"]):  # type: ignore[arg-type]  # both are IPv4
            yield f"{subnet.name}: {ranges[subnet.name]} lies outside of the network"
    for one, other in itertools.combinations(ranges, 2):
        if ranges[one].overlaps(ranges[other]):
            yield f"{one} and {other} overlap"


def admits_no_stranger(plan: Recording) -> Iterator[str]:
    """No security group takes connections from everywhere."""
    for rule in _of(plan, "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"):
        if rule.inputs.get("cidrIpv4") == "0.0.0.0/0" or rule.inputs.get("cidrIpv6") == "::/0":
            yield f"{rule.name}: takes connections from everywhere"
    for group in _of(plan, "aws:ec2/securityGroup:SecurityGroup"):
        if group.inputs.get("ingress"):
            yield f"{group.name}: has rules of its own, which nobody judges"


def tells_of_alarms(plan: Recording) -> Iterator[str]:
    """Every alarm reaches somebody: it, or one that is made from it, has an action."""
    composites = _of(plan, "aws:cloudwatch/compositeAlarm:CompositeAlarm")
    for alarm in _of(plan, ALARM):
        heard = alarm.inputs.get("alarmActions") or any(alarm.urn in one.depends_on for one in composites)
        if not heard:
            yield f"{alarm.name}: nobody hears it"


def names_arns_that_are_there(plan: Recording) -> Iterator[str]:
    """A policy names no function, table, queue, topic or role of this stack that the stack does not have."""
    known = {str(value) for state in plan.states.values() for value in state.outputs.values() if _is_arn(value)}
    known |= {state.id for state in plan.states.values() if _is_arn(state.id)}
    for one in plan.registrations:
        if "policy" not in one.inputs:
            continue
        for arn in OUR_ARN.findall(str(one.inputs["policy"])):
            fixed = arn.partition("*")[0].rstrip("/:")
            if _of_this_stack(plan, arn) and not any(
                other.startswith(fixed) or arn.startswith(other) for other in known
            ):
                yield f"{one.name}: its policy names {arn}, which is not there"


PROPERTIES: tuple[Property, ...] = (
    refers_to_what_is_there,
    names_its_outputs,
    allows_only_what_is_named,
    trusts_nobody_unnamed,
    keeps_buckets_private,
    sets_failures_aside,
    forgets_logs_in_time,
    keeps_names_short,
    keeps_subnets_apart,
    admits_no_stranger,
    tells_of_alarms,
    names_arns_that_are_there,
)


def faults(plan: Recording) -> list[str]:
    """All faults of a stack, each with the property that it breaks."""
    return [f"{one.__name__}: {fault}" for one in PROPERTIES for fault in one(plan)]


def _of(plan: Recording, *types: str) -> list[Registration]:
    return [one for one in plan.registrations if one.type in types]


def _about(plan: Recording, resource: Registration, kind: str) -> list[Registration]:
    return [one for one in _of(plan, kind) if any(resource.urn in urns for urns in one.dependencies.values())]


def _allowed(plan: Recording) -> Iterator[tuple[Registration, dict[str, Any]]]:
    for one in _of(plan, "aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy", "aws:iam/role:Role"):
        inline = [entry.get("policy") for entry in many(one.inputs.get("inlinePolicies"))]
        for document in (one.inputs.get("policy"), *inline):
            yield from ((one, dict(statement)) for statement in statements(document, "Allow"))


def _dead_letters(one: Registration) -> Iterator[str]:
    """URNs of the queues that a resource puts aside what it cannot handle."""
    yield from one.dependencies.get("redrivePolicy", ())
    yield from one.dependencies.get("deadLetterConfig", ())
    yield from one.dependencies.get("destinationConfig", ())
    target = one.inputs.get("target")
    if isinstance(target, dict) and "deadLetterConfig" in target:
        yield from one.dependencies.get("target", ())
    if "deadLetter" in str(one.inputs.get("sourceParameters", "")):
        yield from one.dependencies.get("sourceParameters", ())


def _name(one: Registration) -> str:
    kind = TYPES.get(one.type)
    return physical_name(one, kind) if kind else ""


def _is_arn(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("arn:")


def _of_this_stack(plan: Recording, arn: str) -> bool:
    return f"{plan.project}-{plan.stack}" in arn and not any(kind in arn for kind in MADE_LATER)
