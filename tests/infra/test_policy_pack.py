"""The policy pack as the Pulumi engine meets it: a process that answers gRPC on a port that it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import analyzer_pb2, analyzer_pb2_grpc

from infra.policies.rules import RULES

ROOT = Path(__file__).parents[2]
PACK = ROOT / "infra" / "policy_pack"
REPOSITORY = "aws:ecr/repository:Repository"
URN = f"urn:pulumi:dev::reelplan::{REPOSITORY}::api"


@pytest.fixture(scope="module")
def analyzer() -> Iterator[analyzer_pb2_grpc.AnalyzerStub]:
    """The pack's process, started as the engine starts it: in its own directory."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "REELPLAN_PROFILE": "dev"}
    with subprocess.Popen(
        [sys.executable, ".", "127.0.0.1:9", str(ROOT)], cwd=PACK, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
            yield analyzer_pb2_grpc.AnalyzerStub(channel)
        process.terminate()


def test_the_pack_offers_every_rule(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    info = analyzer.GetAnalyzerInfo(empty_pb2.Empty())

    assert info.name == "reelplan"
    assert [policy.name for policy in info.policies] == [rule.id.lower().replace(".", "-") for rule in RULES]


def test_the_pack_finds_what_the_rules_find(analyzer: analyzer_pb2_grpc.AnalyzerStub) -> None:
    properties = struct_pb2.Struct()
    properties.update({"imageScanningConfiguration": {"scanOnPush": False}})
    resource = analyzer_pb2.AnalyzerResource(type=REPOSITORY, properties=properties, urn=URN, name="api")

    answer = analyzer.AnalyzeStack(analyzer_pb2.AnalyzeStackRequest(resources=[resource]))

    found = {diagnostic.policyName: diagnostic for diagnostic in answer.diagnostics}
    assert {"ecr-1", "ecr-2", "ecr-3", "rp-13", "rp-16", "rp-17"} <= set(found)
    assert found["ecr-1"].urn == URN
    assert found["ecr-1"].enforcementLevel == analyzer_pb2.MANDATORY
    assert found["ecr-2"].enforcementLevel == analyzer_pb2.ADVISORY
