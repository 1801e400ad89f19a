from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.emulator import provision
from infra.emulator.plan_provider import PlanProvider
from infra.emulator.provisioners import TYPES
from infra.emulator.recorder import record
from infra.emulator.recording import Registration
from infra.emulator.session import Session
from infra.errors import ProgramError
from infra.stackfile import StackFile, load_stack

MakeProject = Callable[..., Path]


def faults(root: Path) -> list[str]:
    with Session(load_stack(root, "dev")) as session, pytest.raises(ProgramError) as error:
        session.provision()
    return [str(fault) for fault in error.value.faults]


def test_the_minimal_program_stands(minimal: StackFile) -> None:
    with Session(minimal) as session:
        recording = session.provision()

        bucket = recording.outputs["bucketName"]
        assert session.client("s3").get_bucket_versioning(Bucket=bucket)["Status"] == "Enabled"
        tags = session.client("s3").get_bucket_tagging(Bucket=bucket)["TagSet"]
        assert tags == [{"Key": "role", "Value": "media"}]
        url = session.client("sqs").get_queue_url(QueueName="jobs-8a9fe19")["QueueUrl"]
        attributes = session.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        assert (attributes["VisibilityTimeout"], attributes["QueueArn"]) == ("30", recording.outputs["queueArn"])
    assert [result.status for result in session.results] == ["provisioned"] * 3


def test_the_same_through_a_server(minimal: StackFile) -> None:
    with Session(minimal, where="server") as session:
        recording = session.provision()

        names = [bucket["Name"] for bucket in session.client("s3").list_buckets()["Buckets"]]
        assert names == [recording.outputs["bucketName"]]
        assert session.endpoint.startswith("http://127.0.0.1:")


def test_two_sessions_give_the_same_states(minimal: StackFile) -> None:
    states = []
    for _ in range(2):
        with Session(minimal) as session:
            states.append(session.provision().states)

    assert states[0] == states[1]


def test_resources_go_to_their_own_region(make_project: MakeProject) -> None:
    root = make_project('aws.sqs.Queue("here")\naws.sqs.Queue("there", region="us-east-1")')

    with Session(load_stack(root, "dev")) as session:
        session.provision()

        assert len(session.client("sqs", "us-east-1").list_queues()["QueueUrls"]) == 1
        assert len(session.client("sqs", "eu-central-1").list_queues()["QueueUrls"]) == 1


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1"])
def test_a_bucket_is_made_in_its_region(make_project: MakeProject, region: str) -> None:
    root = make_project(f'aws.s3.Bucket("b", region="{region}")')

    with Session(load_stack(root, "dev")) as session:
        (state,) = session.provision().states.values()
        location = session.client("s3").get_bucket_location(Bucket=state.id)["LocationConstraint"]

    # S3 says "no location" for its first region.
    assert location == (None if region == "us-east-1" else region)


def test_default_tags_reach_the_resource(make_project: MakeProject) -> None:
    root = make_project('aws.sqs.Queue("q", name="q")', config="aws:defaultTags: {tags: {app: tiny}}")

    with Session(load_stack(root, "dev")) as session:
        session.provision()
        url = session.client("sqs").get_queue_url(QueueName="q")["QueueUrl"]

        assert session.client("sqs").list_queue_tags(QueueUrl=url)["Tags"] == {"app": "tiny"}


def test_a_security_group_lets_nothing_out_that_is_not_declared(make_project: MakeProject) -> None:
    root = make_project('vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")\naws.ec2.SecurityGroup("g", vpc_id=vpc.id)')

    with Session(load_stack(root, "dev")) as session:
        recording = session.provision()
        group = recording.states[recording.one("aws:ec2/securityGroup:SecurityGroup", "g").urn].id
        (found,) = session.client("ec2").describe_security_groups(GroupIds=[group])["SecurityGroups"]

    assert found["IpPermissionsEgress"] == []


# ---- what is refused: each with a planted breach ----


def test_a_type_without_an_entry_names_the_nearest(make_project: MakeProject) -> None:
    (fault,) = faults(make_project('aws.iot.Thing("t")'))

    assert fault.startswith("infra/__main__.py:3: aws:iot/thing:Thing t: found a type that has no provisioner")
    assert "add it to infra/emulator/provisioners" in fault


def test_an_input_that_goes_nowhere_fails_and_is_not_dropped(make_project: MakeProject) -> None:
    (fault,) = faults(make_project('aws.ec2.RouteTable("t", vpc_id="vpc-1", propagating_vgws=["vgw-1"])'))

    assert fault == (
        "infra/__main__.py:3: aws:ec2/routeTable:RouteTable t: propagatingVgws: found an input with no place in ec2"
        " CreateRouteTable: no member of CreateRouteTableRequest has its name, expected a mapping in"
        " infra/emulator/provisioners for aws:ec2/routeTable:RouteTable"
    )


def test_the_api_model_judges_enums_that_botocore_lets_pass(make_project: MakeProject) -> None:
    (fault,) = faults(
        make_project(
            'aws.dynamodb.Table("t", billing_mode="FREE", hash_key="pk", attributes=[{"name": "pk", "type": "S"}])'
        )
    )

    assert fault.startswith(
        "infra/__main__.py:3: aws:dynamodb/table:Table t: dynamodb CreateTable: BillingMode: found 'FREE'"
    )


def test_moto_judges_what_the_model_cannot(make_project: MakeProject) -> None:
    (fault,) = faults(make_project('aws.sqs.QueuePolicy("p", queue_url="https://sqs/nowhere", policy="{}")'))

    assert "aws:sqs/queuePolicy:QueuePolicy p: sqs " in fault
    assert "does not exist" in fault


def test_all_refusals_of_a_program_come_at_once(make_project: MakeProject) -> None:
    found = faults(
        make_project('aws.iot.Thing("t")\naws.mediaconvert.Queue("q", pricing_plan="GOLD")\naws.sqs.Queue("fine")')
    )

    assert {fault.split(": ")[1] for fault in found} == {"aws:iot/thing:Thing t", "aws:mediaconvert/queue:Queue q"}


def test_what_moto_drops_fails_unless_it_is_listed(make_project: MakeProject, monkeypatch: pytest.MonkeyPatch) -> None:
    token = "aws:s3/bucketNotification:BucketNotification"
    root = make_project('aws.s3.BucketNotification("n", bucket=aws.s3.Bucket("b", bucket="bbb").id, eventbridge=True)')
    call = dataclasses.replace(TYPES[token].calls[0], lost={})
    unlisted = {**TYPES, token: dataclasses.replace(TYPES[token], calls=(call,))}
    monkeypatch.setattr(provision, "TYPES", unlisted)

    (fault,) = faults(root)

    assert fault == (
        f"infra/__main__.py:3: {token} n: PutBucketNotificationConfiguration was accepted, but not kept:"
        " NotificationConfiguration.EventBridgeConfiguration: sent {}, but nothing of it can be read back"
    )


def test_an_output_that_nobody_computes_is_named_where_it_is_used(make_project: MakeProject) -> None:
    root = make_project(
        'vpc = aws.ec2.Vpc("v", cidr_block="10.0.0.0/16")\n'
        'aws.ec2.RouteTable("t", vpc_id=vpc.id, tags={"acl": vpc.default_network_acl_id})'
    )

    (fault,) = faults(root)

    assert fault.startswith(
        "infra/__main__.py:4: aws:ec2/routeTable:RouteTable t: tags.acl: found a value made from the output"
        " 'aws:ec2/vpc:Vpc#defaultNetworkAclId'"
    )


def test_a_fault_does_not_show_a_secret(make_project: MakeProject) -> None:
    root = make_project('aws.mediaconvert.Queue("q", pricing_plan=pulumi.Output.secret("GOLDEN-KEY"))')

    (fault,) = faults(root)

    assert "PricingPlan: found '[secret]'" in fault
    assert "GOLDEN-KEY" not in fault


def test_computed_values_without_an_answer_are_not_made_up() -> None:
    made_up = [
        (token, name)
        for token, kind in TYPES.items()
        for name, output in kind.outputs.items()
        if not output.answer and any(mark in output.plan for mark in ("{hex}", "{HEX}", "{uuid}"))
    ]

    assert made_up == []


def test_checked_types_are_held_against_the_model_and_say_why(
    make_project: MakeProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "aws:sqs/queue:Queue"
    unprovisioned = {**TYPES, token: dataclasses.replace(TYPES[token], checked_because="moto is out today")}
    monkeypatch.setattr(provision, "TYPES", unprovisioned)
    with Session(load_stack(make_project('aws.sqs.Queue("q", name="q")'), "dev")) as session:
        session.provision()

        assert "QueueUrls" not in session.client("sqs").list_queues()
    assert [(result.status, result.reason) for result in session.results] == [
        ("checked", "requests fit the API model; not created, because moto is out today")
    ]
    assert [(request.operation, dict(request.params)) for request in session.requests] == [
        ("CreateQueue", {"QueueName": "q"})
    ]


def test_a_registration_can_be_edited_to_see_what_a_mistake_would_do(minimal: StackFile) -> None:
    def shorter(registration: Registration) -> Registration:
        if registration.name != "jobs":
            return registration
        return dataclasses.replace(registration, inputs={**registration.inputs, "visibilityTimeoutSeconds": 1})

    with Session(minimal) as session:
        session.provision(edit=shorter)

    (request,) = [request for request in session.requests if request.operation == "CreateQueue"]
    assert request.params["Attributes"] == {"VisibilityTimeout": "1"}


# ---- the stack of this repository ----


def test_every_resource_of_the_real_stack_is_provisioned(provisioned: Session) -> None:
    custom = {registration.urn for registration in provisioned.recording.registrations if registration.custom}

    assert {result.urn for result in provisioned.results} == custom
    assert {result.status for result in provisioned.results} == {"provisioned"}


def test_no_loss_is_listed_that_moto_does_keep(
    provisioned: Session, real_stack: StackFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without the lists exactly the types fail that reported a loss with them."""
    with_loss = {result.type for result in provisioned.results if result.only_sent}
    strict = {
        token: dataclasses.replace(kind, calls=tuple(dataclasses.replace(call, lost={}) for call in kind.calls))
        for token, kind in TYPES.items()
    }
    monkeypatch.setattr(provision, "TYPES", strict)

    with Session(real_stack) as session, pytest.raises(ProgramError) as error:
        session.provision()

    failed = {str(fault).split(": ")[1].split(" ")[0] for fault in error.value.faults}
    # What needs a failed resource is not tried: it can be in neither set.
    tried = failed | {result.type for result in session.results}
    assert failed == with_loss & tried
    assert len(failed) >= 4


def test_planned_ids_and_outputs_are_those_that_moto_gives(provisioned: Session, real_stack: StackFile) -> None:
    planned = record(real_stack, PlanProvider()).states
    # Secrets Manager ends an ARN in six letters by chance; a plan writes "abcdef".
    by_chance = ("{hex}", "{HEX}", "{uuid}", "-abcdef")
    kinds = {registration.urn: registration.type for registration in provisioned.recording.registrations}

    def names_a_chance(registration: Registration, text: str) -> bool:
        """Whether a text holds the id of another resource that moto draws by chance."""
        others = {urn for urns in registration.dependencies.values() for urn in urns if kinds[urn] in TYPES}
        drawn = {urn for urn in others if any(mark in TYPES[kinds[urn]].id.plan for mark in by_chance)}
        return any(str(planned[urn].id) in text for urn in drawn)

    compared = 0
    for registration in provisioned.recording.registrations:
        kind = TYPES.get(registration.type)
        if kind is None:
            continue
        actual = provisioned.recording.states[registration.urn]
        for name, output in kind.outputs.items():
            # A table without a stream has no ARN of it: whoever uses it anyway is told so.
            if name == "streamArn":
                continue
            assert name in actual.outputs
            text = str(planned[registration.urn].outputs[name])
            depends = output.plan + kind.id.plan + json.dumps(dict(registration.inputs), default=str)
            if not any(mark in depends for mark in by_chance) and "arn:aws:elasticloadbalancing" not in depends:
                if names_a_chance(registration, text):
                    continue
                assert text == str(actual.outputs[name]), (registration.urn, name)
                compared += 1
    assert compared > 30
