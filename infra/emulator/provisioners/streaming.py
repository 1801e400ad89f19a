"""Amazon Kinesis, Amazon Data Firehose and EventBridge Pipes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from infra.emulator.provisioners.spec import Call, Output, Read, ResourceType, To

FORMAT = "dataFormatConversionConfiguration"
FIREHOSE = "DeliveryStreamDescription"
DESTINATION = f"{FIREHOSE}.Destinations[0].ExtendedS3DestinationDescription"


def _source(inputs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The API asks for the kind of source by name; the provider takes it from what is configured."""
    kind = "KinesisStreamAsSource" if inputs.get("kinesisSourceConfiguration") else "DirectPut"
    return {
        **{key: value for key, value in inputs.items() if key != "destination"},
        "deliveryStreamType": kind,
    }


TYPES: Mapping[str, ResourceType] = {
    "aws:kinesis/stream:Stream": ResourceType(
        service="kinesis",
        name="name",
        name_limit=128,
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateStream",
                inputs={"name": "StreamName"},
                reads=(Read("DescribeStreamSummary", {"StreamName": "{name}"}, rest="StreamDescriptionSummary"),),
            ),
            Call(
                "AddTagsToStream",
                takes=("tags",),
                fixed={"StreamName": "{name}"},
                reads=(Read("ListTagsForStream", {"StreamName": "{name}"}, {"Tags": "Tags"}),),
            ),
            Call(
                "IncreaseStreamRetentionPeriod",
                takes=("retentionPeriod",),
                inputs={"retentionPeriod": "RetentionPeriodHours"},
                fixed={"StreamName": "{name}"},
                reads=(Read("DescribeStreamSummary", {"StreamName": "{name}"}, rest="StreamDescriptionSummary"),),
            ),
            Call(
                "StartStreamEncryption",
                takes=("encryptionType", "kmsKeyId"),
                inputs={"kmsKeyId": "KeyId"},
                fixed={"StreamName": "{name}"},
                reads=(Read("DescribeStreamSummary", {"StreamName": "{name}"}, rest="StreamDescriptionSummary"),),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:kinesis:{region}:{account}:stream/{name}",
                "DescribeStreamSummary.StreamDescriptionSummary.StreamARN",
            ),
        },
        ignored={"enforceConsumerDeletion": "how Pulumi deletes the stream"},
    ),
    "aws:kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": ResourceType(
        service="firehose",
        name="name",
        name_limit=64,
        id=Output("{arn}"),
        calls=(
            Call(
                "CreateDeliveryStream",
                prepare=_source,
                inputs={
                    "name": "DeliveryStreamName",
                    "kinesisSourceConfiguration": "KinesisStreamSourceConfiguration",
                    "serverSideEncryption": "DeliveryStreamEncryptionConfigurationInput",
                    # Said by the kind of key being there.
                    "serverSideEncryption.enabled": To("KeyType", lambda enabled: None),
                    "extendedS3Configuration": "ExtendedS3DestinationConfiguration",
                    "extendedS3Configuration.bufferingSize": "BufferingHints.SizeInMBs",
                    "extendedS3Configuration.bufferingInterval": "BufferingHints.IntervalInSeconds",
                    f"extendedS3Configuration.{FORMAT}.inputFormatConfiguration.deserializer.openXJsonSerDe": (
                        "OpenXJsonSerDe"
                    ),
                },
                reads=(
                    Read(
                        "DescribeDeliveryStream",
                        {"DeliveryStreamName": "{name}"},
                        {
                            "ExtendedS3DestinationConfiguration": DESTINATION,
                            "KinesisStreamSourceConfiguration": f"{FIREHOSE}.Source.KinesisStreamSourceDescription",
                            "DeliveryStreamEncryptionConfigurationInput": (
                                f"{FIREHOSE}.DeliveryStreamEncryptionConfiguration"
                            ),
                        },
                        rest=FIREHOSE,
                    ),
                    Read("ListTagsForDeliveryStream", {"DeliveryStreamName": "{name}"}, {"Tags": "Tags"}),
                ),
            ),
        ),
        outputs={
            "arn": Output(
                "arn:aws:firehose:{region}:{account}:deliverystream/{name}", "CreateDeliveryStream.DeliveryStreamARN"
            ),
        },
    ),
    "aws:pipes/pipe:Pipe": ResourceType(
        service="pipes",
        name="name",
        name_limit=64,
        id=Output("{name}"),
        calls=(
            Call(
                "CreatePipe",
                inputs={"sourceParameters.dynamodbStreamParameters": "DynamoDBStreamParameters"},
                reads=(Read("DescribePipe", {"Name": "{name}"}, rest="@"),),
            ),
        ),
        outputs={"arn": Output("arn:aws:pipes:{region}:{account}:pipe/{name}", "CreatePipe.Arn")},
    ),
}
