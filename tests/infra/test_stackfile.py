from __future__ import annotations

import json
from pathlib import Path

import pytest

from infra.errors import ConfigError
from infra.stackfile import load_stack

DECLARED = """
name: shop
main: infra/
runtime: {name: python}
config:
  title: {type: string, default: Reels}
  tasks: {type: integer, default: 2}
  protect: {type: boolean, default: false}
  ladder:
    type: array
    items: {type: string}
    default: [480p, 720p]
  owner: {type: string}
  aws:region: {value: eu-west-1}
"""


def project(root: Path, stack: str, declared: str = DECLARED) -> Path:
    (root / "infra").mkdir()
    (root / "infra" / "__main__.py").write_text("")
    (root / "Pulumi.yaml").write_text(declared)
    (root / "Pulumi.dev.yaml").write_text(stack)
    return root


def faults(root: Path, stack: str = "dev") -> list[str]:
    with pytest.raises(ConfigError) as error:
        load_stack(root, stack)
    return [str(fault) for fault in error.value.faults]


def test_values_reach_the_program_as_the_engine_encodes_them(tmp_path: Path) -> None:
    root = project(
        tmp_path,
        "config:\n  shop:owner: me\n  tasks: 4\n  protect: true\n  ladder: [1080p]\n  aws:region: eu-central-1\n"
        "  aws:defaultTags: {tags: {app: shop}}\n",
    )

    stack = load_stack(root / "infra", "dev")

    assert stack.config == {
        "aws:defaultTags": '{"tags":{"app":"shop"}}',
        "aws:region": "eu-central-1",
        "shop:ladder": '["1080p"]',
        "shop:owner": "me",
        "shop:protect": "true",
        "shop:tasks": "4",
        "shop:title": "Reels",
    }
    assert (stack.project, stack.stack, stack.region) == ("shop", "dev", "eu-central-1")
    assert stack.program == (root / "infra").resolve()
    assert stack.default_tags == {"app": "shop"}


def test_defaults_of_the_project_file_hold_where_the_stack_says_nothing(tmp_path: Path) -> None:
    stack = load_stack(project(tmp_path, "config: {shop:owner: me}\n"), "dev")

    assert json.loads(stack.config["shop:ladder"]) == ["480p", "720p"]
    assert stack.region == "eu-west-1"


def test_text_of_a_number_is_a_number_as_pulumi_config_set_writes_it(tmp_path: Path) -> None:
    stack = load_stack(project(tmp_path, 'config: {shop:owner: me, tasks: "4", protect: "false"}\n'), "dev")

    assert (stack.config["shop:tasks"], stack.config["shop:protect"]) == ("4", "false")


def test_all_faults_of_a_stack_file_come_at_once_with_their_lines(tmp_path: Path) -> None:
    root = project(tmp_path, "config:\n  shop:extra: 3\n  protect: maybe\n  shop:ladder: [480p, 7]\n  title: 5\n")

    assert faults(root) == [
        "Pulumi.dev.yaml:3: shop:protect: found 'maybe' (string), expected a boolean",
        "Pulumi.dev.yaml:4: shop:ladder[1]: found 7 (integer), expected a string",
        "Pulumi.dev.yaml:5: shop:title: found 5 (integer), expected a string",
        "Pulumi.dev.yaml: found no value for shop:owner, expected a string (it has no default)",
    ]


def test_a_key_written_twice_is_refused(tmp_path: Path) -> None:
    root = project(tmp_path, "config:\n  shop:owner: me\n  shop:owner: you\n")

    assert faults(root) == [
        "Pulumi.dev.yaml:3: config.shop:owner: found the key again (first in line 2), expected it once"
    ]


def test_broken_yaml_names_its_line(tmp_path: Path) -> None:
    (fault,) = faults(project(tmp_path, "config:\n  a: [1\n  b: 2\n"))

    assert fault.startswith("Pulumi.dev.yaml:3: found ")
    assert fault.endswith("expected valid YAML")


def test_a_missing_stack_file_names_the_nearest(tmp_path: Path) -> None:
    root = project(tmp_path, "")

    assert faults(root, "deb") == [
        "Pulumi.deb.yaml: found no such file, expected one of the stacks dev (did you mean dev?)"
    ]


def test_no_project_file_anywhere_above(tmp_path: Path) -> None:
    assert "no Pulumi.yaml here or above" in faults(tmp_path)[0]
    assert "no such directory" in faults(tmp_path / "nowhere")[0]


def test_a_project_that_cannot_run_here_says_why(tmp_path: Path) -> None:
    root = project(tmp_path, "", declared="runtime: nodejs\nmain: nowhere\n")

    assert faults(root) == [
        "Pulumi.yaml: found no `name`, expected the name of the project",
        "Pulumi.yaml:1: runtime: found 'nodejs', expected python",
        "Pulumi.yaml:2: main: found 'nowhere', expected a directory or file of the project",
    ]


def test_no_region_is_a_fault_and_not_a_guess(tmp_path: Path) -> None:
    (fault,) = faults(project(tmp_path, "", declared="name: shop\nmain: infra\nruntime: python\n"))

    assert fault.startswith("Pulumi.dev.yaml: found no aws:region")


def test_an_encrypted_value_is_marked_and_never_shown(tmp_path: Path) -> None:
    root = project(tmp_path, "config:\n  shop:owner: {secure: v1:abc:def}\n")

    stack = load_stack(root, "dev")

    assert stack.config["shop:owner"] == "[secret]"
    assert stack.secret_keys == ("shop:owner",)
    assert "v1:abc" not in repr(stack)
