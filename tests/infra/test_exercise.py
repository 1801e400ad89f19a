"""A video travels through the real program on moto; whatever breaks its way is named."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import pytest

from infra.emulator.exercise import Journey, Step, exercise
from infra.emulator.exercise.steps import STEPS
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.pipeline import endpoint
from infra.emulator.session import Session
from infra.stackfile import StackFile

SUBMIT = "reelplan-dev-submit"
COMPLETE = "reelplan-dev-complete"
MODERATE = "reelplan-dev-moderate"
SESSION = "reelplan-dev-session"
ERASE = "reelplan-dev-erase"
WAY = [title for title, _, needs_video in STEPS if needs_video]


class Travel(Protocol):
    """Sends a video of some name through the stack."""

    def __call__(self, run: str, progress: Callable[[Step], None] = ...) -> Journey: ...


@pytest.fixture(scope="module")
def stack(real_stack: StackFile) -> Iterator[Session]:
    """The real program, stood up once; tests that change it put it back."""
    with Session(real_stack) as session:
        session.provision()
        yield session


@pytest.fixture(scope="module")
def travel(stack: Session) -> Iterator[Travel]:
    """Journeys that share the environments of the functions, as far as these stay the same."""
    with endpoint(stack) as url, FunctionRunner(url) as runner:

        def send(run: str, progress: Callable[[Step], None] = lambda step: None) -> Journey:
            return exercise(stack, run=run, progress=progress, runner=runner)

        yield send


class Sabotage:
    """Changes one thing of the deployed stack, and puts it back when its context ends."""

    def __init__(self, stack: Session) -> None:
        self.stack = stack
        self._undo = contextlib.ExitStack()

    def __enter__(self) -> Sabotage:
        return self

    def __exit__(self, *_: object) -> None:
        self._undo.close()
        self._purge()

    def function(self, name: str, **changes: Any) -> None:
        """Changes the configuration of a function."""
        awslambda = self.stack.client("lambda")
        before = awslambda.get_function_configuration(FunctionName=name)
        kept = {key: before[key] for key in changes}
        awslambda.update_function_configuration(FunctionName=name, **changes)
        self._undo.callback(awslambda.update_function_configuration, FunctionName=name, **kept)

    def variable(self, name: str, variable: str, value: str | None) -> None:
        """Changes one environment variable of a function; None takes it away."""
        config = self.stack.client("lambda").get_function_configuration(FunctionName=name)
        variables = {key: text for key, text in config["Environment"]["Variables"].items() if key != variable}
        self.function(name, Environment={"Variables": variables | ({variable: value} if value else {})})

    def pattern(self, rule: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes the event pattern of a rule."""
        events = self.stack.client("events")
        before = events.describe_rule(Name=rule)["EventPattern"]
        pattern = json.loads(before)
        change(pattern)
        events.put_rule(Name=rule, EventPattern=json.dumps(pattern))
        self._undo.callback(events.put_rule, Name=rule, EventPattern=before)

    def role(self, of: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes each statement of the inline policy of the first role whose name starts so."""
        iam = self.stack.client("iam")
        role = next(one["RoleName"] for one in iam.list_roles()["Roles"] if one["RoleName"].startswith(of))
        (name,) = iam.list_role_policies(RoleName=role)["PolicyNames"]
        before = json.dumps(iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"])
        document = json.loads(before)
        for statement in document["Statement"]:
            change(statement)
        document["Statement"] = [statement for statement in document["Statement"] if statement["Action"]]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
        self._undo.callback(iam.put_role_policy, RoleName=role, PolicyName=name, PolicyDocument=before)

    def without_action(self, of: str, action: str) -> None:
        """Takes an action out of a role."""

        def take_out(statement: dict[str, Any]) -> None:
            statement["Action"] = [one for one in statement["Action"] if one != action]

        self.role(of, take_out)

    def queue_policy(self, queue: str, policy: str) -> None:
        """Replaces the policy of the first queue whose name starts so."""
        sqs = self.stack.client("sqs")
        url = sqs.list_queues(QueueNamePrefix=queue)["QueueUrls"][0]
        before = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]
        sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
        self._undo.callback(sqs.set_queue_attributes, QueueUrl=url, Attributes=before)

    def permission(self, function: str, rule_arn: str) -> None:
        """Lets another rule invoke a function, and the right one no more."""
        awslambda = self.stack.client("lambda")
        (before,) = json.loads(awslambda.get_policy(FunctionName=function)["Policy"])["Statement"]
        sid = before["Sid"]
        awslambda.remove_permission(FunctionName=function, StatementId=sid)
        common = {"FunctionName": function, "StatementId": sid, "Action": before["Action"]}
        common["Principal"] = "events.amazonaws.com"
        awslambda.add_permission(SourceArn=rule_arn, **common)
        self._undo.callback(
            awslambda.add_permission, SourceArn=before["Condition"]["ArnLike"]["AWS:SourceArn"], **common
        )
        self._undo.callback(awslambda.remove_permission, FunctionName=function, StatementId=sid)

    def notification_off(self) -> None:
        """The raw bucket announces nothing any more."""
        s3, bucket = self.stack.client("s3"), self.stack.recording.outputs["rawBucket"]
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
        self._undo.callback(
            s3.put_bucket_notification_configuration,
            Bucket=bucket,
            NotificationConfiguration={"EventBridgeConfiguration": {}},
        )

    def bucket_statement(self, change: Callable[[dict[str, Any]], None]) -> None:
        """Changes the statements about CloudFront in the policy of the renditions."""
        s3, bucket = self.stack.client("s3"), self.stack.recording.outputs["renditionsBucket"]
        before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
        document = json.loads(before)
        for statement in document["Statement"]:
            if statement["Effect"] == "Allow":
                change(statement)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))
        self._undo.callback(s3.put_bucket_policy, Bucket=bucket, Policy=before)

    def package(self, function: str, change: Callable[[dict[str, str]], None]) -> None:
        """Changes the files of the deployed package of a function."""
        awslambda = self.stack.client("lambda")
        created = [one.params for one in self.stack.requests if one.operation == "CreateFunction"]
        before = next(one["Code"]["ZipFile"] for one in created if one["FunctionName"] == function)
        with zipfile.ZipFile(io.BytesIO(before)) as whole:
            files = {name: whole.read(name).decode() for name in whole.namelist()}
        change(files)
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as changed:
            for name, text in files.items():
                changed.writestr(name, text)
        awslambda.update_function_code(FunctionName=function, ZipFile=buffer.getvalue())
        self._undo.callback(awslambda.update_function_code, FunctionName=function, ZipFile=before)

    def code(self, function: str, file: str, old: str, new: str) -> None:
        """Replaces a piece of the deployed code that is there once."""

        def rewrite(files: dict[str, str]) -> None:
            assert files[file].count(old) == 1
            files[file] = files[file].replace(old, new)

        self.package(function, rewrite)

    def disable(self, rule: str) -> None:
        """Disables a rule."""
        events = self.stack.client("events")
        events.disable_rule(Name=rule)
        self._undo.callback(events.enable_rule, Name=rule)

    def without_rules(self) -> None:
        """Deletes every rule, and makes them again with their targets."""
        events = self.stack.client("events")
        for rule in events.list_rules()["Rules"]:
            name, targets = rule["Name"], events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
            events.remove_targets(Rule=name, Ids=[target["Id"] for target in targets])
            events.delete_rule(Name=name)
            self._undo.callback(events.put_targets, Rule=name, Targets=targets)
            self._undo.callback(events.put_rule, Name=name, EventPattern=rule["EventPattern"])

    def _purge(self) -> None:
        """Takes out the dead letters of a journey that failed; PurgeQueue works once a minute only."""
        sqs = self.stack.client("sqs")
        for url in sqs.list_queues()["QueueUrls"]:
            for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


@pytest.fixture
def sabotage(stack: Session) -> Iterator[Sabotage]:
    with Sabotage(stack) as made:
        yield made


def failed(journey: Journey, title: str) -> str:
    """What is said about the one step that failed; what comes after it was not reached."""
    steps = {step.title: step for step in journey.steps}
    assert [name for name, step in steps.items() if step.status == "failed"] == [title]
    if title in WAY:
        later = WAY[WAY.index(title) + 1 :]
        assert {steps[name].status for name in later} <= {"not reached"}
    assert not journey.ok
    return "\n".join(steps[title].diagnosis)


def test_a_video_travels_from_upload_to_published(travel: Travel) -> None:
    told: list[str] = []
    journey = travel("first", lambda step: told.append(step.title))
    assert [step.diagnosis for step in journey.steps if step.status != "passed"] == []
    assert journey.ok
    assert told == [title for title, _, _ in STEPS]
    evidence = {step.title: step.evidence for step in journey.steps}
    assert "mediaconvert Probe, mediaconvert CreateJob" in evidence["the submit function runs"]
    assert evidence["the record is published"].startswith("480x854, 720x1280, 1080x1920")
    assert f"rule {SUBMIT}" in evidence["dead letters are kept"]


def test_it_can_travel_again_under_another_name_and_not_under_the_same(travel: Travel) -> None:
    assert travel("again").ok
    assert "give the journey another name" in failed(travel("again"), "the video is uploaded")


def test_the_journey_as_json(travel: Travel) -> None:
    told = travel("json").as_json()
    assert json.loads(json.dumps(told)) == told
    assert told["ok"] is True
    assert set(told["steps"][0]) == {"title", "status", "evidence", "diagnosis", "duration_ms"}


def test_every_permission_of_the_roles_was_needed(stack: Session) -> None:
    # Functions of their own: the session function reads its key once in its life.
    with endpoint(stack) as url, FunctionRunner(url) as runner:
        notes = exercise(stack, run="unused", runner=runner).notes
    # Deleting is needed when a video is erased while it is published: tests/infra/test_functions_gate.py sees that.
    assert [note for note in notes if ": s3:DeleteObject on " not in note] == []


def test_a_wrong_event_pattern(travel: Travel, sabotage: Sabotage) -> None:
    def look_elsewhere(pattern: dict[str, Any]) -> None:
        pattern["detail"]["object"]["key"] = [{"prefix": "uploads/"}]

    sabotage.pattern(SUBMIT, look_elsewhere)
    assert failed(travel("pattern"), "a rule matches the upload") == (
        "no rule matches Object Created of aws.s3\n"
        f'nearest is rule {SUBMIT}: detail.object.key: found "raw/exercise/pattern-clip.mp4",'
        ' the pattern expects [{"prefix": "uploads/"}]'
    )


def test_a_completion_pattern_for_another_workflow(travel: Travel, sabotage: Sabotage) -> None:
    def another(pattern: dict[str, Any]) -> None:
        pattern["detail"]["userMetadata"]["workflow"] = ["reelplan-prod"]

    sabotage.pattern(COMPLETE, another)
    said = failed(travel("workflow"), "a rule matches the completion")
    assert (
        f'nearest is rule {COMPLETE}: detail.userMetadata.workflow: found "reelplan-dev",'
        ' the pattern expects ["reelplan-prod"]'
    ) in said


@pytest.mark.parametrize(
    ("rule", "title"), [(SUBMIT, "a rule matches the upload"), (COMPLETE, "a rule matches the completion")]
)
def test_a_disabled_rule(travel: Travel, sabotage: Sabotage, rule: str, title: str) -> None:
    sabotage.disable(rule)
    assert f"rule {rule} matches, but it is disabled" in failed(travel(f"disabled-{rule}"), title)


def test_bucket_notifications_off(stack: Session, travel: Travel, sabotage: Sabotage) -> None:
    sabotage.notification_off()
    said = failed(travel("silent"), "the bucket announces it")
    assert f"bucket {stack.recording.outputs['rawBucket']} sends no events to EventBridge" in said


def test_no_rule_at_all(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_rules()
    said = failed(travel("ruleless"), "the bucket announces it")
    assert said == "the default event bus has no rule that could see the upload"


@pytest.mark.parametrize(
    ("function", "variable", "title"),
    [
        (SUBMIT, "TABLE_NAME", "the submit function runs"),
        (SUBMIT, "JOB_ROLE_ARN", "the submit function runs"),
        (COMPLETE, "RENDITIONS_BUCKET", "the complete function runs"),
    ],
)
def test_a_missing_environment_variable(
    travel: Travel, sabotage: Sabotage, function: str, variable: str, title: str
) -> None:
    sabotage.variable(function, variable, None)
    said = failed(travel(f"without-{variable}"), title)
    assert f"function {function} fails: environment variable {variable} is not set (infra/functions/" in said
    assert "the event is kept in" in said


def test_a_handler_that_does_not_exist(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.function(SUBMIT, Handler="infra.functions.submit.hander")
    said = failed(travel("handler"), "the submit function runs")
    assert f"function {SUBMIT} fails: Runtime.HandlerNotFound: Handler 'hander' missing on module" in said


def test_a_module_that_was_not_deployed(travel: Travel, sabotage: Sabotage) -> None:
    def forget(files: dict[str, str]) -> None:
        del files["infra/functions/job_settings.py"]

    sabotage.package(SUBMIT, forget)
    said = failed(travel("package"), "the submit function runs")
    assert "No module named 'infra.functions.job_settings'" in said


def test_a_wrong_queue_arn(stack: Session, travel: Travel, sabotage: Sabotage) -> None:
    right = stack.recording.outputs["transcodeQueue"]
    sabotage.variable(SUBMIT, "QUEUE_ARN", f"{right}d")
    said = failed(travel("queue"), "the submit function runs")
    assert f"environment variable QUEUE_ARN of {SUBMIT} holds {right}d, the ARN of nothing in this stack" in said
    assert f"did you mean {right}?" in said


def test_a_queue_that_is_not_of_the_stack(stack: Session, travel: Travel, sabotage: Sabotage) -> None:
    right = stack.recording.outputs["transcodeQueue"]
    other = right.rpartition("/")[0] + "/Default"
    sabotage.variable(SUBMIT, "QUEUE_ARN", other)
    journey = travel("default")
    # The role is for the stack's queue only, so that on AWS the call would fail already.
    said = failed(journey, "the submit function runs")
    assert f"function {SUBMIT} may not mediaconvert:CreateJob on {other}" in said


def test_a_function_role_without_s3_get_object(stack: Session, travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("submit-", "s3:GetObject")
    said = failed(travel("get"), "the submit function runs")
    bucket = stack.recording.outputs["rawBucket"]
    assert (
        f"function {SUBMIT} may not s3:GetObject on arn:aws:s3:::{bucket}/raw/exercise/get-clip.mp4: nearest:" in said
    )


@pytest.mark.parametrize("action", ["s3:GetObject", "s3:PutObject"])
def test_a_mediaconvert_role_without_access(stack: Session, travel: Travel, sabotage: Sabotage, action: str) -> None:
    sabotage.without_action("mediaconvert-", action)
    said = failed(travel(f"media-{action[3:6]}"), "MediaConvert finishes the job")
    assert "the job is ERROR: 1401" in said
    if action == "s3:GetObject":
        assert f"MediaConvert may not {action} on arn:aws:s3:::{stack.recording.outputs['rawBucket']}/" in said


def test_a_role_that_may_pass_roles_to_another_service_only(travel: Travel, sabotage: Sabotage) -> None:
    def another_service(statement: dict[str, Any]) -> None:
        if statement["Action"] == ["iam:PassRole"]:
            statement["Condition"] = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}

    sabotage.role("submit-", another_service)
    said = failed(travel("pass"), "the submit function runs")
    assert "may not iam:PassRole on" in said
    assert "condition iam:PassedToService found mediaconvert.amazonaws.com" in said


def test_a_permission_for_another_rule(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.permission(SUBMIT, f"arn:aws:events:us-east-1:123456789012:rule/{COMPLETE}")
    said = failed(travel("permission"), "the submit function runs")
    assert f"rule {SUBMIT} may not invoke function {SUBMIT}: nearest: policy of function {SUBMIT}" in said
    assert "the event is kept in submit-dead-letters-" in said


def test_a_dead_letter_queue_with_no_permission(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.queue_policy("submit-dead-letters", "")
    said = failed(travel("dead"), "dead letters are kept")
    assert f"does not let EventBridge send for rule {SUBMIT}: no policy allows anything" in said


def test_a_function_that_may_not_write_its_dead_letters(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("complete-", "sqs:SendMessage")
    journey = travel("dead-function")
    said = "\n".join(cause for step in journey.steps for cause in step.diagnosis)
    assert not journey.ok
    assert f"the role of function {COMPLETE} may not send to dead-letter queue complete-dead-letters-" in said


def test_files_that_anybody_can_read(travel: Travel, sabotage: Sabotage) -> None:
    def open_up(statement: dict[str, Any]) -> None:
        statement["Principal"] = "*"
        del statement["Condition"]

    sabotage.bucket_statement(open_up)
    said = failed(travel("open"), "only the CDN reads the files")
    assert "anybody can read v/open-clip/" in said
    assert "somebody else's distribution can read v/open-clip/" in said


def test_files_for_another_distribution(travel: Travel, sabotage: Sabotage) -> None:
    def another(statement: dict[str, Any]) -> None:
        statement["Condition"] = {
            "ArnEquals": {"aws:SourceArn": "arn:aws:cloudfront::123456789012:distribution/EOTHER"}
        }

    sabotage.bucket_statement(another)
    said = failed(travel("other"), "only the CDN reads the files")
    assert "the stack's distribution cannot read v/other-clip/" in said


def test_a_handler_that_takes_an_upload_on_again(travel: Travel, sabotage: Sabotage) -> None:
    guard = "(upload_token <> :token OR #state = :submitting)"
    always = "(attribute_exists(pk) OR upload_token <> :token OR #state = :submitting)"
    sabotage.code(SUBMIT, "infra/functions/submit.py", guard, always)
    said = failed(travel("twice"), "a second delivery changes nothing")
    assert said.startswith("the second Object Created changed dash, finished_at, hls, ")


def test_a_handler_that_leaves_a_broken_upload_in_limbo(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(SUBMIT, "infra/functions/submit.py", 'UNREADABLE = ("BadRequestException", "', 'UNREADABLE = ("')
    sabotage.code(SUBMIT, "infra/functions/submit.py", "UnprocessableEntityException", "NoSuchError")
    said = failed(travel("limbo"), "a broken upload ends as failed")
    assert f"function {SUBMIT} fails: UnprocessableEntityException" in said


def test_a_record_that_names_no_files_of_the_bucket(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.variable(COMPLETE, "RENDITIONS_BUCKET", "another-bucket")
    said = failed(travel("names"), "the record is published")
    assert "hls of the record names v/names-clip/s3://" in said


def test_a_call_whose_permissions_nobody_knows(travel: Travel, sabotage: Sabotage) -> None:
    old = "    upload = read_event(event)"
    sabotage.code(SUBMIT, "infra/functions/submit.py", old, f"    boto3.client('sts').get_caller_identity()\n{old}")
    said = failed(travel("unknown"), "the submit function runs")
    assert said.startswith("sts.GetCallerIdentity is not in the table of calls: add its actions and resources")


def test_a_distribution_that_reads_what_waits_for_moderation(travel: Travel, sabotage: Sabotage) -> None:
    def everything(statement: dict[str, Any]) -> None:
        statement["Resource"] = statement["Resource"].replace("/v/*", "/*")

    sabotage.bucket_statement(everything)
    said = failed(travel("wide"), "only the CDN reads the files")
    assert "the stack's distribution can read review/wide-clip/" in said
    assert "which is not published" in said


def test_moderation_that_looks_at_nothing(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.variable(MODERATE, "MODE", "off")
    said = failed(travel("blind"), "a flagged video is held")
    assert '"state": "published"' in said
    assert said.endswith("expected state held")


def test_a_session_for_a_video_that_is_not_published(travel: Travel, sabotage: Sabotage) -> None:
    file = "infra/functions/session.py"
    sabotage.code(SESSION, file, 'if record.get("state") != "published":', "if False:")
    said = failed(travel("session"), "a viewer with signed cookies gets it")
    assert said == "session-unknown is not published, but its session is 200 with 3 cookies"


def test_cookies_for_every_video(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(SESSION, "infra/functions/session.py", '{path}*"', '/*"')
    said = failed(travel("master"), "a viewer with signed cookies gets it")
    assert "CloudFront serves a file of another video" in said


def test_an_erasure_that_forgets_what_is_published(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(ERASE, "infra/functions/erase.py", "for prefix in (REVIEW, PUBLISHED):", "for prefix in (REVIEW,):")
    said = failed(travel("left"), "an erasure leaves no trace")
    assert "24 published files are left: v/left-flagged/" in said
