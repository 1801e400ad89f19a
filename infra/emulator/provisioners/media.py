"""AWS Elemental MediaConvert."""

from __future__ import annotations

from collections.abc import Mapping

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType

RESERVED = "Queue.ReservationPlan.{Commitment: Commitment, RenewalType: RenewalType, ReservedSlots: ReservedSlots}"
"""What of a reservation is asked for; the answer adds when it was bought and ends."""

TYPES: Mapping[str, ResourceType] = {
    "aws:mediaconvert/queue:Queue": ResourceType(
        service="mediaconvert",
        name="name",
        id=Output("{name}"),
        calls=(
            Call(
                "CreateQueue",
                reads=(
                    Read("GetQueue", {"Name": "{name}"}, {"ReservationPlanSettings": RESERVED}, rest="Queue"),
                    Read("ListTagsForResource", {"Arn": "{arn}"}, {"Tags": "ResourceTags.Tags"}),
                ),
            ),
        ),
        outputs={"arn": Output("arn:aws:mediaconvert:{region}:{account}:queues/{name}", "CreateQueue.Queue.Arn")},
    ),
}
