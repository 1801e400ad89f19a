"""Every resource type of the slice has an answer, every meter a price in the regions of the book, every sku a name."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from costmodel.exports.words import load_words
from costmodel.inventory import load_inventory
from costmodel.ledger import CATEGORIES, SERVICE_CATEGORIES
from costmodel.metering import FREE, METERS, NOT_COVERED
from costmodel.plan import Plan, make_plan
from costmodel.pricing import PriceBook
from costmodel.scenario import load_scenario
from costmodel.tables import EDGES

PLATFORM = Path(__file__).parents[1] / "costmodel" / "inventories" / "platform.json"
SLICE = [
    "aws:appautoscaling/policy:Policy",
    "aws:appautoscaling/target:Target",
    "aws:cloudfront/cachePolicy:CachePolicy",
    "aws:cloudfront/distribution:Distribution",
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy",
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    "aws:cloudfront/vpcOrigin:VpcOrigin",
    "aws:cloudwatch/eventRule:EventRule",
    "aws:cloudwatch/eventTarget:EventTarget",
    "aws:cloudwatch/logGroup:LogGroup",
    "aws:cloudwatch/metricAlarm:MetricAlarm",
    "aws:dynamodb/table:Table",
    "aws:ec2/internetGateway:InternetGateway",
    "aws:ec2/route:Route",
    "aws:ec2/routeTable:RouteTable",
    "aws:ec2/routeTableAssociation:RouteTableAssociation",
    "aws:ec2/securityGroup:SecurityGroup",
    "aws:ec2/subnet:Subnet",
    "aws:ec2/vpc:Vpc",
    "aws:ec2/vpcEndpoint:VpcEndpoint",
    "aws:ecr/lifecyclePolicy:LifecyclePolicy",
    "aws:ecr/repository:Repository",
    "aws:ecs/cluster:Cluster",
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders",
    "aws:ecs/service:Service",
    "aws:ecs/taskDefinition:TaskDefinition",
    "aws:iam/role:Role",
    "aws:iam/rolePolicy:RolePolicy",
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
    "aws:lambda/function:Function",
    "aws:lambda/permission:Permission",
    "aws:lb/listener:Listener",
    "aws:lb/loadBalancer:LoadBalancer",
    "aws:lb/targetGroup:TargetGroup",
    "aws:mediaconvert/queue:Queue",
    "aws:s3/bucket:Bucket",
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    "aws:s3/bucketNotification:BucketNotification",
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    "aws:s3/bucketPolicy:BucketPolicy",
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    "aws:s3/bucketVersioning:BucketVersioning",
    "aws:sqs/queue:Queue",
    "aws:sqs/queuePolicy:QueuePolicy",
    "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule",
    "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
    "pulumi:providers:aws",
    "pulumi:pulumi:Stack",
]

REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-south-1", "ap-southeast-1", "ap-northeast-1", "sa-east-1")


@pytest.fixture(scope="module", params=REGIONS)
def plan(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Plan:
    """The whole platform in one of the regions that the price data cover."""
    document = json.loads(PLATFORM.read_text(encoding="utf-8")) | {"region": request.param}
    for record in document["resources"]:
        record["inputs"].pop("region", None)
    path = tmp_path_factory.mktemp(request.param) / "inventory.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return make_plan(load_inventory(path), load_scenario("niche"))


def test_every_type_has_exactly_one_answer() -> None:
    answers = Counter([*METERS, *FREE, *NOT_COVERED])
    assert [token for token, count in answers.items() if count > 1] == []
    assert [token for token in SLICE if token not in answers] == []


def test_every_type_of_the_fixture_is_of_the_slice() -> None:
    found = {resource.type for resource in load_inventory(PLATFORM).resources.values() if resource.custom}
    assert found - set(SLICE) == set()


def test_every_free_or_left_out_type_says_why() -> None:
    for token, reason in {**FREE, **NOT_COVERED}.items():
        assert len(reason.split()) >= 3, token


def test_every_meter_has_a_price_in_every_region_of_the_book(plan: Plan) -> None:
    assert plan.coverage.not_covered == {}
    assert len(plan.ledger) > 2000


def test_every_edge_has_its_prices() -> None:
    book = PriceBook.load()
    for edge in EDGES:
        for sku in ("dto", "req.https"):
            assert book.ladder("CloudFront", f"{sku}.{edge}", f"edge:{edge}", on=date.max).tiers


def test_every_priced_sku_has_a_name_for_readers(plan: Plan) -> None:
    words = load_words()
    aws = plan.ledger[plan.ledger["charge_category"] == "Usage"]
    skus = set(zip(aws["service_name"], aws["sku_id"], strict=True))
    assert {sku for sku in skus if not words.sku(*map(str, sku))} == set()


def test_every_category_and_edge_has_words() -> None:
    words = load_words()
    assert set(words.categories) == set(CATEGORIES) == set(SERVICE_CATEGORIES)
    assert set(words.regions) == {f"edge:{edge}" for edge in EDGES}
