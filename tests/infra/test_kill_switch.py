"""The budget is spent -> transcoding waits -> somebody says go on -> it is done. On moto, with the deployed code."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest

from infra.emulator import mediaconvert
from infra.emulator.delivery import Delivery, Entry
from infra.emulator.exercise.travel import sample
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.permissions import Request, decide, statements
from infra.emulator.pipeline import dead_letters_of_functions, endpoint
from infra.emulator.recording import Registration
from infra.emulator.required_permissions import Place
from infra.emulator.role_audit import RoleAudit
from infra.emulator.session import Session
from infra.functions import kill_switch as handler_module
from infra.stackfile import load_stack
from tests.infra.conftest import MakeProject

REGION = "eu-central-1"
PROGRAM = """
    from infra.components.events import Events, EventsArgs
    from infra.components.guardrails import Guardrails, GuardrailsArgs
    from infra.components.kill_switch import KillSwitch, KillSwitchArgs
    from infra.naming import Naming

    naming = Naming("tiny", "dev")
    account = aws.get_caller_identity_output().account_id
    guardrails = Guardrails("guardrails", naming, GuardrailsArgs(
        account=account, monthly_budget_usd=100, anomaly_usd=None, emails=(), cost_tags_active=False))
    queue = aws.mediaconvert.Queue("transcode", name="tiny-dev-transcode")
    KillSwitch("kill-switch", naming, KillSwitchArgs(
        queue=queue, events=Events("events", naming, EventsArgs(archive_days=7)),
        spending=guardrails.spending.topic, alerts=guardrails.alerts.topic, log_retention_days=30))
"""
SPENDING, ALERTS = (f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:tiny-dev-{name}" for name in ("spending", "alerts"))
QUEUE = f"arn:aws:mediaconvert:{REGION}:{ACCOUNT_ID}:queues/tiny-dev-transcode"
SUBJECT = "AWS Budgets: tiny-dev-monthly has exceeded your alert threshold"
"""Begins like the messages of AWS Budgets; nothing in the text is read by a program."""


@dataclass
class Stack:
    """A stack that stands, and what happens in it."""

    session: Session
    delivery: Delivery

    def client(self, service: str) -> Any:
        return self.session.client(service)

    def spend_everything(self) -> list[Entry]:
        """What AWS Budgets does when the limit is reached."""
        return self._after(lambda: self.client("sns").publish(TopicArn=SPENDING, Subject=SUBJECT, Message="100 USD"))

    def say(self, detail_type: str, source: str = "tiny.operations") -> list[Entry]:
        """An event of a person on the stack's bus."""
        event = {"Source": source, "DetailType": detail_type, "Detail": '{"reason": "budget raised"}'}
        put = self.client("events").put_events
        return self._after(lambda: put(Entries=[{**event, "EventBusName": "tiny-dev"}]))

    def _after(self, act: Any) -> list[Entry]:
        mark = len(self.delivery.journal)
        act()
        self.delivery.drain()
        # The bus's archive is a rule, too, and takes everything.
        return [entry for entry in self.delivery.journal[mark:] if "Archive" not in entry.rule.name]

    def status(self) -> str:
        return str(self.client("mediaconvert").get_queue(Name="tiny-dev-transcode")["Queue"]["Status"])

    def submit(self) -> str:
        s3 = self.client("s3")
        role = f"arn:aws:iam::{ACCOUNT_ID}:role/transcoder"
        self._make_role()
        for bucket in ("raw-of-a-test", "out-of-a-test"):
            s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_object(Bucket="raw-of-a-test", Key="clip.mp4", Body=sample("clip.mp4"))
        made = self.client("mediaconvert").create_job(Role=role, Queue=QUEUE, Settings=JOB)
        return str(made["Job"]["Id"])

    def _make_role(self) -> None:
        trust = {"Effect": "Allow", "Principal": {"Service": "mediaconvert.amazonaws.com"}, "Action": "sts:AssumeRole"}
        files = ["arn:aws:s3:::raw-of-a-test/*", "arn:aws:s3:::out-of-a-test/*"]
        media = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": files}
        iam = self.client("iam")
        iam.create_role(RoleName="transcoder", AssumeRolePolicyDocument=document(trust))
        iam.put_role_policy(RoleName="transcoder", PolicyName="media", PolicyDocument=document(media))

    def transcoded(self, job: str) -> str:
        """Status of a job when MediaConvert has had all the time that it wants."""
        mediaconvert.backend(ACCOUNT_ID, REGION).finish_jobs()
        return str(self.client("mediaconvert").get_job(Id=job)["Job"]["Status"])

    def listen(self) -> str:
        """A queue that hears what people are told."""
        url = str(self.client("sqs").create_queue(QueueName="ear")["QueueUrl"])
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:ear"
        self.client("sns").subscribe(TopicArn=ALERTS, Protocol="sqs", Endpoint=arn)
        return url

    def heard(self, url: str) -> list[str]:
        answer = self.client("sqs").receive_message(QueueUrl=url, MaxNumberOfMessages=10)
        return [json.loads(one["Body"])["Subject"] for one in answer.get("Messages", [])]


QVBR = {"RateControlMode": "QVBR", "MaxBitrate": 3_000_000, "QvbrSettings": {"QvbrQualityLevel": 7}}
MP4 = {
    "NameModifier": "_480",
    "ContainerSettings": {"Container": "MP4"},
    "VideoDescription": {"Width": 480, "CodecSettings": {"Codec": "H_264", "H264Settings": QVBR}},
}
INTO_FILES = {"Type": "FILE_GROUP_SETTINGS", "FileGroupSettings": {"Destination": "s3://out-of-a-test/"}}
JOB = {
    "Inputs": [{"FileInput": "s3://raw-of-a-test/clip.mp4", "VideoSelector": {"Rotate": "AUTO"}}],
    "OutputGroups": [{"OutputGroupSettings": INTO_FILES, "Outputs": [MP4]}],
}


ELSEWHERE = {
    "Effect": "Allow",
    "Principal": {"Service": "sns.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:another-queue",
}


def document(*allowed: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(allowed)})


def stand_up(make_project: MakeProject, edit: Any = None) -> Iterator[Stack]:
    with contextlib.ExitStack() as opening:
        session = opening.enter_context(Session(load_stack(make_project(PROGRAM), "dev")))
        session.provision(edit=edit)
        runner = opening.enter_context(FunctionRunner(opening.enter_context(endpoint(session))))
        queues = dead_letters_of_functions(session)
        yield Stack(session, opening.enter_context(Delivery(session.client, runner, queues)))


@pytest.fixture
def stack(make_project: MakeProject) -> Iterator[Stack]:
    yield from stand_up(make_project)


def test_a_spent_budget_pauses_transcoding_until_somebody_resumes_it(stack: Stack) -> None:
    ear = stack.listen()
    (matched, invoked) = stack.spend_everything()
    assert (matched.what, invoked.what, stack.status()) == ("matched", "invoked", "PAUSED")
    assert stack.heard(ear) == ["tiny-dev: transcoding paused"]

    job = stack.submit()
    assert stack.transcoded(job) == "SUBMITTED"

    resumed = stack.say("Resume Transcoding")
    assert [entry.what for entry in resumed] == ["matched", "invoked"]
    assert (stack.status(), stack.transcoded(job)) == ("ACTIVE", "COMPLETE")
    assert stack.heard(ear) == ["tiny-dev: transcoding resumed"]

    assert invoked.outcome
    assert resumed[-1].outcome
    audit = RoleAudit(stack.client("iam"), Place(REGION, ACCOUNT_ID))
    function = stack.delivery.function(invoked.target)
    assert function
    assert audit.function(function, [*invoked.outcome.calls, *resumed[-1].outcome.calls]) == []
    # Nothing is allowed in vain, but the dead letters, which nothing here needs.
    assert [one for one in audit.unused() if "sqs:SendMessage" not in one] == []


def test_a_message_that_comes_twice_is_announced_once(stack: Stack) -> None:
    ear = stack.listen()
    results = [entry.outcome.result for _ in range(2) for entry in stack.spend_everything() if entry.outcome]
    assert [one["changed"] for one in results] == [True, False]
    assert (stack.status(), stack.heard(ear)) == ("PAUSED", ["tiny-dev: transcoding paused"])


def test_an_event_of_somebody_else_moves_nothing(stack: Stack) -> None:
    stack.spend_everything()
    assert stack.say("Resume Transcoding", source="tiny.video") == []
    assert stack.status() == "PAUSED"


def without(type_token: str, name: str, **inputs: Any) -> Any:
    """An edit that spoils one resource, to see that something would notice."""

    def edit(registration: Registration) -> Registration:
        if (registration.type, registration.name) != (type_token, name):
            return registration
        return replace(registration, inputs={**registration.inputs, **inputs})

    return edit


FOR_ANOTHER_TOPIC = without(
    "aws:lambda/permission:Permission", "kill-switch-spending", sourceArn=f"{SPENDING}-of-another"
)


def test_without_its_permission_sns_keeps_the_message(make_project: MakeProject) -> None:
    for stack in stand_up(make_project, FOR_ANOTHER_TOPIC):
        told = stack.spend_everything()
        assert [entry.what for entry in told] == ["matched", "refused", "dead-lettered"]
        assert "topic tiny-dev-spending may not invoke function tiny-dev-kill-switch" in told[1].detail
        assert stack.status() == "ACTIVE"


def test_without_a_redrive_the_message_would_be_lost(make_project: MakeProject) -> None:
    deaf = without("aws:sqs/queuePolicy:QueuePolicy", "kill-switch-undelivered", policy=document(ELSEWHERE))
    for stack in stand_up(make_project, lambda registration: deaf(FOR_ANOTHER_TOPIC(registration))):
        lost = stack.spend_everything()[-1]
        assert lost.what == "lost"
        assert "does not let SNS send for topic tiny-dev-spending" in lost.detail


def test_only_the_budget_of_this_account_may_speak_on_the_topic(stack: Stack) -> None:
    document = stack.client("sns").get_topic_attributes(TopicArn=SPENDING)["Attributes"]["Policy"]
    policy = statements(document, "policy of the topic")

    def may(principal: str, account: str = ACCOUNT_ID) -> bool:
        return decide(policy, Request("sns:Publish", SPENDING, {"aws:SourceAccount": account}, principal)).allowed

    assert may("budgets.amazonaws.com")
    assert not may("budgets.amazonaws.com", "999999999999")
    assert not may("cloudwatch.amazonaws.com")


def test_the_budget_speaks_at_a_forecast_and_at_its_limit(stack: Stack) -> None:
    (request,) = [one.params for one in stack.session.requests if one.operation == "CreateBudget"]
    assert request["Budget"]["BudgetLimit"] == {"Amount": "100.00", "Unit": "USD"}
    # No active tags: a filter by tag would match nothing, so there is none.
    assert "FilterExpression" not in request["Budget"]
    heard = {
        (one["Notification"]["NotificationType"], one["Notification"]["Threshold"]): one["Subscribers"][0]["Address"]
        for one in request["NotificationsWithSubscribers"]
    }
    assert heard == {("FORECASTED", 80.0): ALERTS, ("ACTUAL", 100.0): SPENDING}


@pytest.mark.parametrize("event", [{}, {"detail-type": "Object Created"}])
def test_what_is_no_order_is_refused(event: Mapping[str, Any]) -> None:
    with pytest.raises(ValueError, match="expected one of Pause Transcoding, Resume Transcoding"):
        handler_module.order(dict(event))
