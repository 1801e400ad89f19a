"""What viewers do: Firehose writes Parquet to S3, Glue knows the columns, Athena answers SQL within a limit."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from infra import iam, interactions
from infra.components.dead_letters import ALARM_PERIOD_SECONDS
from infra.components.storage import BucketArgs, PrivateBucket
from infra.naming import Naming

BYTES_PER_GB = 10**9
"""Athena bills and limits by decimal bytes."""
BUFFER_MB = 128
"""The largest that Firehose takes: few large files are cheaper to store and to scan than many small ones."""
SERDE = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
INPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
OUTPUT_FORMAT = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"
LATE_SECONDS = 3600
"""Age of the oldest interaction in Firehose at which somebody should look [second]."""


@dataclass(frozen=True)
class AnalyticsArgs:
    """One collection of interactions."""

    account: pulumi.Input[str]
    region: pulumi.Input[str]
    source: str
    """"direct", or "stream" when others read the interactions, too."""
    retention_days: int
    buffer_seconds: int
    scan_limit_gb: int
    log_retention_days: int
    protect: bool


class Analytics(pulumi.ComponentResource):
    """Bucket, table, delivery stream and workgroup; a Kinesis stream in front when others read it, too."""

    bucket: PrivateBucket
    stream: aws.kinesis.Stream | None
    firehose: aws.kinesis.FirehoseDeliveryStream
    workgroup: aws.athena.Workgroup

    def __init__(
        self, name: str, naming: Naming, args: AnalyticsArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("reelplan:analytics:Analytics", name, None, opts)
        self._naming = naming
        self._tags = naming.tags("analytics")
        self._child = pulumi.ResourceOptions(parent=self)
        self.bucket = PrivateBucket(
            "interactions",
            naming,
            BucketArgs(role="interactions", expire_days=args.retention_days, protect=args.protect),
            self._child,
        )
        self.bucket.grant()
        self.stream = self._stream() if args.source == "stream" else None
        table = self._table()
        self.firehose = self._firehose(args, table)
        self._late_alarm()
        self.workgroup = self._workgroup(args)
        self.register_outputs({"bucket": self.bucket.name, "workgroup": self.workgroup.name})

    def _stream(self) -> aws.kinesis.Stream:
        return aws.kinesis.Stream(
            "interactions",
            name=self._naming.physical("interactions"),
            stream_mode_details={"stream_mode": "ON_DEMAND"},
            encryption_type="KMS",
            # The key that AWS manages for the service costs nothing itself.
            kms_key_id="alias/aws/kinesis",
            tags=self._tags,
            opts=self._child,
        )

    def _table(self) -> aws.glue.CatalogTable:
        database = aws.glue.CatalogDatabase(
            "analytics",
            name=self._naming.workflow.replace("-", "_"),
            description="What viewers do",
            tags=self._tags,
            opts=self._child,
        )
        return aws.glue.CatalogTable(
            "interactions",
            name="interactions",
            database_name=database.name,
            description="One row for each thing that a viewer did",
            table_type="EXTERNAL_TABLE",
            parameters=self.bucket.name.apply(interactions.projection),
            partition_keys=[{"name": interactions.PARTITION, "type": "string"}],
            storage_descriptor={
                "location": pulumi.Output.concat("s3://", self.bucket.name, "/", interactions.DATA_PREFIX),
                "input_format": INPUT_FORMAT,
                "output_format": OUTPUT_FORMAT,
                "ser_de_info": {"serialization_library": SERDE, "parameters": {"serialization.format": "1"}},
                "columns": [{"name": column, "type": kind} for column, kind in interactions.COLUMNS.items()],
            },
            opts=self._child,
        )

    def _firehose(self, args: AnalyticsArgs, table: aws.glue.CatalogTable) -> aws.kinesis.FirehoseDeliveryStream:
        logs = aws.cloudwatch.LogGroup(
            "firehose",
            name=f"/aws/kinesisfirehose/{self._naming.physical('interactions')}",
            retention_in_days=args.log_retention_days,
            tags=self._tags,
            opts=self._child,
        )
        log_stream = aws.cloudwatch.LogStream("firehose", name="delivery", log_group_name=logs.name, opts=self._child)
        role = aws.iam.Role(
            "firehose",
            description="Firehose reads the table's columns and writes files",
            assume_role_policy=iam.document(iam.trust("firehose.amazonaws.com", account=args.account)),
            tags=self._tags,
            opts=self._child,
        )
        permissions = aws.iam.RolePolicy(
            "firehose",
            role=role.name,
            policy=iam.document(*self._firehose_statements(args, table, logs)),
            opts=self._child,
        )
        source: aws.kinesis.FirehoseDeliveryStreamKinesisSourceConfigurationArgsDict | None = (
            {"kinesis_stream_arn": self.stream.arn, "role_arn": role.arn} if self.stream else None
        )
        return aws.kinesis.FirehoseDeliveryStream(
            "interactions",
            name=self._naming.physical("interactions"),
            destination="extended_s3",
            kinesis_source_configuration=source,
            # A stream in front is encrypted itself.
            server_side_encryption=None if self.stream else {"enabled": True, "key_type": "AWS_OWNED_CMK"},
            extended_s3_configuration={
                "bucket_arn": self.bucket.arn,
                "role_arn": role.arn,
                "prefix": interactions.firehose_prefix(),
                "error_output_prefix": f"{interactions.ERROR_PREFIX}!{{firehose:error-output-type}}/",
                "buffering_size": BUFFER_MB,
                "buffering_interval": args.buffer_seconds,
                "compression_format": "UNCOMPRESSED",
                "cloudwatch_logging_options": {
                    "enabled": True,
                    "log_group_name": logs.name,
                    "log_stream_name": log_stream.name,
                },
                "data_format_conversion_configuration": {
                    "input_format_configuration": {"deserializer": {"open_x_json_ser_de": {}}},
                    # Parquet compresses inside; Firehose must not compress the file once more.
                    "output_format_configuration": {"serializer": {"parquet_ser_de": {"compression": "SNAPPY"}}},
                    "schema_configuration": {
                        "database_name": table.database_name,
                        "table_name": table.name,
                        "region": args.region,
                        "role_arn": role.arn,
                    },
                },
            },
            tags=self._tags,
            # Firehose looks at its role and its table while it is being created.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permissions]),
        )

    def _firehose_statements(
        self, args: AnalyticsArgs, table: aws.glue.CatalogTable, logs: aws.cloudwatch.LogGroup
    ) -> list[iam.Statement]:
        catalog = pulumi.Output.concat("arn:aws:glue:", args.region, ":", args.account, ":")
        statements = [
            iam.allow(["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], self.bucket.arn),
            iam.allow(
                ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
                [
                    pulumi.Output.concat(self.bucket.arn, "/", prefix, "*")
                    for prefix in (interactions.DATA_PREFIX, interactions.ERROR_PREFIX)
                ],
            ),
            iam.allow(
                ["glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
                [
                    pulumi.Output.concat(catalog, "catalog"),
                    pulumi.Output.concat(catalog, "database/", table.database_name),
                    table.arn,
                ],
            ),
            iam.allow(["logs:PutLogEvents"], pulumi.Output.concat(logs.arn, ":*")),
        ]
        if self.stream:
            read = ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"]
            statements.append(iam.allow(read, self.stream.arn))
        return statements

    def _late_alarm(self) -> None:
        aws.cloudwatch.MetricAlarm(
            "interactions-late",
            alarm_description="Interactions wait in Firehose: the bucket, the table or the role refuses them.",
            namespace="AWS/Firehose",
            metric_name="DeliveryToS3.DataFreshness",
            dimensions={"DeliveryStreamName": self.firehose.name},
            statistic="Maximum",
            period=ALARM_PERIOD_SECONDS,
            evaluation_periods=1,
            threshold=LATE_SECONDS,
            comparison_operator="GreaterThanThreshold",
            treat_missing_data="notBreaching",
            tags=self._tags,
            opts=self._child,
        )

    def _workgroup(self, args: AnalyticsArgs) -> aws.athena.Workgroup:
        return aws.athena.Workgroup(
            "analytics",
            name=self._naming.physical("analytics"),
            description="Questions about what viewers do; a query that reads too much is cancelled",
            configuration={
                "enforce_workgroup_configuration": True,
                "publish_cloudwatch_metrics_enabled": True,
                "bytes_scanned_cutoff_per_query": args.scan_limit_gb * BYTES_PER_GB,
                "result_configuration": {
                    "output_location": pulumi.Output.concat(
                        "s3://", self.bucket.name, "/", interactions.RESULTS_PREFIX
                    ),
                    "encryption_configuration": {"encryption_option": "SSE_S3"},
                },
            },
            force_destroy=not args.protect,
            tags=self._tags,
            opts=self._child,
        )
