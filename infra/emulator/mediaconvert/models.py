"""State of MediaConvert in one account and region: queues, templates, presets, jobs, tags, policy, certificates.

Records have the shape of the API (PascalCase members), so what a request set is what a description gives back.

A job moves SUBMITTED -> PROGRESSING -> COMPLETE or ERROR. By default each GetJob or ListJobs moves it one step
(moto's "manual" progression; ``state_manager.set_transition`` knows others); :meth:`MediaConvertBackend.advance` and
:meth:`MediaConvertBackend.finish_jobs` move it without a request. A paused queue holds jobs that have not begun, as
the user guide says, until they have waited long enough to hop to another one (without the event of that). Each change
publishes its event; a job that completes has written its outputs to moto's S3.

Which exception answers a queue that cannot be deleted, a job that cannot be cancelled, or an unknown queue is not
documented: the nearest of the model is used (Conflict, Conflict, BadRequest).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from infra.emulator import media_info
from infra.emulator.media_info import MediaInfo, UnreadableMedia
from infra.emulator.mediaconvert import events, outputs, probing, processing, rules
from infra.emulator.mediaconvert.exceptions import (
    BadRequestException,
    ConflictException,
    ForbiddenException,
    NotFoundException,
    UnprocessableEntityException,
)
from infra.emulator.mediaconvert.merging import effective_request
from infra.emulator.mediaconvert.outputs import WrittenGroup
from infra.emulator.mediaconvert.plugin import (
    BackendDict,
    BaseBackend,
    MotoWorld,
    Transitions,
    publish,
    random_text,
    utcnow,
)
from infra.emulator.mediaconvert.processing import JobFailed
from infra.emulator.mediaconvert.shelf import Record, Shelf

JOB_MODEL = "mediaconvert::job"
"""Name of the job's state machine for moto's state manager."""
DEFAULT_QUEUE = "Default"

_TOKEN_VALID = timedelta(minutes=1)
"""API documentation, ClientRequestToken: "within one minute of a successful request"."""
_RESERVATION_DAYS = 365
"""The only commitment on offer is one year."""
_JOB_SUFFIX = 6
"""Job ids look like 1671476818694-phptj0: milliseconds since 1970 and six characters."""
_MS_PER_SECOND = 1000
_OPEN = ("SUBMITTED", "PROGRESSING")
_JOB_MEMBERS = (
    "AccelerationSettings",
    "BillingTagsSource",
    "ClientRequestToken",
    "ElementalInferenceSettings",
    "HopDestinations",
    "JobTemplate",
    "Priority",
    "Role",
    "Settings",
    "SimulateReservedQueue",
    "StatusUpdateInterval",
    "UserMetadata",
)
"""What a description of a job repeats from its request."""


class Job(Transitions):
    """One job: its record as GetJob gives it, and its state."""

    def __init__(self, record: Record) -> None:
        super().__init__(JOB_MODEL, [("SUBMITTED", "PROGRESSING"), ("PROGRESSING", "COMPLETE")])
        self.record = record
        self.busy = False
        """A step is under way; a handler that looks at the job meanwhile must not start another."""

    @property
    def is_open(self) -> bool:
        """Neither finished nor cancelled."""
        return self.peek() in _OPEN

    def described(self) -> Record:
        """As the API describes it."""
        return {**self.record, "Status": self.peek()}


class MediaConvertBackend(BaseBackend):
    """MediaConvert of one account and region."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.clock: Callable[[], datetime] = _now
        """Time of the service; a test may put its own here."""
        prefix = f"arn:{self.partition}:mediaconvert:{region_name}:{account_id}"
        self.arn_prefix = prefix
        self.queues = Shelf("queue", "queues", prefix)
        self.job_templates = Shelf("job template", "jobTemplates", prefix)
        self.presets = Shelf("preset", "presets", prefix)
        self.jobs: dict[str, Job] = {}
        self.tags: dict[str, dict[str, str]] = {}
        self.certificates: set[str] = set()
        self.policy: Record | None = None
        self._world = MotoWorld(account_id, region_name)
        default = {"Name": DEFAULT_QUEUE, "PricingPlan": "ON_DEMAND", "Status": "ACTIVE"}
        self.queues.add(default, self.clock())["Type"] = "SYSTEM"

    @property
    def _url_module(self) -> Any:
        from infra.emulator.mediaconvert import urls

        return urls

    # ---- queues ----

    def create_queue(self, request: Mapping[str, Any]) -> Record:
        """A new queue, on demand unless the request reserves one."""
        record = {
            "PricingPlan": "ON_DEMAND",
            "Status": "ACTIVE",
            **_without(request, "Tags", "ReservationPlanSettings"),
        }
        if "ReservationPlanSettings" in request:
            record["ReservationPlan"] = self._reservation(request["ReservationPlanSettings"])
        created = self.queues.add(record, self.clock())
        self._tag(created["Arn"], request.get("Tags", {}))
        return self._described_queue(created)

    def get_queue(self, name: str) -> Record:
        """A queue with the number of its jobs."""
        return self._described_queue(self.queues.get(name))

    def update_queue(self, request: Mapping[str, Any]) -> Record:
        """Pause, activate or describe a queue anew."""
        changes = _without(request, "ReservationPlanSettings")
        if "ReservationPlanSettings" in request:
            if self.queues.get(request["Name"])["PricingPlan"] != "RESERVED":
                raise BadRequestException("reservationPlanSettings do not apply to an on-demand queue.")
            changes["ReservationPlan"] = self._reservation(request["ReservationPlanSettings"])
        return self._described_queue(self.queues.update(changes, self.clock()))

    def delete_queue(self, name: str) -> None:
        """Delete a queue that is idle.

        Raises:
            ConflictException: it is the default queue, has unprocessed jobs, or a reservation that still runs.
        """
        queue = self.queues.get(name)
        if queue["Type"] == "SYSTEM":
            raise ConflictException("You can't delete the default queue.")
        if any(job.is_open for job in self._jobs_of(queue)):
            raise ConflictException(f"You can't delete the queue {name}: it contains unprocessed jobs.")
        if queue.get("ReservationPlan", {}).get("Status") == "ACTIVE":
            raise ConflictException(f"You can't delete the queue {name}: it has an active pricing plan.")
        self.tags.pop(queue["Arn"], None)
        self.queues.remove(name)

    def list_queues(self, request: Mapping[str, Any]) -> list[Record]:
        """All queues, by name unless the request says otherwise."""
        return [self._described_queue(queue) for queue in self.queues.listing(request)]

    def _described_queue(self, queue: Record) -> Record:
        states = [job.peek() for job in self._jobs_of(queue)]
        counts = {"Submitted": states.count("SUBMITTED"), "Progressing": states.count("PROGRESSING")}
        return {**queue, **{f"{state}JobsCount": count for state, count in counts.items()}}

    def _jobs_of(self, queue: Record) -> list[Job]:
        return [job for job in self.jobs.values() if job.record["Queue"] == queue["Arn"]]

    def _reservation(self, settings: Mapping[str, Any]) -> Record:
        now = self.clock()
        dates = {"PurchasedAt": now, "ExpiresAt": now + timedelta(days=_RESERVATION_DAYS)}
        return {**settings, **dates, "Status": "ACTIVE"}

    # ---- templates and presets ----

    def create(self, shelf: Shelf, request: Mapping[str, Any]) -> Record:
        """A new job template or preset."""
        if "Queue" in request:
            self._queue(request["Queue"])
        created = shelf.add(_without(request, "Tags"), self.clock())
        self._tag(created["Arn"], request.get("Tags", {}))
        return created

    def update(self, shelf: Shelf, request: Mapping[str, Any]) -> Record:
        """Replace what the request names."""
        return shelf.update(request, self.clock())

    def delete(self, shelf: Shelf, name: str) -> None:
        """Delete a job template or preset with its tags."""
        self.tags.pop(shelf.get(name)["Arn"], None)
        shelf.remove(name)

    # ---- jobs ----

    def create_job(self, request: Mapping[str, Any]) -> Record:
        """A new job in SUBMITTED, or the earlier one of the same request token.

        Raises:
            BadRequestException: the settings, with template and presets merged in, are refused; one line per fault.
        """
        earlier = self._job_of_token(request.get("ClientRequestToken"))
        if earlier:
            return earlier.described()
        complete = effective_request(request, self.job_templates.get, self.presets.get)
        found = rules.violations("CreateJob", complete)
        if found:
            raise BadRequestException(rules.service_message(found))
        limits = outputs.not_emulated(complete["Settings"])
        if limits:
            raise BadRequestException("Known to the service, not to this emulator: " + "; ".join(limits))
        job = self._submitted(complete)
        self.jobs[job.record["Id"]] = job
        self._tag(job.record["Arn"], request.get("Tags", {}))
        return job.described()

    def get_job(self, job_id: str) -> Record:
        """A job; looking at it may move it on."""
        job = self._job(job_id)
        self._observe(job)
        return job.described()

    def list_jobs(self, request: Mapping[str, Any]) -> list[Record]:
        """Jobs of a queue and a state, newest first unless the request says otherwise; looking may move them on."""
        for job in list(self.jobs.values()):
            self._observe(job)
        chosen = [job.described() for job in self.jobs.values()]
        if "Queue" in request:
            arn = self._queue(request["Queue"])["Arn"]
            chosen = [job for job in chosen if job["Queue"] == arn]
        if "Status" in request:
            chosen = [job for job in chosen if job["Status"] == request["Status"]]
        if "InputFile" in request:
            chosen = [job for job in chosen if _uses_input(job, request["InputFile"])]
        return chosen if request.get("Order") == "ASCENDING" else chosen[::-1]

    def cancel_job(self, job_id: str) -> None:
        """Cancel a job that has not finished.

        Raises:
            ConflictException: it has.
        """
        job = self._job(job_id)
        if not job.is_open:
            raise ConflictException(f"The job {job_id} can't be canceled: its status is {job.peek()}.")
        self._finish(job, "CANCELED", {})

    def advance(self, job_id: str | None = None) -> list[Record]:
        """Move one job, or every open one, by one step.

        Args:
            job_id: the job; None for all.

        Returns:
            The jobs that moved, as they are now. One that is held by a paused queue does not move.
        """
        jobs = [self._job(job_id)] if job_id else list(self.jobs.values())
        moved = [job for job in jobs if job.is_open and not self._held(job)]
        for job in moved:
            self._step(job)
        return [job.described() for job in moved]

    def finish_jobs(self) -> list[Record]:
        """Move every job to its end; jobs held by paused queues stay.

        Returns:
            The jobs that ended by this.
        """
        ended: dict[str, Record] = {}
        while moved := self.advance():
            ended.update({job["Id"]: job for job in moved if job["Status"] not in _OPEN})
        return list(ended.values())

    def _job(self, job_id: str) -> Job:
        if job_id not in self.jobs:
            raise NotFoundException(f"The job {job_id} was not found.")
        return self.jobs[job_id]

    def _queue(self, name_or_arn: str) -> Record:
        found = self.queues.find(name_or_arn)
        if found is None:
            known = ", ".join(self.queues.records)
            raise BadRequestException(
                f"/queue: Should be a queue of this account and region ({known}), found {name_or_arn}"
            )
        return found

    def _job_of_token(self, token: str | None) -> Job | None:
        fresh = self.clock() - _TOKEN_VALID
        matching = (
            job
            for job in self.jobs.values()
            if token and job.record.get("ClientRequestToken") == token and job.record["CreatedAt"] > fresh
        )
        return next(matching, None)

    def _submitted(self, request: Mapping[str, Any]) -> Job:
        now = self.clock()
        # Without a Queue the job goes to the default one, even when its template names another (issue
        # aws-sdk-js-v3 #5248).
        queue = self._queue(request.get("Queue", DEFAULT_QUEUE))
        job_id = f"{round(now.timestamp() * _MS_PER_SECOND)}-{random_text(_JOB_SUFFIX)}"
        record: Record = {
            "AccelerationSettings": {"Mode": "DISABLED"},
            "AccelerationStatus": "NOT_APPLICABLE",
            "BillingTagsSource": "JOB",
            "Priority": 0,
            "StatusUpdateInterval": "SECONDS_60",
            "UserMetadata": {},
            **{member: request[member] for member in _JOB_MEMBERS if member in request},
            "Arn": f"{self.arn_prefix}:jobs/{job_id}",
            "CreatedAt": now,
            "Id": job_id,
            "Messages": {"Info": [], "Warning": []},
            "Queue": queue["Arn"],
            "Timing": {"SubmitTime": now},
        }
        return Job(record)

    # ---- the way of a job ----

    def _held(self, job: Job) -> bool:
        """Whether a job cannot move: it is being worked on, or its queue is paused and there is no other for it yet."""
        if self._paused(job):
            self._hop(job)
        return job.busy or self._paused(job)

    def _paused(self, job: Job) -> bool:
        queue = self.queues.find(job.record["Queue"])
        return queue is not None and queue["Status"] == "PAUSED" and job.peek() == "SUBMITTED"

    def _hop(self, job: Job) -> None:
        """Let a job go to the first queue for which it has waited long enough (user guide, "Queue hopping")."""
        waited = self.clock() - job.record["Timing"]["SubmitTime"]
        for hop in job.record.get("HopDestinations", []):
            if waited < timedelta(minutes=hop["WaitMinutes"]):
                continue
            before, job.record["Queue"] = job.record["Queue"], self._queue(hop.get("Queue", DEFAULT_QUEUE))["Arn"]
            job.record["Priority"] = hop.get("Priority", job.record["Priority"])
            transition = {
                "SourceQueue": before,
                "DestinationQueue": job.record["Queue"],
                "Timestamp": self.clock(),
            }
            job.record.setdefault("QueueTransitions", []).append(transition)
            job.record["HopDestinations"] = [one for one in job.record["HopDestinations"] if one is not hop]
            return

    def _observe(self, job: Job) -> None:
        """Let moto's state manager say whether looking at the job moves it, and how far."""
        if not job.is_open or self._held(job):
            return
        before = job.peek()
        job.advance()
        reached = job.status
        job.status = before
        while job.peek() != reached and job.is_open:
            self._step(job)

    def _step(self, job: Job) -> None:
        job.busy = True
        try:
            if job.peek() == "SUBMITTED":
                self._begin(job)
            else:
                self._process(job)
        finally:
            job.busy = False

    def _begin(self, job: Job) -> None:
        job.status = "PROGRESSING"
        job.record["Timing"]["StartTime"] = self.clock()
        job.record["CurrentPhase"] = "PROBING"
        self._publish(job, "PROGRESSING", {})

    def _process(self, job: Job) -> None:
        settings = job.record["Settings"]
        try:
            role = processing.assume(job.record, self.account_id, self._world)
            inputs = processing.read_inputs(settings, role, self._world)
            self._publish(job, "INPUT_INFORMATION", events.input_detail(inputs))
            groups = processing.write_outputs(settings, [info for _, info in inputs], role, self._world)
        except JobFailed as failure:
            job.record |= {"ErrorCode": failure.code, "ErrorMessage": failure.message}
            self._finish(job, "ERROR", {"errorCode": failure.code, "errorMessage": failure.message})
            return
        job.record |= {"OutputGroupDetails": _output_group_details(groups), "JobPercentComplete": 100}
        self._finish(job, "COMPLETE", events.complete_detail(groups))

    def _finish(self, job: Job, status: str, detail: Mapping[str, Any]) -> None:
        job.status = status
        job.record["Timing"]["FinishTime"] = self.clock()
        job.record.pop("CurrentPhase", None)
        self._publish(job, status, detail)

    def _publish(self, job: Job, status: str, detail: Mapping[str, Any]) -> None:
        described = {**job.record, "Status": status}
        event = events.job_event(described, self.account_id, self.region_name, self.clock(), detail)
        publish(self.account_id, self.region_name, event)

    # ---- probe ----

    def probe(self, uris: Sequence[str]) -> list[Record]:
        """What is in files of S3, as the Probe operation says it.

        Raises:
            BadRequestException: an address is not in S3, or the file is of no known format.
            NotFoundException: no such object.
            UnprocessableEntityException: the file is recognised, but malformed or incomplete.
        """
        return [probing.result(self._probed(uri)) for uri in uris]

    def _probed(self, uri: str) -> MediaInfo:
        if not uri.startswith("s3://"):
            raise BadRequestException(f"This emulator probes files in S3 only, found {uri}.")
        if self.policy and self.policy.get("S3Inputs") == "DISALLOWED":
            raise ForbiddenException("Your policy does not allow S3 inputs.")
        data = self._world.read_object(*processing.split_uri(uri))
        if data is None:
            raise NotFoundException(f"The input file {uri} was not found.")
        try:
            return media_info.read(data)
        except UnreadableMedia as error:
            refused = UnprocessableEntityException if error.recognised else BadRequestException
            raise refused(f"Unable to open input file [{uri}]: [Failed probe/open: [{error.reason}]]") from error

    # ---- tags, policy, certificates ----

    def tags_of(self, arn: str) -> dict[str, str]:
        """Tags of a resource."""
        self._require_resource(arn)
        return self.tags.get(arn, {})

    def tag(self, arn: str, tags: Mapping[str, str]) -> None:
        """Add or replace tags."""
        self._require_resource(arn)
        self._tag(arn, tags)

    def untag(self, arn: str, keys: Iterable[str]) -> None:
        """Remove tags; unknown keys are ignored."""
        self._require_resource(arn)
        for key in keys:
            self.tags.get(arn, {}).pop(key, None)

    def disassociate_certificate(self, arn: str) -> None:
        """Forget a certificate.

        Raises:
            NotFoundException: it was not associated.
        """
        if arn not in self.certificates:
            raise NotFoundException(f"The certificate {arn} is not associated.")
        self.certificates.discard(arn)

    def _tag(self, arn: str, tags: Mapping[str, str]) -> None:
        self.tags.setdefault(arn, {}).update(tags)

    def _require_resource(self, arn: str) -> None:
        named = [shelf.find(arn) for shelf in (self.queues, self.job_templates, self.presets)]
        is_job = arn.removeprefix(f"{self.arn_prefix}:jobs/") in self.jobs
        if not is_job and not any(record and record["Arn"] == arn for record in named):
            raise NotFoundException(f"The resource {arn} was not found.")


def _now() -> datetime:
    # moto's clock can be frozen by its users; it is UTC without saying so.
    return utcnow().replace(tzinfo=UTC)


def _without(request: Mapping[str, Any], *members: str) -> Record:
    return {name: value for name, value in request.items() if name not in members}


def _uses_input(job: Record, uri: str) -> bool:
    return any(uri in item.get("FileInput", "") for item in job["Settings"]["Inputs"])


def _output_group_details(groups: Sequence[WrittenGroup]) -> list[Record]:
    return [{"OutputDetails": [_output_detail(output) for output in group.outputs]} for group in groups]


def _output_detail(output: outputs.WrittenOutput) -> Record:
    detail: Record = {"DurationInMs": output.duration_ms}
    if output.size_px:
        detail["VideoDetails"] = {"WidthInPx": output.size_px[0], "HeightInPx": output.size_px[1]}
    return detail


mediaconvert_backends = BackendDict(MediaConvertBackend, "mediaconvert")
