"""Where the templates are, and the names in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

PACKAGED = Path(__file__).parents[1] / "templates"
CHECKOUT = Path(__file__).parents[2] / "templates"


def templates_dir() -> Path:
    """Folder of the templates: inside an installed package, else at the top of the source tree."""
    return PACKAGED if PACKAGED.is_dir() else CHECKOUT


@dataclass(frozen=True)
class Words:
    """Names for readers outside the trade."""

    categories: Mapping[str, str]
    """Category -> what it means."""
    skus: Mapping[str, Mapping[str, str]]
    """Service -> sku key, or the beginning of one up to a dot -> name."""
    regions: Mapping[str, str]
    """Price region -> name."""

    def sku(self, service: str, sku_key: str) -> str:
        """Name of what is billed; empty when there is none.

        A key is cut at its dots until it has a name: "dto.us" is named by "dto".
        """
        names = self.skus.get(service, {})
        key = sku_key
        while key and key not in names:
            key = key.rpartition(".")[0]
        return names.get(key, "")

    def region(self, region: str) -> str:
        """Name of a price region; an AWS region is its own name, "global" needs none."""
        if region == "global":
            return ""
        return self.regions.get(region, region.replace("_", " "))


@cache
def load_words() -> Words:
    """The words of ``templates/words.yaml``."""
    document = yaml.safe_load((templates_dir() / "words.yaml").read_text(encoding="utf-8"))
    return Words(categories=document["categories"], skus=document["skus"], regions=document["regions"])
