"""Each rule with a stack that it passes and one that it finds something in; the first resource is the one judged."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest

from infra.policies import compute, delivery, identity, messaging, network, operations, storage
from infra.policies.rule import Rule
from infra.policies.rules import RULES
from infra.policies.stack import Resource, Stack

RULE: dict[str, Rule] = {rule.id: rule for rule in RULES}

URN = "urn:pulumi:test::reelplan::"


def res(
    name: str, kind: str, made_from: dict[str, str] | None = None, /, protected: bool = False, **inputs: Any
) -> Resource:
    """A resource; ``made_from``: input -> "TYPE::NAME" of another one."""
    dependencies = {prop: [URN + target] for prop, target in (made_from or {}).items()}
    return Resource(f"{URN}{kind}::{name}", kind, name, inputs, dependencies=dependencies, protected=protected)


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str = "arn:aws:s3:::b/*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def task(**container: Any) -> Resource:
    sound = {
        "name": "api",
        "readonlyRootFilesystem": True,
        "user": "65532",
        "logConfiguration": {"logDriver": "awslogs"},
    }
    return res("t", compute.TASK, containerDefinitions=json.dumps([{**sound, **container}]))


def distribution(**inputs: Any) -> Resource:
    return res("d", delivery.DISTRIBUTION, {"origins": OF_BUCKET, "webAclId": f"{delivery.WEB_ACL}::w"}, **inputs)


def pool(**inputs: Any) -> Resource:
    return res("u", identity.POOL, **inputs)


def role_policy(*statements: dict[str, Any]) -> Resource:
    return res("r", identity.ROLE_POLICY, policy=policy(*statements))


def managed_policy(*statements: dict[str, Any]) -> Resource:
    return res("m", identity.POLICY, policy=policy(*statements))


def balancer(**inputs: Any) -> Resource:
    return res("lb", network.BALANCER, **inputs)


def listener(**inputs: Any) -> Resource:
    return res("l", network.LISTENER, {"loadBalancerArn": f"{network.BALANCER}::lb"}, **inputs)


def cache(**inputs: Any) -> Resource:
    return res("c", operations.CACHE, **inputs)


def feature(name: str, status: str = "ENABLED") -> Resource:
    made_from = {"detectorId": f"{operations.DETECTOR}::g"}
    return res(name, operations.DETECTOR_FEATURE, made_from, name=name, status=status)


def endpoint(service: str) -> Resource:
    made_from = {"vpcId": f"{network.VPC}::v"}
    return res(service, network.ENDPOINT, made_from, serviceName=f"com.amazonaws.eu-west-1.{service}")


OF_BUCKET = f"{storage.BUCKET}::b"
BUCKET = res("b", storage.BUCKET)
ANYBODY = {"Principal": "*"}
OPEN_BLOCK = res("x", storage.PUBLIC_ACCESS, {"bucket": OF_BUCKET}, blockPublicAcls=True)
FULL_BLOCK = res(
    "x", storage.PUBLIC_ACCESS, {"bucket": OF_BUCKET}, **dict.fromkeys(storage.PUBLIC_ACCESS_SWITCHES, True)
)
S3_ORIGIN = {"originId": "media", "domainName": "b.s3.eu-west-1.amazonaws.com"}
OAC = {**S3_ORIGIN, "originAccessControlId": "E1"}
VPC = res("v", network.VPC)
QUEUE = res("q", messaging.QUEUE)
OF_QUEUE = f"{messaging.QUEUE}::q"
FUNCTION = res("f", compute.FUNCTION, runtime="python3.13")
CALLED = res("p", compute.PERMISSION, {"function": f"{compute.FUNCTION}::f"}, principal="events.amazonaws.com")
DETECTOR = res("g", operations.DETECTOR, enable=True)
TLS_DENY = {
    "Effect": "Deny",
    "Principal": "*",
    "Action": "s3:*",
    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
}
STRONG = {"minimumLength": 12, **dict.fromkeys(identity.PASSWORD_RULES, True)}
TAGS = {"app": "reelplan", "env": "dev", "component": "x"}


def bucket_policy(*statements: dict[str, Any]) -> Resource:
    return res("bp", storage.POLICY, {"bucket": OF_BUCKET}, policy=policy(*statements))


def side(kind: str, of: str, prop: str, **inputs: Any) -> Resource:
    return res("side", kind, {prop: of}, **inputs)


def default_behavior(**inputs: Any) -> dict[str, Any]:
    return {"targetOriginId": "media", "viewerProtocolPolicy": "https-only", **inputs}


Case = tuple[Sequence[Resource], Sequence[Resource]]
"""What passes, what fails."""

CASES: dict[str, Case] = {
    "S3.2": ([BUCKET, FULL_BLOCK], [BUCKET, bucket_policy(allow("s3:GetObject", **ANYBODY))]),
    "S3.3": ([BUCKET, FULL_BLOCK], [BUCKET, bucket_policy(allow("s3:PutObject", **ANYBODY))]),
    "S3.5": ([BUCKET, bucket_policy(TLS_DENY)], [BUCKET, bucket_policy(allow("s3:GetObject"))]),
    "S3.6": (
        [BUCKET, bucket_policy(allow("s3:GetObject", Principal={"AWS": "arn:aws:iam::111122223333:root"}))],
        [BUCKET, bucket_policy(allow("s3:PutBucketPolicy", Principal={"AWS": "arn:aws:iam::111122223333:root"}))],
    ),
    "S3.8": ([BUCKET, FULL_BLOCK], [BUCKET, OPEN_BLOCK]),
    "S3.9": ([BUCKET, side("aws:s3/bucketLogging:BucketLogging", OF_BUCKET, "bucket")], [BUCKET]),
    "S3.12": (
        [
            BUCKET,
            side(
                "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
                OF_BUCKET,
                "bucket",
                rule={"objectOwnership": "BucketOwnerEnforced"},
            ),
        ],
        [BUCKET],
    ),
    "S3.13": ([BUCKET, side(storage.LIFECYCLE, OF_BUCKET, "bucket")], [BUCKET]),
    "RP.1": (
        [BUCKET, side(storage.LIFECYCLE, OF_BUCKET, "bucket", rules=[{"abortIncompleteMultipartUpload": {"days": 1}}])],
        [BUCKET, side(storage.LIFECYCLE, OF_BUCKET, "bucket", rules=[{"expiration": {"days": 1}}])],
    ),
    "DynamoDB.1": ([res("t", storage.TABLE, billingMode="PAY_PER_REQUEST")], [res("t", storage.TABLE)]),
    "DynamoDB.2": ([res("t", storage.TABLE, pointInTimeRecovery={"enabled": True})], [res("t", storage.TABLE)]),
    "DynamoDB.6": ([res("t", storage.TABLE, deletionProtectionEnabled=True)], [res("t", storage.TABLE)]),
    "CloudFront.1": ([distribution(defaultRootObject="index.html")], [distribution()]),
    "CloudFront.3": (
        [distribution(defaultCacheBehavior=default_behavior())],
        [distribution(defaultCacheBehavior=default_behavior(viewerProtocolPolicy="allow-all"))],
    ),
    "CloudFront.4": ([distribution(originGroups=[{"originId": "g"}])], [distribution()]),
    "CloudFront.5": (
        [distribution(), side(delivery.LOG_SOURCE, f"{delivery.DISTRIBUTION}::d", "resourceArn")],
        [distribution()],
    ),
    "CloudFront.6": ([distribution(webAclId="arn")], [res("d", delivery.DISTRIBUTION)]),
    "CloudFront.7": (
        [distribution(viewerCertificate={"acmCertificateArn": "arn"})],
        [distribution(viewerCertificate={"cloudfrontDefaultCertificate": True})],
    ),
    "CloudFront.8": (
        [distribution(viewerCertificate={"sslSupportMethod": "sni-only"})],
        [distribution(viewerCertificate={"sslSupportMethod": "vip"})],
    ),
    "CloudFront.9": (
        [distribution(origins=[{"customOriginConfig": {"originProtocolPolicy": "https-only"}}])],
        [distribution(origins=[{"customOriginConfig": {"originProtocolPolicy": "http-only"}}])],
    ),
    "CloudFront.10": (
        [distribution(origins=[{"customOriginConfig": {"originSslProtocols": ["TLSv1.2"]}}])],
        [distribution(origins=[{"customOriginConfig": {"originSslProtocols": ["TLSv1.2", "SSLv3"]}}])],
    ),
    "CloudFront.12": ([distribution(origins=[OAC]), BUCKET], [distribution(origins=[OAC])]),
    "CloudFront.13": ([distribution(origins=[OAC])], [distribution(origins=[S3_ORIGIN])]),
    "CloudFront.15": (
        [distribution(viewerCertificate={"minimumProtocolVersion": "TLSv1.2_2021"})],
        [distribution(viewerCertificate={"minimumProtocolVersion": "TLSv1.1_2016"})],
    ),
    "CloudFront.16": (
        [distribution(origins=[{"domainName": "x.lambda-url.eu-west-1.on.aws", "originAccessControlId": "E1"}])],
        [distribution(origins=[{"domainName": "x.lambda-url.eu-west-1.on.aws"}])],
    ),
    "CloudFront.17": (
        [distribution(defaultCacheBehavior=default_behavior(trustedKeyGroups=["k"]))],
        [distribution(defaultCacheBehavior=default_behavior(trustedSigners=["self"]))],
    ),
    "RP.2": (
        [distribution(origins=[OAC], defaultCacheBehavior=default_behavior(trustedKeyGroups=["k"]))],
        [distribution(origins=[OAC], defaultCacheBehavior=default_behavior())],
    ),
    "WAF.10": ([res("w", delivery.WEB_ACL, rules=[{"name": "rate"}])], [res("w", delivery.WEB_ACL)]),
    "WAF.12": (
        [res("w", delivery.WEB_ACL, rules=[{"visibilityConfig": {"cloudwatchMetricsEnabled": True}}])],
        [res("w", delivery.WEB_ACL, rules=[{"visibilityConfig": {"cloudwatchMetricsEnabled": False}}])],
    ),
    "ACM.2": (
        [res("c", delivery.CERTIFICATE, keyAlgorithm="RSA_2048")],
        [res("c", delivery.CERTIFICATE, keyAlgorithm="RSA_1024")],
    ),
    "Route53.2": (
        [
            res("z", "aws:route53/zone:Zone"),
            side("aws:route53/queryLog:QueryLog", "aws:route53/zone:Zone::z", "zoneId"),
        ],
        [res("z", "aws:route53/zone:Zone")],
    ),
    "APIGateway.8": ([res("r", delivery.ROUTE, authorizationType="JWT")], [res("r", delivery.ROUTE)]),
    "APIGateway.9": ([res("s", delivery.STAGE, accessLogSettings={"format": "x"})], [res("s", delivery.STAGE)]),
    "Lambda.1": (
        [res("p", compute.PERMISSION, principal="*", sourceArn="arn")],
        [res("p", compute.PERMISSION, principal="*")],
    ),
    "Lambda.2": ([FUNCTION], [res("f", compute.FUNCTION, runtime="python3.8")]),
    "Lambda.5": (
        [res("f", compute.FUNCTION, vpcConfig={"subnetIds": ["a", "b"]})],
        [res("f", compute.FUNCTION, vpcConfig={"subnetIds": ["a"]})],
    ),
    "RP.3": (
        [res("u", compute.FUNCTION_URL, authorizationType="AWS_IAM")],
        [res("u", compute.FUNCTION_URL, authorizationType="NONE")],
    ),
    "StepFunctions.1": (
        [res("m", compute.MACHINE, loggingConfiguration={"level": "ERROR"})],
        [res("m", compute.MACHINE)],
    ),
    "ECS.2": (
        [res("s", compute.SERVICE, networkConfiguration={"assignPublicIp": False})],
        [res("s", compute.SERVICE, networkConfiguration={"assignPublicIp": True})],
    ),
    "ECS.3": ([task()], [res("t", compute.TASK, pidMode="host")]),
    "ECS.4": ([task()], [task(privileged=True)]),
    "ECS.5": ([task()], [task(readonlyRootFilesystem=False)]),
    "ECS.8": ([task()], [task(environment=[{"name": "AWS_SECRET_ACCESS_KEY", "value": "x"}])]),
    "ECS.9": ([task()], [task(logConfiguration=None)]),
    "ECS.10": ([res("s", compute.SERVICE)], [res("s", compute.SERVICE, platformVersion="1.3.0")]),
    "ECS.12": (
        [res("c", compute.CLUSTER, settings=[{"name": "containerInsights", "value": "enhanced"}])],
        [res("c", compute.CLUSTER, settings=[{"name": "containerInsights", "value": "disabled"}])],
    ),
    "ECS.20": ([task()], [task(user="root")]),
    "ECR.1": (
        [res("e", compute.REPOSITORY, imageScanningConfiguration={"scanOnPush": True})],
        [res("e", compute.REPOSITORY)],
    ),
    "ECR.2": ([res("e", compute.REPOSITORY, imageTagMutability="IMMUTABLE")], [res("e", compute.REPOSITORY)]),
    "ECR.3": (
        [
            res("e", compute.REPOSITORY),
            side("aws:ecr/lifecyclePolicy:LifecyclePolicy", f"{compute.REPOSITORY}::e", "repository"),
        ],
        [res("e", compute.REPOSITORY)],
    ),
    "SageMaker.4": (
        [
            res(
                "e",
                "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
                productionVariants=[{"initialInstanceCount": 2}],
            )
        ],
        [
            res(
                "e",
                "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
                productionVariants=[{"initialInstanceCount": 1}],
            )
        ],
    ),
    "SageMaker.5": (
        [res("m", "aws:sagemaker/model:Model", enableNetworkIsolation=True)],
        [res("m", "aws:sagemaker/model:Model")],
    ),
    "EC2.2": ([VPC, side(network.DEFAULT_GROUP, f"{network.VPC}::v", "vpcId")], [VPC]),
    "EC2.6": ([VPC, side("aws:ec2/flowLog:FlowLog", f"{network.VPC}::v", "vpcId")], [VPC]),
    "EC2.10": ([VPC, endpoint("ec2")], [VPC, endpoint("s3")]),
    "EC2.55": ([VPC, endpoint("ecr.api")], [VPC, endpoint("ecr.dkr")]),
    "EC2.56": ([VPC, endpoint("ecr.dkr")], [VPC, endpoint("ecr.api")]),
    "EC2.15": ([res("s", network.SUBNET)], [res("s", network.SUBNET, mapPublicIpOnLaunch=True)]),
    "EC2.18": (
        [res("i", network.INGRESS, cidrIpv4="0.0.0.0/0", fromPort=443, toPort=443)],
        [res("i", network.INGRESS, cidrIpv4="0.0.0.0/0", fromPort=443, toPort=444)],
    ),
    "EC2.19": (
        [res("i", network.INGRESS, cidrIpv4="10.0.0.0/8", fromPort=22, toPort=22)],
        [res("i", network.GROUP, ingress=[{"cidrBlocks": ["0.0.0.0/0"], "fromPort": 20, "toPort": 30}])],
    ),
    "EC2.21": (
        [
            res(
                "n",
                "aws:ec2/networkAcl:NetworkAcl",
                ingress=[{"action": "allow", "cidrBlock": "10.0.0.0/8", "fromPort": 22}],
            )
        ],
        [
            res(
                "n",
                "aws:ec2/networkAcl:NetworkAcl",
                ingress=[{"action": "allow", "cidrBlock": "0.0.0.0/0", "protocol": "-1"}],
            )
        ],
    ),
    "ELB.1": (
        [balancer(), listener(protocol="HTTP", defaultActions=[{"type": "redirect"}])],
        [balancer(), listener(protocol="HTTP", defaultActions=[{"type": "forward"}])],
    ),
    "ELB.4": ([balancer(dropInvalidHeaderFields=True)], [balancer()]),
    "ELB.5": ([balancer(accessLogs={"enabled": True})], [balancer()]),
    "ELB.6": ([balancer(enableDeletionProtection=True)], [balancer()]),
    "ELB.12": ([balancer()], [balancer(desyncMitigationMode="monitor")]),
    "ELB.13": ([balancer(subnets=["a", "b"])], [balancer(subnets=["a"])]),
    "ELB.17": (
        [listener(protocol="HTTPS", sslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06")],
        [listener(protocol="HTTPS", sslPolicy="ELBSecurityPolicy-2016-08")],
    ),
    "ELB.18": ([listener(protocol="HTTPS")], [listener(protocol="HTTP")]),
    "SQS.1": ([res("q", messaging.QUEUE, sqsManagedSseEnabled=True)], [QUEUE]),
    "SQS.3": (
        [
            res(
                "p",
                messaging.QUEUE_POLICY,
                policy=policy(allow("sqs:SendMessage", Principal={"Service": "s3.amazonaws.com"})),
            )
        ],
        [res("p", messaging.QUEUE_POLICY, policy=policy(allow("sqs:SendMessage", **ANYBODY)))],
    ),
    "SNS.4": (
        [res("p", messaging.TOPIC_POLICY, policy=policy(allow("sns:Publish", Condition={"ArnLike": {}}, **ANYBODY)))],
        [res("p", messaging.TOPIC_POLICY, policy=policy(allow("sns:Publish", **ANYBODY)))],
    ),
    "SNS.1": ([res("t", messaging.TOPIC, kmsMasterKeyId="alias/aws/sns")], [res("t", messaging.TOPIC)]),
    "EventBridge.3": (
        [
            res("b", messaging.BUS),
            side("aws:cloudwatch/eventBusPolicy:EventBusPolicy", f"{messaging.BUS}::b", "eventBusName"),
        ],
        [res("b", messaging.BUS)],
    ),
    "Kinesis.1": ([res("k", messaging.STREAM, encryptionType="KMS")], [res("k", messaging.STREAM)]),
    "Kinesis.3": ([res("k", messaging.STREAM, retentionPeriod=168)], [res("k", messaging.STREAM, retentionPeriod=167)]),
    "DataFirehose.1": (
        [res("h", messaging.FIREHOSE, serverSideEncryption={"enabled": True})],
        [res("h", messaging.FIREHOSE)],
    ),
    "RP.4": (
        [QUEUE, res("other", messaging.QUEUE, {"redrivePolicy": OF_QUEUE}, redrivePolicy="{}")],
        [QUEUE, res("reader", messaging.MAPPING, {"eventSourceArn": OF_QUEUE})],
    ),
    "RP.5": (
        [res("f", compute.FUNCTION, deadLetterConfig={"targetArn": "arn"}), CALLED],
        [FUNCTION, CALLED],
    ),
    "RP.6": (
        [res("m", messaging.MAPPING, destinationConfig={"onFailure": {"destinationArn": "arn"}})],
        [res("m", messaging.MAPPING)],
    ),
    "RP.7": (
        [
            bucket_policy(
                allow(
                    "s3:GetObject",
                    Principal={"Service": "cloudfront.amazonaws.com"},
                    Condition={"ArnEquals": {"aws:SourceArn": "arn"}},
                )
            )
        ],
        [bucket_policy(allow("s3:GetObject", Principal={"Service": "cloudfront.amazonaws.com"}))],
    ),
    "RP.8": ([res("p", compute.PERMISSION, principal="events.amazonaws.com", sourceArn="arn")], [CALLED]),
    "IAM.1": ([role_policy(allow("s3:GetObject", "*"))], [role_policy(allow("*", "*"))]),
    "IAM.2": ([], [res("p", identity.USER_POLICY)]),
    "IAM.21": ([managed_policy(allow("s3:Get*"))], [managed_policy(allow("s3:*"))]),
    "RP.9": ([role_policy(allow("s3:GetObject"))], [role_policy(allow("s3:Get*"))]),
    "RP.10": ([role_policy(allow("ecr:GetAuthorizationToken", "*"))], [role_policy(allow("s3:GetObject", "*"))]),
    "KMS.1": (
        [managed_policy(allow("kms:Decrypt", "arn:aws:kms:eu-west-1:1:key/1"))],
        [managed_policy(allow("kms:Decrypt", "*"))],
    ),
    "KMS.2": (
        [role_policy(allow("kms:Decrypt", "arn:aws:kms:eu-west-1:1:key/1"))],
        [role_policy(allow("kms:Decrypt", "arn:aws:kms:eu-west-1:1:key/*"))],
    ),
    "KMS.4": ([res("k", identity.KEY, enableKeyRotation=True)], [res("k", identity.KEY)]),
    "KMS.5": (
        [res("k", identity.KEY, policy=policy(allow("kms:*", "*", Principal={"AWS": "arn:aws:iam::1:root"})))],
        [res("k", identity.KEY, policy=policy(allow("kms:*", "*", Principal={"AWS": "*"})))],
    ),
    "SecretsManager.1": (
        [res("s", identity.SECRET), side(identity.ROTATION, f"{identity.SECRET}::s", "secretId")],
        [res("s", identity.SECRET)],
    ),
    "SecretsManager.4": (
        [res("r", identity.ROTATION, rotationRules={"automaticallyAfterDays": 90})],
        [res("r", identity.ROTATION, rotationRules={"automaticallyAfterDays": 91})],
    ),
    "Cognito.1": ([pool(userPoolAddOns={"advancedSecurityMode": "ENFORCED"})], [pool()]),
    "Cognito.2": (
        [res("i", "aws:cognito/identityPool:IdentityPool")],
        [res("i", "aws:cognito/identityPool:IdentityPool", allowUnauthenticatedIdentities=True)],
    ),
    "Cognito.3": ([pool(passwordPolicy=STRONG)], [pool(passwordPolicy={**STRONG, "minimumLength": 7})]),
    "Cognito.4": (
        [pool(userPoolAddOns={"advancedSecurityAdditionalFlows": {"customAuthMode": "ENFORCED"}})],
        [pool(userPoolAddOns={"advancedSecurityMode": "ENFORCED"})],
    ),
    "Cognito.5": ([pool(mfaConfiguration="OPTIONAL")], [pool(mfaConfiguration="OFF")]),
    "Cognito.6": ([pool(deletionProtection="ACTIVE")], [pool()]),
    "CloudTrail.1": ([res("t", operations.TRAIL, isMultiRegionTrail=True)], [res("t", operations.TRAIL)]),
    "CloudTrail.2": ([res("t", operations.TRAIL, kmsKeyId="arn")], [res("t", operations.TRAIL)]),
    "CloudTrail.4": ([res("t", operations.TRAIL, enableLogFileValidation=True)], [res("t", operations.TRAIL)]),
    "CloudTrail.5": ([res("t", operations.TRAIL, cloudWatchLogsGroupArn="arn")], [res("t", operations.TRAIL)]),
    "GuardDuty.1": ([DETECTOR], [res("g", operations.DETECTOR, enable=False)]),
    "GuardDuty.6": ([DETECTOR, feature("LAMBDA_NETWORK_LOGS")], [DETECTOR]),
    "GuardDuty.10": ([DETECTOR, feature("S3_DATA_EVENTS")], [DETECTOR, feature("S3_DATA_EVENTS", "DISABLED")]),
    "GuardDuty.11": ([DETECTOR, feature("RUNTIME_MONITORING")], [DETECTOR]),
    "ElastiCache.1": ([cache(snapshotRetentionLimit=1)], [cache()]),
    "ElastiCache.2": ([cache()], [cache(autoMinorVersionUpgrade=False)]),
    "ElastiCache.3": ([cache(automaticFailoverEnabled=True)], [cache()]),
    "ElastiCache.4": ([cache(atRestEncryptionEnabled=True)], [cache()]),
    "ElastiCache.5": ([cache(transitEncryptionEnabled=True)], [cache()]),
    "ElastiCache.7": ([cache(subnetGroupName="own")], [cache()]),
    "Athena.4": (
        [res("w", operations.WORKGROUP)],
        [res("w", operations.WORKGROUP, configuration={"publishCloudwatchMetricsEnabled": False})],
    ),
    "RP.11": (
        [res("w", operations.WORKGROUP, configuration={"bytesScannedCutoffPerQuery": 10_000_000})],
        [res("w", operations.WORKGROUP)],
    ),
    "RP.12": ([res("l", operations.LOG_GROUP, retentionInDays=30)], [res("l", operations.LOG_GROUP)]),
    "RP.13": ([res("b", operations.BUDGET)], []),
    "RP.14": ([res("t", operations.TRAIL)], []),
    "RP.15": ([DETECTOR], []),
    "RP.16": ([res("b", storage.BUCKET, protected=True)], [BUCKET]),
    "RP.17": ([res("q", messaging.QUEUE, tags=TAGS)], [res("q", messaging.QUEUE, tags={"app": "reelplan"})]),
    "RP.18": (
        [res("a", "aws:cloudwatch/metricAlarm:MetricAlarm", alarmActions=["arn"])],
        [res("a", "aws:cloudwatch/metricAlarm:MetricAlarm")],
    ),
    "RP.19": (
        [
            res(
                "q",
                messaging.QUEUE,
                tags={"residency": "eu"},
                kmsMasterKeyId="arn:aws:kms:eu-west-1:123456789012:key/k",
            ),
            res("w", delivery.WEB_ACL, region="us-east-1"),
        ],
        [res("q", messaging.QUEUE, tags={"residency": "eu"}), res("b", storage.BUCKET, region="eu-west-2")],
    ),
    "RP.21": (
        [
            res("b", storage.BUCKET, tags={"reelplan:role": "raw"}),
            res("l", storage.LIFECYCLE, {"bucket": f"{storage.BUCKET}::b"}, rules=[{"expiration": {"days": 30}}]),
        ],
        [
            res("b", storage.BUCKET, tags={"reelplan:role": "raw"}),
            # Only a part of it expires.
            res(
                "l",
                storage.LIFECYCLE,
                {"bucket": f"{storage.BUCKET}::b"},
                rules=[{"filter": {"prefix": "a/"}, "expiration": {"days": 30}}],
            ),
        ],
    ),
    "RP.20": (
        [res("w", delivery.WEB_ACL, tags={"residency": "eu"}, visibilityConfig={"sampledRequestsEnabled": False})],
        [res("w", delivery.WEB_ACL, tags={"residency": "eu"}, visibilityConfig={"sampledRequestsEnabled": True})],
    ),
}


def messages(rule: Rule, resources: Sequence[Resource]) -> list[str]:
    stack = Stack("reelplan", "test", tuple(resources))
    subjects = rule.subjects(stack)
    subject = subjects[0] if rule.about_the_whole else next(iter(resources), None)
    if subject is None:
        return []
    assert subject in subjects, "the first resource of a case is one that the rule judges"
    return list(rule.check(subject, stack))


def test_every_rule_has_a_case_and_every_case_a_rule() -> None:
    assert set(CASES) == set(RULE)
    assert len(RULE) == len(RULES), "each id once"


@pytest.mark.parametrize("id", CASES)
def test_a_rule_passes_what_is_right(id: str) -> None:
    assert messages(RULE[id], CASES[id][0]) == []


@pytest.mark.parametrize("id", CASES)
def test_a_rule_finds_what_is_wrong(id: str) -> None:
    assert messages(RULE[id], CASES[id][1])
