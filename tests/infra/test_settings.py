"""The typed stack configuration: every fault at once, under the key that the user wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from infra.settings import FARGATE_MEMORY_MIB, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[2]


class Config:
    """Answers as ``pulumi.Config`` does: everything is text, structures are JSON."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}

    def get(self, key: str) -> str | None:
        return self._texts.get(key)


def faults(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load_settings(Config(values))
    return caught.value.faults


def test_an_empty_stack_file_is_a_whole_stack() -> None:
    assert load_settings(Config({})) == Settings()


def test_values_arrive_as_text_and_become_what_they_mean() -> None:
    settings = load_settings(
        Config({"ladder": ["480p", "720p"], "apiCpu": 1024, "apiMemoryMib": 4096, "protect": True})
    )
    assert settings.ladder == ("480p", "720p")
    assert (settings.api_cpu, settings.api_memory_mib, settings.protect) == (1024, 4096, True)


def test_pulumi_yaml_declares_exactly_the_keys_of_the_model_with_their_defaults() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    written = {key.removeprefix("reelplan:"): declaration["default"] for key, declaration in declared.items()}
    model = {field.alias: field.default for field in Settings.model_fields.values()}
    assert written == {key: list(value) if isinstance(value, tuple) else value for key, value in model.items()}
    assert all(declaration["description"] for declaration in declared.values())


def test_every_fault_is_reported_at_once() -> None:
    found = faults(ladder=["480p", "720", "1080p"], apiCpu=512, apiMemoryMib=512, apiMinTasks=3, apiMaxTasks=2)
    assert found == [
        "reelplan:ladder: found '720', expected one of 480p, 720p, 1080p (did you mean 720p?)",
        "reelplan:mp4Rendition: found '720p', expected a rung of the ladder ['480p', '720', '1080p']",
        "reelplan:apiMemoryMib: found 512, expected one of 1024, 2048, 3072, 4096"
        " (what Fargate allows with apiCpu 512)",
        "reelplan:apiMaxTasks: found 2, expected at least apiMinTasks (3)",
    ]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("apiMinTasks", 0, "reelplan:apiMinTasks: found '0', expected: Input should be greater than or equal to 1"),
        ("apiCpu", "big", "reelplan:apiCpu: found 'big', expected: Input should be a valid integer"),
        ("priceClass", "PriceClass_50", "reelplan:priceClass: found 'PriceClass_50', expected: Input should be"),
        ("vpcCidr", "10.20.0.0/99", "reelplan:vpcCidr: found '10.20.0.0/99', expected an IPv4 range"),
        ("vpcCidr", "8.8.0.0/16", "reelplan:vpcCidr: found 8.8.0.0/16, expected a private range of /16 to /22"),
        ("vpcCidr", "10.0.0.0/8", "reelplan:vpcCidr: found 10.0.0.0/8, expected a private range of /16 to /22"),
        ("segmentSeconds", 3, "reelplan:segmentSeconds: found 3, expected a multiple of 2"),
        ("logRetentionDays", 31, "reelplan:logRetentionDays: found 31, expected one of 1, 3, 5, 7, 14, 30"),
        ("ladder", [], "reelplan:ladder: found [], expected"),
        ("ladder", ["720p", "720p"], "reelplan:ladder: found a rung twice in ['720p', '720p'], expected each once"),
        ("apiImageTag", "a b", "reelplan:apiImageTag: found 'a b', expected"),
    ],
)
def test_a_fault_names_key_found_and_expected(key: str, value: object, message: str) -> None:
    found = faults(**{key: value})
    assert len(found) == 1
    assert found[0].startswith(message)


def test_each_fargate_cpu_size_starts_at_twice_its_vcpu_in_gib() -> None:
    # 256 CPU units = 0.25 vCPU -> 0.5 GiB; 16,384 = 16 vCPU -> 32 GiB.
    for cpu, sizes in FARGATE_MEMORY_MIB.items():
        assert sizes[0] == cpu * 2
        assert list(sizes) == sorted(sizes)
