"""The typed stack configuration: every fault at once, under the key that the user wrote."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml

from infra.profiles import PROFILES, SIZES
from infra.settings import FARGATE_MEMORY_MIB, Settings, SettingsError, load_settings

ROOT = Path(__file__).parents[2]


def as_text(values: Mapping[str, object]) -> dict[str, str]:
    """As the engine passes configuration: everything is text, structures are JSON."""
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in values.items()}


def load(**values: object) -> Settings:
    return load_settings(as_text(values))


def faults(**values: object) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(**values)
    return caught.value.faults


def test_an_empty_stack_file_is_a_whole_stack() -> None:
    assert load() == Settings()


def test_values_arrive_as_text_and_become_what_they_mean() -> None:
    settings = load(transcoding={"ladder": ["480p", "720p"]}, api={"cpu": "1024", "memoryMib": 4096})
    assert settings.transcoding.ladder == ("480p", "720p")
    assert (settings.api.cpu, settings.api.memory_mib) == (1024, 4096)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_goes_with_every_size(profile: str, size: str) -> None:
    settings = load(profile=profile, size=size)
    assert (settings.profile, settings.size) == (profile, size)
    assert settings.storage.protect == (profile == "prod")


def test_the_stack_file_wins_over_the_size_and_the_size_over_the_profile() -> None:
    assert load(profile="prod").api.min_tasks == 3
    assert load(profile="prod", size="1m").api.min_tasks == 4
    settings = load(profile="prod", size="1m", api={"minTasks": 7})
    assert (settings.api.min_tasks, settings.api.cpu) == (7, 1024)


def test_pulumi_yaml_declares_profile_and_size_with_the_defaults_of_the_model() -> None:
    declared = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())["config"]
    assert {key: entry["default"] for key, entry in declared.items()} == {
        "reelplan:profile": Settings().profile,
        "reelplan:size": Settings().size,
    }


def test_every_fault_is_reported_at_once() -> None:
    found = faults(
        transcoding={"ladder": ["480p", "720", "1080p"]},
        api={"cpu": 512, "memoryMib": 512, "minTasks": 3, "maxTasks": 2},
        delivry={},
    )
    assert found == [
        "reelplan:transcoding.ladder: found '720', expected one of 480p, 720p, 1080p (did you mean 720p?)",
        "reelplan:transcoding.mp4Rendition: found '720p', expected a rung of the ladder ['480p', '720', '1080p']",
        "reelplan:api.memoryMib: found 512, expected one of 1024, 2048, 3072, 4096 (what Fargate allows with cpu 512)",
        "reelplan:api.maxTasks: found 2, expected at least minTasks (3)",
        f"reelplan:delivry: found a key of no meaning, expected one of {', '.join(sections())}"
        " (did you mean delivery?)",
    ]


def sections() -> list[str]:
    return [field.alias or name for name, field in Settings.model_fields.items()]


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("api", "minTasks", 0, "found 0, expected: Input should be greater than or equal to 1"),
        ("api", "cpu", "big", "found 'big', expected: Input should be a valid integer"),
        ("api", "imageTag", "a b", "found 'a b', expected"),
        ("delivery", "priceClass", "PriceClass_50", "found 'PriceClass_50', expected: Input should be"),
        ("network", "vpcCidr", "10.20.0.0/99", "found '10.20.0.0/99', expected an IPv4 range"),
        ("network", "vpcCidr", "8.8.0.0/16", "found 8.8.0.0/16, expected a private range of /16 to /22"),
        ("network", "vpcCidr", "10.0.0.0/8", "found 10.0.0.0/8, expected a private range of /16 to /22"),
        ("transcoding", "segmentSeconds", 3, "found 3, expected a multiple of 2"),
        ("transcoding", "ladder", [], "found [], expected"),
        ("transcoding", "ladder", ["720p", "720p"], "found a rung twice in ['720p', '720p'], expected each once"),
        ("observability", "logRetentionDays", 31, "found 31, expected one of 1, 3, 5, 7, 14, 30"),
    ],
)
def test_a_fault_names_key_found_and_expected(section: str, key: str, value: object, message: str) -> None:
    found = faults(**{section: {key: value}})
    assert found[0].startswith(f"reelplan:{section}.{key}: {message}")


def test_each_fargate_cpu_size_starts_at_twice_its_vcpu_in_gib() -> None:
    # 256 CPU units = 0.25 vCPU -> 0.5 GiB; 16,384 = 16 vCPU -> 32 GiB.
    for cpu, sizes in FARGATE_MEMORY_MIB.items():
        assert sizes[0] == cpu * 2
        assert list(sizes) == sorted(sizes)


def test_live_streams_are_refused_where_amazon_ivs_is_not_offered() -> None:
    with pytest.raises(SettingsError, match=r"^reelplan:live.enabled: found true in eu-north-1, expected false, or a"):
        load_settings({"profile": "prod"}, "eu-north-1")
    assert load_settings({"profile": "prod", "live": '{"enabled": false}'}, "eu-north-1").live.enabled is False
    assert load_settings({"profile": "prod"}, "eu-west-1").live.enabled
