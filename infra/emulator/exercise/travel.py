"""What the steps of a journey know of the stack, and of what the steps before them saw."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any

from infra.emulator import dead_letters, http_requests, media_info, mediaconvert, moto_events
from infra.emulator.delivery import Delivery
from infra.emulator.exercise import job_checks
from infra.emulator.exercise.journey import Stopped
from infra.emulator.function_runner import DeployedFunction, FunctionRunner, Outcome
from infra.emulator.moto_events import Event
from infra.emulator.naming import ACCOUNT_ID
from infra.emulator.pipe_polling import Flow
from infra.emulator.polling import Fetched, Polling
from infra.emulator.queue_polling import Batch
from infra.emulator.required_permissions import Place
from infra.emulator.role_audit import RoleAudit
from infra.emulator.session import Session
from infra.emulator.stream_polling import Reading
from infra.emulator.user_pools import UserPools

USER = "exercise"
BUCKET = "aws:s3/bucket:Bucket"
TABLE = "aws:dynamodb/table:Table"
FUNCTION = "aws:lambda/function:Function"
HTTP_API = "aws:apigatewayv2/api:Api"
TABLE_OUTPUT = "videosTable"
"""Output of the stack that names the table of videos."""
BUS_OUTPUT = "eventBus"
QUEUE_OUTPUT = "reviewQueue"


@dataclass
class Travel:
    """What the steps know of the stack, and of what the steps before saw."""

    session: Session
    delivery: Delivery
    run: str
    runner: FunctionRunner
    polling: Polling
    pools: UserPools
    upload_event: Event = field(default_factory=dict)
    submission: Outcome | None = None
    job: Mapping[str, Any] = field(default_factory=dict)
    completion_event: Event = field(default_factory=dict)
    transcoded_event: Event = field(default_factory=dict)
    cleared_event: Event = field(default_factory=dict)
    record: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Account and region of the stack."""
        return Place(region=self.session.recording.region, account=ACCOUNT_ID)

    @functools.cached_property
    def audit(self) -> RoleAudit:
        """Of the roles that are used on the way."""
        return RoleAudit(self.client("iam"), self.place)

    @functools.cached_property
    def raw(self) -> str:
        """Bucket of uploads."""
        return self._bucket("raw")

    @functools.cached_property
    def renditions(self) -> str:
        """Bucket of what is published."""
        return self._bucket("renditions")

    @property
    def video_id(self) -> str:
        """The video that is to be published."""
        return f"{self.run}-clip"

    @property
    def key(self) -> str:
        """Where it is uploaded."""
        return upload_key(self.video_id)

    @functools.cached_property
    def short_edge(self) -> int:
        """Of the clip as a viewer sees it [pixel]."""
        return min(media_info.read(sample("clip.mp4")).video[0].displayed_px)

    @functools.cached_property
    def ladder(self) -> Mapping[str, Any]:
        """Ladder that the deployed submit function works with."""
        found = [one.environment["LADDER"] for one in self.functions() if "LADDER" in one.environment]
        if not found:
            raise Stopped("no function of the stack has a LADDER in its environment")
        return dict(json.loads(found[0]))

    @property
    def rungs(self) -> int:
        """Number of renditions that the ladder gives the clip."""
        return len(job_checks.rungs_for(self.ladder, self.short_edge))

    def client(self, service: str) -> Any:
        """A boto3 client of the emulated account."""
        return self.session.client(service)

    def outputs(self, type_token: str, name: str) -> list[str]:
        """An output of every resource of a type."""
        recording = self.session.recording
        urns = [one.urn for one in recording.registrations if one.type == type_token and one.urn in recording.states]
        return [str(recording.states[urn].outputs[name]) for urn in urns]

    def functions(self) -> list[DeployedFunction]:
        """Functions of the stack as they are deployed now."""
        found = [self.delivery.function(arn) for arn in self.outputs(FUNCTION, "arn")]
        return [function for function in found if function is not None]

    def video(self, video_id: str) -> Mapping[str, Any]:
        """Record of a video; empty when there is none."""
        table = self.session.recording.outputs.get(TABLE_OUTPUT)
        if table is None:
            raise Stopped(f"the stack has no output {TABLE_OUTPUT}, so the record cannot be looked up")
        key = {"pk": {"S": f"VIDEO#{video_id}"}, "sk": {"S": "META"}}
        return dict(plain({"M": self.client("dynamodb").get_item(TableName=table, Key=key).get("Item", {})}))

    def jobs(self, key: str) -> list[Mapping[str, Any]]:
        """MediaConvert jobs that read an upload, newest first."""
        source = f"s3://{self.raw}/{key}"
        pages = self.client("mediaconvert").get_paginator("list_jobs").paginate()
        found = (job for page in pages for job in page["Jobs"])
        return [job for job in found if any(one.get("FileInput") == source for one in job["Settings"]["Inputs"])]

    def files(self, prefix: str = "v", video_id: str = "") -> list[str]:
        """Keys of everything that is published ("v") or waits ("review") for a video; for this one unless told."""
        return self.keys(self.renditions, f"{prefix}/{video_id or self.video_id}/")

    def keys(self, bucket: str, prefix: str) -> list[str]:
        """Keys of all objects under a prefix."""
        pages = self.client("s3").get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        return [item["Key"] for page in pages for item in page.get("Contents", [])]

    def settle(self, again: bool = False) -> list[Fetched]:
        """Let events be delivered, and queues and streams be read, until nothing moves any more.

        Args:
            again: whether the last batch of each stream is handed over once more before.

        Returns:
            What was fetched. The roles under which it was are judged.

        Raises:
            Stopped: something that was fetched was not handled, or a permission is missing.
        """
        mark = len(self.polling.journal)
        (self.polling.repeat if again else self.polling.settle)()
        fetched = self.polling.journal[mark:]
        faults = [fault for one in fetched for fault in _fetch_faults(one)]
        faults += [fault for one in fetched for fault in self._judge(one)]
        if faults:
            raise Stopped(*dict.fromkeys(faults))
        return fetched

    def _judge(self, fetched: Fetched) -> list[str]:
        if isinstance(fetched, Flow):
            return self.audit.service(f"pipe {fetched.pipe}", fetched.role_arn, fetched.needs)
        function = self.delivery.function(fetched.function_arn)
        outcomes = fetched.outcomes if isinstance(fetched, Reading) else (fetched.outcome,)
        calls = [call for outcome in outcomes if outcome for call in outcome.calls]
        return self.audit.function(function, calls, fetched.needs) if function else []

    def put_event(self, room: str, what: str, **detail: Any) -> Event:
        """Put an event on the stack's bus, as people's tools do, and let it be served.

        Returns:
            The event as the rules saw it.

        Raises:
            Stopped: the bus has no rule at all.
        """
        entry = {
            "EventBusName": self.session.recording.outputs[BUS_OUTPUT],
            "Source": f"{self.session.recording.project}.{room}",
            "DetailType": what,
            "Detail": json.dumps(detail),
        }
        mark = len(self.delivery.seen)
        self.client("events").put_events(Entries=[entry])
        found = [event for event in self.delivery.seen[mark:] if event["detail-type"] == what]
        if not found:
            raise Stopped(f"the stack's bus has no rule that could see {what!r}")
        self.delivery.drain()
        return found[0]

    def redeliver(self, event: Event) -> None:
        """Have an event delivered once more on the bus that it came on, and served."""
        own = not str(event["source"]).startswith("aws.")
        self.delivery.redeliver(event, self.session.recording.outputs[BUS_OUTPUT] if own else moto_events.DEFAULT_BUS)
        self.delivery.drain()

    def text(self, key: str) -> str:
        """Text of a published object."""
        body = self.client("s3").get_object(Bucket=self.renditions, Key=key)["Body"].read()
        return str(body.decode())

    def request(
        self,
        method: str,
        path: str,
        caller: http_requests.Caller,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> http_requests.Reply:
        """Send a request to an HTTP API of the stack; the role of the function that serves it is judged.

        Raises:
            Stopped: the stack has no HTTP API, it gives the request to no function, or a permission is missing.
        """
        apis = self.outputs(HTTP_API, "executionArn")
        if not apis:
            raise Stopped("the stack has no HTTP API")
        ids = [arn.rpartition(":")[2] for arn in apis]
        gateway = http_requests.Gateway(self.client, self.delivery.function, self.runner, ids)
        try:
            reply = gateway.send(method, path, caller, body, headers)
        except http_requests.Unserved as error:
            raise Stopped(str(error)) from error
        if reply.function and reply.outcome and (faults := self.audit.function(reply.function, reply.outcome.calls)):
            raise Stopped(*faults)
        return reply

    def finish_jobs(self) -> None:
        """Let MediaConvert work until nothing is left to do."""
        mediaconvert.backend(self.place.account, self.place.region).finish_jobs()

    def dead_letter_routes(self) -> list[dead_letters.Route]:
        """Every way into a dead-letter queue of the stack."""
        rules = moto_events.all_rules(self.place.account, self.place.region)
        return list(dead_letters.routes(self.client, rules, self.functions()))

    def table(self, role: str) -> str:
        """Name of the table with a role ("orders"); empty when the stack has none."""
        return self._by_role(TABLE, role, "name")

    def bucket(self, role: str) -> str:
        """Name of the bucket with a role ("renditions-replica"); empty when the stack has none."""
        return self._by_role(BUCKET, role, "bucket")

    def _bucket(self, role: str) -> str:
        if name := self.bucket(role):
            return name
        raise Stopped(f"no bucket of the stack has tag {self.session.recording.project}:role={role}")

    def _by_role(self, type_token: str, role: str, output: str) -> str:
        recording = self.session.recording
        for one in recording.registrations:
            if one.type == type_token and one.tags.get(f"{recording.project}:role") == role:
                return str(recording.states[one.urn].outputs[output])
        return ""

    def item(self, table: str, pk: str, sk: str) -> Mapping[str, Any]:
        """One item of a table with the usual keys; empty when there is none."""
        key = {"pk": {"S": pk}, "sk": {"S": sk}}
        found = self.client("dynamodb").get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {})
        return dict(plain({"M": found}))


def _fetch_faults(fetched: Fetched) -> list[str]:
    """Why a batch was not handled, all of it."""
    if isinstance(fetched, Batch):
        error = fetched.outcome.error if fetched.outcome else None
        said = fetched.obstacle or (str(error) if error else "")
        return [f"{fetched}{f': {said}' if error else ''}"] if said or fetched.failed else []
    return list(fetched.faults)


def upload_key(video_id: str) -> str:
    """Where the app uploads a video."""
    return f"raw/{USER}/{video_id}.mp4"


def name_of(arn: str) -> str:
    """Name at the end of an ARN.

    >>> name_of("arn:aws:mediaconvert:us-east-1:123456789012:queues/transcode")
    'transcode'
    """
    return arn.rpartition(":")[2].rpartition("/")[2]


def sample(name: str) -> bytes:
    """One of the clips that come with the emulator."""
    return (files("infra.emulator") / "data" / name).read_bytes()


def plain(value: Mapping[str, Any]) -> Any:
    """A DynamoDB value (``{"S": "text"}``) as Python has it; numbers stay text.

    >>> plain({"M": {"state": {"S": "published"}, "sizes": {"L": [{"N": "480"}]}}})
    {'state': 'published', 'sizes': ['480']}
    """
    ((kind, content),) = value.items()
    if kind == "M":
        return {key: plain(item) for key, item in content.items()}
    return [plain(item) for item in content] if kind == "L" else content
