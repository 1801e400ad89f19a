"""The operations: each checks its request, asks the back end and wraps the answer. moto serialises by the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from infra.emulator.mediaconvert import rules
from infra.emulator.mediaconvert.exceptions import BadRequestException, NotFoundException
from infra.emulator.mediaconvert.models import MediaConvertBackend, mediaconvert_backends
from infra.emulator.mediaconvert.plugin import ActionResult, BaseResponse, EmptyResult
from infra.emulator.mediaconvert.shelf import Record, page

NOT_EMULATED: Mapping[str, str] = {
    "CreateResourceShare": "shares a job with AWS support, which does not exist here",
    "GetJobsQueryResults": "asynchronous search; SearchJobs answers the same at once",
    "ListVersions": "versions of the job engine are not published as data",
    "StartJobsQuery": "asynchronous search; SearchJobs answers the same at once",
}
"""Operations of the model that moto answers with NotImplementedError, and why."""


class MediaConvertResponse(BaseResponse):
    """One request to MediaConvert."""

    def __init__(self) -> None:
        super().__init__(service_name="mediaconvert")
        # BaseResponse.__init__ sets it to False, so a class attribute would have no effect.
        self.automated_parameter_parsing = True

    @property
    def backend(self) -> MediaConvertBackend:
        """State of the account and region that the request is for."""
        return mediaconvert_backends[self.current_account][self.region]

    def _request(self) -> Record:
        """The request's parameters, once the service has nothing against them."""
        operation = self._get_action()
        params = dict(self._get_params())
        found = rules.violations(operation, params)
        if operation == "CreateJob":
            # The rest is judged by the back end, once the job's template and presets are merged in.
            found = [violation for violation in found if violation.kind == "type"]
        if found:
            raise BadRequestException(rules.service_message(found))
        return params

    def _page(self, member: str, items: Sequence[Record], request: Mapping[str, Any]) -> ActionResult:
        items, token = page(items, request)
        return ActionResult({member: items, **({"NextToken": token} if token else {})})

    # ---- queues ----

    def create_queue(self) -> ActionResult:
        """Answer CreateQueue."""
        return ActionResult({"Queue": self.backend.create_queue(self._request())})

    def get_queue(self) -> ActionResult:
        """Answer GetQueue."""
        return ActionResult({"Queue": self.backend.get_queue(self._request()["Name"])})

    def list_queues(self) -> ActionResult:
        """Answer ListQueues."""
        request = self._request()
        return self._page("Queues", self.backend.list_queues(request), request)

    def update_queue(self) -> ActionResult:
        """Answer UpdateQueue."""
        return ActionResult({"Queue": self.backend.update_queue(self._request())})

    def delete_queue(self) -> ActionResult:
        """Answer DeleteQueue."""
        self.backend.delete_queue(self._request()["Name"])
        return EmptyResult()

    # ---- job templates ----

    def create_job_template(self) -> ActionResult:
        """Answer CreateJobTemplate."""
        return ActionResult({"JobTemplate": self.backend.create(self.backend.job_templates, self._request())})

    def get_job_template(self) -> ActionResult:
        """Answer GetJobTemplate."""
        return ActionResult({"JobTemplate": self.backend.job_templates.get(self._request()["Name"])})

    def list_job_templates(self) -> ActionResult:
        """Answer ListJobTemplates."""
        request = self._request()
        return self._page("JobTemplates", self.backend.job_templates.listing(request), request)

    def update_job_template(self) -> ActionResult:
        """Answer UpdateJobTemplate."""
        return ActionResult({"JobTemplate": self.backend.update(self.backend.job_templates, self._request())})

    def delete_job_template(self) -> ActionResult:
        """Answer DeleteJobTemplate."""
        self.backend.delete(self.backend.job_templates, self._request()["Name"])
        return EmptyResult()

    # ---- presets ----

    def create_preset(self) -> ActionResult:
        """Answer CreatePreset."""
        return ActionResult({"Preset": self.backend.create(self.backend.presets, self._request())})

    def get_preset(self) -> ActionResult:
        """Answer GetPreset."""
        return ActionResult({"Preset": self.backend.presets.get(self._request()["Name"])})

    def list_presets(self) -> ActionResult:
        """Answer ListPresets."""
        request = self._request()
        return self._page("Presets", self.backend.presets.listing(request), request)

    def update_preset(self) -> ActionResult:
        """Answer UpdatePreset."""
        return ActionResult({"Preset": self.backend.update(self.backend.presets, self._request())})

    def delete_preset(self) -> ActionResult:
        """Answer DeletePreset."""
        self.backend.delete(self.backend.presets, self._request()["Name"])
        return EmptyResult()

    # ---- jobs ----

    def create_job(self) -> ActionResult:
        """Answer CreateJob."""
        return ActionResult({"Job": self.backend.create_job(self._request())})

    def get_job(self) -> ActionResult:
        """Answer GetJob."""
        return ActionResult({"Job": self.backend.get_job(self._request()["Id"])})

    def list_jobs(self) -> ActionResult:
        """Answer ListJobs."""
        request = self._request()
        return self._page("Jobs", self.backend.list_jobs(request), request)

    def search_jobs(self) -> ActionResult:
        """Answer SearchJobs."""
        return self.list_jobs()

    def cancel_job(self) -> ActionResult:
        """Answer CancelJob."""
        self.backend.cancel_job(self._request()["Id"])
        return EmptyResult()

    # ---- the rest ----

    def probe(self) -> ActionResult:
        """Answer Probe."""
        files = self._request().get("InputFiles", [])
        if not files:
            raise BadRequestException("/inputFiles: Should have at least 1 items")
        return ActionResult({"ProbeResults": self.backend.probe([item.get("FileUrl", "") for item in files])})

    def describe_endpoints(self) -> ActionResult:
        """Answer DescribeEndpoints."""
        # The host that was asked, so that a client of a local server stays there.
        self._request()
        return ActionResult({"Endpoints": [{"Url": f"{self.parsed_url.scheme}://{self.parsed_url.netloc}"}]})

    def list_tags_for_resource(self) -> ActionResult:
        """Answer ListTagsForResource."""
        arn = self._request()["Arn"]
        return ActionResult({"ResourceTags": {"Arn": arn, "Tags": self.backend.tags_of(arn)}})

    def tag_resource(self) -> ActionResult:
        """Answer TagResource."""
        request = self._request()
        self.backend.tag(request["Arn"], request["Tags"])
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        """Answer UntagResource."""
        request = self._request()
        self.backend.untag(request["Arn"], request.get("TagKeys", []))
        return EmptyResult()

    def put_policy(self) -> ActionResult:
        """Answer PutPolicy."""
        self.backend.policy = self._request()["Policy"]
        return ActionResult({"Policy": self.backend.policy})

    def get_policy(self) -> ActionResult:
        """Answer GetPolicy."""
        self._request()
        if self.backend.policy is None:
            raise NotFoundException("There is no policy for this account.")
        return ActionResult({"Policy": self.backend.policy})

    def delete_policy(self) -> ActionResult:
        """Answer DeletePolicy."""
        self._request()
        self.backend.policy = None
        return EmptyResult()

    def associate_certificate(self) -> ActionResult:
        """Answer AssociateCertificate."""
        self.backend.certificates.add(self._request()["Arn"])
        return EmptyResult()

    def disassociate_certificate(self) -> ActionResult:
        """Answer DisassociateCertificate."""
        self.backend.disassociate_certificate(self._request()["Arn"])
        return EmptyResult()
