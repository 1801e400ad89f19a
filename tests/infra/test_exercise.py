"""A video travels through the real program on moto; whatever breaks its way is named."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

import pytest

from infra.emulator.exercise import Journey, Step, exercise
from infra.emulator.exercise.steps import LAST_STEPS, PLATFORM_STEPS, STEPS, VIDEO_STEPS, Act
from infra.emulator.function_runner import FunctionRunner
from infra.emulator.pipeline import endpoint
from infra.emulator.plan_provider import PlanProvider
from infra.emulator.recorder import record
from infra.emulator.session import Session
from infra.inventory import inventory
from infra.policies import hold_against_policies
from infra.stackfile import StackFile
from tests.infra.sabotage import Sabotage

SUBMIT = "reelplan-dev-submit"
COMPLETE = "reelplan-dev-complete"
MODERATE = "reelplan-dev-moderate"
SESSION = "reelplan-dev-session"
ERASE = "reelplan-dev-erase"
ERASE_ACCOUNT = "reelplan-dev-erase-account"
REENCODE = "reelplan-dev-reencode"
VIEWS = "reelplan-dev-views"
GIFT = "reelplan-dev-gift"
AGE_GATE = "reelplan-dev-age-gate"
WEBHOOK = "reelplan-dev-webhook"
ORDER = "reelplan-dev-order"
CANDIDATES = "reelplan-dev-candidates"
RECORDING = "reelplan-dev-recording"
NOTICE = "reelplan-dev-notice"
PUBLISH = "reelplan-dev-publish"
OF_A_VIDEO: Sequence[Act] = (*VIDEO_STEPS, *LAST_STEPS)
WAY = [title for title, _, needs_video in OF_A_VIDEO if needs_video]


class Travel(Protocol):
    """Sends a video of some name through the stack, or takes other steps."""

    def __call__(self, run: str, progress: Callable[[Step], None] = ..., steps: Sequence[Act] = ...) -> Journey: ...


@pytest.fixture(scope="module")
def stack(complete_stack: StackFile) -> Iterator[Session]:
    """The real program with all its parts, stood up once; tests that change it put it back."""
    with Session(complete_stack) as session:
        session.provision()
        yield session


@pytest.fixture(scope="module")
def travel(stack: Session) -> Iterator[Travel]:
    """Journeys that share the environments of the functions, as far as these stay the same."""
    with endpoint(stack) as url, FunctionRunner(url) as runner:

        def send(
            run: str, progress: Callable[[Step], None] = lambda step: None, steps: Sequence[Act] = OF_A_VIDEO
        ) -> Journey:
            return exercise(stack, run=run, progress=progress, runner=runner, steps=steps)

        yield send


@pytest.fixture
def sabotage(stack: Session) -> Iterator[Sabotage]:
    with Sabotage(stack) as made:
        yield made


def only(*titles: str) -> list[Act]:
    """The named steps: a mistake that shows in one of them need not wait for the others."""
    return [step for step in STEPS if step[0] in titles]


def failed(journey: Journey, title: str) -> str:
    """What is said about the one step that failed; what comes after it was not reached."""
    steps = {step.title: step for step in journey.steps}
    assert [name for name, step in steps.items() if step.status == "failed"] == [title]
    if title in WAY:
        later = WAY[WAY.index(title) + 1 :]
        assert {steps[name].status for name in later if name in steps} <= {"not reached"}
    assert not journey.ok
    return "\n".join(steps[title].diagnosis)


def test_a_video_travels_from_upload_to_published(travel: Travel) -> None:
    told: list[str] = []
    journey = travel("first", lambda step: told.append(step.title), STEPS)
    assert [step.diagnosis for step in journey.steps if step.status != "passed"] == []
    assert journey.ok
    assert told == [title for title, _, _ in STEPS]
    evidence = {step.title: step.evidence for step in journey.steps}
    assert "mediaconvert Probe, s3 HeadObject, mediaconvert CreateJob" in evidence["the submit function runs"]
    assert evidence["the record is published"].startswith("480x854, 720x1280, 1080x1920")
    assert f"rule {SUBMIT}" in evidence["dead letters are kept"]


def test_it_can_travel_again_under_another_name_and_not_under_the_same(travel: Travel) -> None:
    titles = [title for title, _, _ in VIDEO_STEPS]
    to_the_viewer = VIDEO_STEPS[: titles.index("a viewer with signed cookies gets it") + 1]
    assert travel("again", steps=to_the_viewer).ok
    assert "give the journey another name" in failed(travel("again", steps=to_the_viewer), "the video is uploaded")


def test_the_journey_as_json(travel: Travel) -> None:
    told = travel("json", steps=VIDEO_STEPS[:2]).as_json()
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
    said = failed(travel("dead", steps=LAST_STEPS), "dead letters are kept")
    assert f"does not let EventBridge send for rule {SUBMIT}: no policy allows anything" in said


def test_a_function_that_may_not_write_its_dead_letters(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("complete-", "sqs:SendMessage")
    journey = travel("dead-function", steps=LAST_STEPS)
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
    assert said.startswith("the second Object Created changed dash, finished_at, ")


def test_a_handler_that_leaves_a_broken_upload_in_limbo(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(SUBMIT, "infra/functions/submit.py", 'UNREADABLE = ("BadRequestException", "', 'UNREADABLE = ("')
    sabotage.code(SUBMIT, "infra/functions/submit.py", "UnprocessableEntityException", "NoSuchError")
    said = failed(travel("limbo", steps=only("a broken upload ends as failed")), "a broken upload ends as failed")
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
    sabotage.variable(MODERATE, "PARTS", "[]")
    said = failed(travel("blind", steps=only("a flagged video is held")), "a flagged video is held")
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
    way = only("a flagged video is held", "a reviewer lets it be published", "an erasure leaves no trace")
    said = failed(travel("left", steps=way), "an erasure leaves no trace")
    assert "published files of left-flagged are left: v/left-flagged/" in said


# ---- what else happens on the platform ----

STORY = {title: (title, act, needs_video) for title, act, needs_video in PLATFORM_STEPS}


def story(travel: Travel, run: str, title: str) -> str:
    """What is said about one story that fails."""
    (step,) = travel(run, steps=[STORY[title]]).steps
    assert step.status == "failed"
    return "\n".join(step.diagnosis)


def test_every_part_of_the_platform_has_its_story_here(travel: Travel) -> None:
    journey = travel("parts", steps=PLATFORM_STEPS)
    assert [(step.title, step.diagnosis) for step in journey.steps if step.status != "passed"] == []


def test_a_codec_that_nobody_may_make(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("reencode-", "mediaconvert:CreateJob")
    said = story(travel, "plain", "a video that is watched a lot earns better codecs")
    assert f"function {REENCODE} may not mediaconvert:CreateJob" in said


def test_views_that_are_told_of_before_they_are_enough(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(VIEWS, "infra/functions/views.py", "if views >= threshold and", "if views >= threshold // 2 and")
    said = story(travel, "hasty", "a video that is watched a lot earns better codecs")
    assert said == "hasty-popular has earned hevc before the last view"


def test_an_erasure_that_lets_the_job_go_on(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(ERASE, "infra/functions/erase.py", "        cancel(job_id)", "        pass")
    said = story(travel, "going-on", "an erasure stops what is under way")
    # It finds its original gone.
    assert said == "the job of the erased going-on-withdrawn is ERROR, expected CANCELED"


def test_an_account_of_which_the_followers_are_kept(travel: Travel, sabotage: Sabotage) -> None:
    index = ', "by-target": "target_pk"}'
    sabotage.code(ERASE_ACCOUNT, "infra/functions/erase_account.py", index, "}")
    said = story(travel, "followed", "an account goes with all that it made")
    assert said.startswith("the feed keeps ('USER#followed-stays', 'FOLLOWS#")


def test_a_gift_that_is_not_looked_up_before_it_is_booked(travel: Travel, sabotage: Sabotage) -> None:
    guard = '"ConditionExpression": "attribute_not_exists(pk)",'
    sabotage.code(GIFT, "infra/functions/gift.py", guard, "")
    said = story(travel, "twice-given", "a gift is credited once")
    assert said == ("twice-given-giver has 703 coins, expected 901\ntwice-given-creator has 147 diamonds, expected 49")


def test_a_gift_that_is_booked_whatever_the_giver_has(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(GIFT, "infra/functions/gift.py", '"coins >= :coins"', '"attribute_exists(pk)"')
    said = story(travel, "unpaid", "a gift is credited once")
    assert said == "unpaid-creator has 98 diamonds, expected 49\nunpaid-poor has -98 coins, expected 1"


def test_a_gate_that_lets_children_in(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.code(AGE_GATE, "infra/functions/age_gate.py", "if age(born, today) < minimum_age:", "if False:")
    assert story(travel, "children", "the age gate keeps children out") == (
        "a child is taken, expected a refusal of the age gate\n"
        "a child that an administrator brings is taken, expected a refusal of the age gate"
    )


def test_a_pool_that_asks_no_gate(stack: Session, travel: Travel, sabotage: Sabotage) -> None:
    sabotage.triggers(stack.recording.outputs["userPool"], {})
    assert "asks no function before it takes a user" in story(travel, "gateless", "the age gate keeps children out")


@pytest.mark.parametrize(
    ("guard", "instead", "said"),
    [
        (
            "if not any(hmac.compare_digest(one, other) for one in wanted for other in given):",
            "if False:",
            "a webhook signed with another secret is taken\na webhook whose body was changed is taken\n"
            "a webhook whose id was changed is taken",
        ),
        (
            "if abs(now - message.time) > TOLERANCE_SECONDS:",
            "if False:",
            "a webhook of an hour ago is taken\na webhook of the future is taken",
        ),
        (
            'if table.get_item(Key=key, ConsistentRead=True).get("Item"):',
            "if False:",
            "is answered 200 accepted, not duplicate",
        ),
    ],
)
def test_a_door_without_one_of_its_guards(
    travel: Travel, sabotage: Sabotage, guard: str, instead: str, said: str
) -> None:
    sabotage.code(WEBHOOK, "infra/functions/webhook.py", guard, instead)
    assert said in story(travel, f"door-{len(guard)}", "a signed webhook becomes an order")


def test_an_order_that_an_old_webhook_turns_back(travel: Travel, sabotage: Sabotage) -> None:
    guard = '"attribute_not_exists(changed_at) OR changed_at < :changed_at"'
    sabotage.code(ORDER, "infra/functions/order.py", guard, '"attribute_exists(pk) OR attribute_not_exists(pk)"')
    said = story(travel, "turned-back", "a signed webhook becomes an order")
    assert "expected placed and paid, once each" in said or "expected state paid" in said


def test_a_worker_that_may_not_receive(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("order-", "sqs:ReceiveMessage")
    said = story(travel, "deaf", "a signed webhook becomes an order")
    assert "does not allow sqs:ReceiveMessage" in said


def test_a_pipe_that_may_not_put_events(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("feed-changes", "events:PutEvents")
    said = story(travel, "mute", "a change of the feed becomes an event")
    assert "the role of pipe feed-changes does not allow events:PutEvents" in said.replace("reelplan-dev-", "")


def test_a_record_that_blocks_the_stream(travel: Travel, sabotage: Sabotage) -> None:
    guard = "except (KeyError, TypeError, ValueError) as error:"
    sabotage.code(CANDIDATES, "infra/functions/candidates.py", guard, "except KeyError as error:")
    said = story(travel, "blocked-stream", "an interaction counts for its video")
    assert f"function {CANDIDATES} fails 1 records: " in said


def test_a_counter_that_counts_a_batch_twice(travel: Travel, sabotage: Sabotage) -> None:
    guard = 'ConditionExpression="attribute_not_exists(#shard) OR #shard < :sequence",'
    always = 'ConditionExpression="attribute_not_exists(#shard) OR attribute_exists(#shard)",'
    sabotage.code(CANDIDATES, "infra/functions/candidates.py", guard, always)
    said = story(travel, "twice-counted", "an interaction counts for its video")
    assert said == "the score of the candidate is 42, expected 21"


def test_a_counter_that_may_not_read_the_stream(travel: Travel, sabotage: Sabotage) -> None:
    sabotage.without_action("candidates-", "kinesis:GetRecords")
    said = story(travel, "blind-counter", "an interaction counts for its video")
    assert f"the role of function {CANDIDATES} does not allow kinesis:GetRecords" in said


def test_a_recording_that_nobody_submits(travel: Travel, sabotage: Sabotage) -> None:
    def wait_for_the_beginning(pattern: dict[str, Any]) -> None:
        pattern["detail"]["recording_status"] = ["Recording Start"]

    sabotage.pattern(RECORDING, wait_for_the_beginning)
    said = story(travel, "unrecorded", "a recorded stream becomes a video")
    assert f'nearest is rule {RECORDING}: detail.recording_status: found "Recording End"' in said


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("recording-", f"function {RECORDING} may not s3:GetObject on arn:aws:s3:::"),
        ("mediaconvert-", "MediaConvert may not s3:GetObject on arn:aws:s3:::"),
    ],
)
def test_a_recording_that_somebody_may_not_read(travel: Travel, sabotage: Sabotage, role: str, said: str) -> None:
    sabotage.without_action(role, "s3:GetObject")
    assert said in story(travel, f"unread-{role}", "a recorded stream becomes a video")


def test_a_threat_that_is_told_to_somebody_else(stack: Session, travel: Travel, sabotage: Sabotage) -> None:
    # Not the topic of the budget: a message there pauses the queue.
    other = stack.client("sns").create_topic(Name="somebody-else")["TopicArn"]
    sabotage.variable(NOTICE, "ALERTS_TOPIC", other)
    assert f"may not sns:Publish on {other}" in story(travel, "misled", "people hear of a threat")


def test_a_publish_function_that_asks_for_no_verdict(travel: Travel, sabotage: Sabotage) -> None:
    file = "infra/functions/publish.py"
    sabotage.code(PUBLISH, file, ' or record.get("verdict") != ALLOWED:', ":")
    sabotage.code(PUBLISH, file, "CLEARED_STATES, values, verdict=ALLOWED)", "CLEARED_STATES, values)")
    said = failed(travel("lawless", steps=only("a flagged video is held")), "a flagged video is held")
    assert '"state": "published"' in said


def test_a_stack_that_signs_nothing(real_stack: StackFile) -> None:
    unsigned = {"reelplan:profile": "prod", "reelplan:delivery": json.dumps({"signed": False})}
    recording = record(replace(real_stack, config={**real_stack.config, **unsigned}), PlanProvider())
    judgement = hold_against_policies(inventory(recording), profile="prod", today=date(2026, 11, 22))
    said = [str(one) for control in judgement.controls for one in control.failed if control.rule.id == "RP.2"]
    assert ["the default behavior reads a bucket and has no trustedKeyGroups" in one for one in said] == [True]
