"""What the product offers beyond the feed; a section that is absent is a feature that is off."""

from __future__ import annotations

from costmodel.schema import ClosedModel, Month


class Live(ClosedModel):
    """Live streaming by creators."""

    starts: Month | None = None
    """First month with live streaming; the plan's start when absent."""
