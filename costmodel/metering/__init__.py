"""Metering: from the declared resources and what the users do to billable quantities.

One file per AWS service. Every resource type stands in exactly one of three places: ``METERS``, ``FREE`` or
``NOT_COVERED``; a type in none of them is reported as not covered, never skipped.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from itertools import chain

from costmodel.inventory import Inventory, Resource
from costmodel.metering import (
    alb,
    apigateway,
    athena,
    audit,
    backup,
    cloudfront,
    cloudwatch,
    cognito,
    dynamodb,
    ecr,
    ecs,
    elasticache,
    eventbridge,
    fargate,
    interactions,
    ivs,
    kms,
    lambda_,
    mediaconvert,
    moderation,
    pipes,
    s3,
    secretsmanager,
    sns,
    sqs,
    vpc,
    waf,
)
from costmodel.metering.context import Context, Finding, Free, Gap, Meter, Rules, Values
from costmodel.metering.stated import Stated, with_stated
from costmodel.metering.usage_keys import USAGE_KEYS
from costmodel.tables import Activity, Coverage, Quantity

__all__ = ["FREE", "METERS", "NOT_COVERED", "USAGE_KEYS", "Context", "Gap", "meter", "meter_resource"]


def _in_turn(*meters: Meter) -> Meter:
    """Several meters of one type: what a function costs itself, and what it has other services do."""
    return lambda resource, context: chain.from_iterable(one(resource, context) for one in meters)


METERS: Mapping[str, Meter] = {
    "aws:accessanalyzer/analyzer:Analyzer": audit.analyzer,
    "aws:apigatewayv2/api:Api": apigateway.api,
    "aws:athena/workgroup:Workgroup": athena.workgroup,
    "aws:backup/vault:Vault": backup.vault,
    "aws:cloudfront/distribution:Distribution": cloudfront.distribution,
    "aws:cloudtrail/trail:Trail": audit.trail,
    "aws:cloudwatch/compositeAlarm:CompositeAlarm": cloudwatch.composite_alarm,
    "aws:cloudwatch/dashboard:Dashboard": cloudwatch.dashboard,
    "aws:cloudwatch/eventArchive:EventArchive": eventbridge.archive,
    "aws:cloudwatch/eventBus:EventBus": eventbridge.bus,
    "aws:cloudwatch/eventRule:EventRule": eventbridge.rule,
    "aws:cloudwatch/logDelivery:LogDelivery": cloudwatch.log_delivery,
    "aws:cloudwatch/logGroup:LogGroup": cloudwatch.log_group,
    "aws:cloudwatch/metricAlarm:MetricAlarm": cloudwatch.metric_alarm,
    "aws:cognito/userPool:UserPool": cognito.user_pool,
    "aws:dynamodb/table:Table": dynamodb.table,
    "aws:ec2/eip:Eip": vpc.elastic_ip,
    "aws:ec2/flowLog:FlowLog": audit.flow_log,
    "aws:ec2/natGateway:NatGateway": vpc.nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": vpc.endpoint,
    "aws:ecr/repository:Repository": ecr.repository,
    "aws:ecs/cluster:Cluster": ecs.cluster,
    "aws:ecs/service:Service": fargate.service,
    "aws:ecs/taskDefinition:TaskDefinition": fargate.task_definition,
    "aws:elasticache/replicationGroup:ReplicationGroup": elasticache.replication_group,
    "aws:guardduty/detector:Detector": audit.detector,
    "aws:ivs/channel:Channel": ivs.channel,
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": interactions.firehose,
    "aws:kinesis/stream:Stream": interactions.stream,
    "aws:kms/key:Key": kms.key,
    "aws:lambda/function:Function": _in_turn(lambda_.function, moderation.calls),
    "aws:lb/loadBalancer:LoadBalancer": alb.load_balancer,
    "aws:mediaconvert/queue:Queue": mediaconvert.queue,
    "aws:pipes/pipe:Pipe": pipes.pipe,
    "aws:s3/bucket:Bucket": s3.bucket,
    "aws:secretsmanager/secret:Secret": secretsmanager.secret,
    "aws:sns/topic:Topic": sns.topic,
    "aws:sqs/queue:Queue": sqs.queue,
    "aws:wafv2/webAcl:WebAcl": waf.web_acl,
}
"""What AWS bills for, by resource type."""

_IAM = "identities and permissions cost nothing"
_SETTING = "a setting of the bucket; storage and requests are priced with the bucket"
_NETWORK = "a part of the network that costs nothing by itself"
_POLICY = "a policy of the distribution; traffic is priced with the distribution"
_SCALING = "a setting of the service; its tasks are priced with the service"
_BALANCER = "a part of the load balancer and priced with it"
_GATEWAY = "a part of the gateway; its requests are billed with the gateway"
_TOPIC = "a setting of the topic; deliveries are billed with the topic"
_DELIVERY = "a setting of the delivery, which has an answer of its own"
_COST_TOOL = "AWS's own cost tools cost nothing at this use (two budgets, anomaly detection)"

FREE: Mapping[str, str] = {
    "aws:apigatewayv2/authorizer:Authorizer": _GATEWAY,
    "aws:apigatewayv2/integration:Integration": _GATEWAY,
    "aws:apigatewayv2/route:Route": _GATEWAY,
    "aws:apigatewayv2/stage:Stage": _GATEWAY,
    "aws:backup/selection:Selection": "a setting of the backup plan; what it keeps is billed with the vault",
    "aws:backup/plan:Plan": "a schedule; what it keeps is billed with the vault",
    "aws:budgets/budget:Budget": _COST_TOOL,
    "aws:cloudfront/keyGroup:KeyGroup": _POLICY,
    "aws:cloudfront/publicKey:PublicKey": _POLICY,
    "aws:acm/certificate:Certificate": "public certificates cost nothing",
    "aws:acm/certificateValidation:CertificateValidation": "a step of making a certificate, which costs nothing",
    "aws:cloudwatch/logDeliveryDestination:LogDeliveryDestination": _DELIVERY,
    "aws:cloudwatch/logDeliverySource:LogDeliverySource": _DELIVERY,
    "aws:route53/record:Record": "a part of its zone; aliases of AWS resources are looked up for nothing",
    "aws:cloudwatch/logStream:LogStream": "a part of its log group, which is priced",
    "aws:cognito/userPoolClient:UserPoolClient": "a part of the user pool; users are billed with the pool",
    "aws:costexplorer/anomalyMonitor:AnomalyMonitor": _COST_TOOL,
    "aws:costexplorer/anomalySubscription:AnomalySubscription": _COST_TOOL,
    "aws:costexplorer/costAllocationTag:CostAllocationTag": _COST_TOOL,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": _NETWORK,
    "aws:elasticache/subnetGroup:SubnetGroup": "a setting of the cache; its nodes are billed with the cache",
    "aws:glue/catalogDatabase:CatalogDatabase": "the first million objects of the catalog cost nothing",
    "aws:glue/catalogTable:CatalogTable": "the first million objects of the catalog cost nothing",
    "aws:ivs/recordingConfiguration:RecordingConfiguration": "a setting of the channel; recordings are billed by S3",
    "aws:ivschat/loggingConfiguration:LoggingConfiguration": "a setting of the room; its log is priced",
    "aws:lambda/eventSourceMapping:EventSourceMapping": "a setting of the function; its calls are billed with it",
    "aws:lb/listenerRule:ListenerRule": _BALANCER,
    "aws:s3/bucketReplicationConfig:BucketReplicationConfig": _SETTING,
    "aws:secretsmanager/secretVersion:SecretVersion": "a part of the secret, which is billed",
    "aws:sns/topicPolicy:TopicPolicy": _TOPIC,
    "aws:sns/topicSubscription:TopicSubscription": _TOPIC,
    "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": "a setting; its log group is priced",
    "tls:index/privateKey:PrivateKey": "exists only in Pulumi's state",
    "aws:appautoscaling/policy:Policy": _SCALING,
    "aws:appautoscaling/target:Target": _SCALING,
    "aws:cloudfront/cachePolicy:CachePolicy": _POLICY,
    "aws:cloudfront/originAccessControl:OriginAccessControl": _POLICY,
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": _POLICY,
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": _POLICY,
    "aws:cloudfront/vpcOrigin:VpcOrigin": "VPC origins cost nothing; traffic is priced with the distribution",
    "aws:cloudwatch/eventTarget:EventTarget": "a delivery costs nothing; its event is priced with the rule",
    "aws:ec2/internetGateway:InternetGateway": _NETWORK,
    "aws:ec2/route:Route": _NETWORK,
    "aws:ec2/routeTable:RouteTable": _NETWORK,
    "aws:ec2/routeTableAssociation:RouteTableAssociation": _NETWORK,
    "aws:ec2/securityGroup:SecurityGroup": _NETWORK,
    "aws:ec2/subnet:Subnet": _NETWORK,
    "aws:ec2/vpc:Vpc": _NETWORK,
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": "a setting of the repository; images are priced with the repository",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": "a setting of the cluster",
    "aws:iam/role:Role": _IAM,
    "aws:iam/rolePolicy:RolePolicy": _IAM,
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": _IAM,
    "aws:lambda/permission:Permission": _IAM,
    "aws:lb/listener:Listener": _BALANCER,
    "aws:lb/targetGroup:TargetGroup": _BALANCER,
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration": _SETTING,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": _SETTING,
    "aws:s3/bucketNotification:BucketNotification": "a setting of the bucket; its events are priced with their rule",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": _SETTING,
    "aws:s3/bucketPolicy:BucketPolicy": _SETTING,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": _SETTING,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": _SETTING,
    "aws:s3/bucketVersioning:BucketVersioning": _SETTING,
    "aws:sqs/queuePolicy:QueuePolicy": _IAM,
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule": _NETWORK,
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule": _NETWORK,
    "pulumi:providers:aws": "exists only in Pulumi",
    "pulumi:pulumi:Stack": "exists only in Pulumi",
}
"""What AWS does not charge for, with the reason."""

_NO_LOAD = "billed by use, and how much the platform's features are used is not modelled yet"

NOT_COVERED: Mapping[str, str] = {
    "aws:ivschat/room:Room": "billed a message sent and a message delivered, of which no source gives the price",
}
"""What AWS bills for and no meter counts yet, with the reason."""

COMPONENT = "a component: it groups resources and exists only in Pulumi"


def meter(
    inventory: Inventory, activity: Activity, assumptions: Values, book: Rules, stated: Stated | None = None
) -> tuple[list[Quantity], Coverage]:
    """What each resource uses, month by month, and what became of every resource.

    Args:
        inventory: the declared resources.
        activity: what the users do.
        assumptions: values by key.
        book: billing rules and multipliers (prices are not needed yet).
        stated: numbers that take the place of what a meter would estimate.

    Returns:
        Quantities in the order of the inventory, and the coverage of all of its URNs.

    Raises:
        InventoryError: a resource says something that contradicts itself (a malformed ladder).
    """
    context = Context(inventory, activity, assumptions, book)
    quantities: list[Quantity] = []
    priced: list[str] = []
    free: dict[str, str] = {}
    not_covered: dict[str, str] = {}
    gaps: dict[str, tuple[str, ...]] = {}
    closed_by: dict[tuple[str, str], tuple[str, ...]] = {}
    for resource in inventory.resources.values():
        findings = meter_resource(resource, context, stated or {})
        counted = [finding for finding in findings if isinstance(finding, Quantity)]
        open_gaps = [finding for finding in findings if isinstance(finding, Gap)]
        missing = tuple(gap.reason for gap in open_gaps)
        closed_by |= {(resource.urn, gap.reason): gap.closed_by for gap in open_gaps if gap.closed_by}
        if counted:
            quantities += counted
            priced.append(resource.urn)
            if missing:
                gaps[resource.urn] = missing
        elif missing:
            not_covered[resource.urn] = "; ".join(missing)
        else:
            free[resource.urn] = "; ".join(finding.reason for finding in findings if isinstance(finding, Free))
    return quantities, Coverage(tuple(priced), free, not_covered, gaps, closed_by)


def meter_resource(resource: Resource, context: Context, stated: Stated) -> list[Finding]:
    """What becomes of one resource: quantities, gaps, or the reason why it is free."""
    findings = _findings(resource, context)
    if resource.urn in stated:
        return with_stated(findings, resource, stated[resource.urn], context)
    return findings


def _findings(resource: Resource, context: Context) -> list[Finding]:
    if resource.type in METERS:
        found = list(METERS[resource.type](resource, context))
        if not found:
            raise AssertionError(f"the meter of {resource.type} answered nothing for {resource.name}")
        return found
    if resource.type in FREE:
        return [Free(FREE[resource.type])]
    if resource.type in NOT_COVERED:
        return [Gap(NOT_COVERED[resource.type])]
    if not resource.custom:
        return [Free(COMPONENT)]
    provider = resource.type.partition(":")[0]
    if provider == "pulumi":
        return [Free("exists only in Pulumi")]
    return [
        Gap(_unknown_type(resource.type) if provider == "aws" else f"of the provider {provider}: only AWS is priced")
    ]


def _unknown_type(token: str) -> str:
    near = difflib.get_close_matches(token, [*METERS, *FREE, *NOT_COVERED], n=1, cutoff=0.9)
    hint = f"; the nearest known type is {near[0]}" if near else ""
    return f"no meter for this type yet ({token}{hint})"
