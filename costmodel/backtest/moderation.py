"""Moderators of TikTok in the European Union: the formula of the plan against what the reports to the EU say."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from costmodel.assumptions import Assumptions
from costmodel.backtest.figures import Figure, of, the
from costmodel.backtest.forecast import Forecast
from costmodel.people.workload import reviewers

PLATFORM = "TikTok EU"
NOTHING = "nothing of this platform's moderators"


def forecasts(figures: Sequence[Figure]) -> Iterator[Forecast]:
    """Reviewers of videos alone, and with the other queues as the first report shows them."""
    reports = of(figures, PLATFORM, "moderators")
    users = [the(figures, PLATFORM, "MAU", report.period) for report in reports]
    for report, there in zip(reports, users, strict=True):
        alone, read = video_reviewers(there.value)
        yield Forecast(
            "moderators, video queue alone",
            NOTHING,
            report,
            alone,
            given=(there,),
            read=read,
        )
    first, *later = zip(reports, users, strict=True)
    other_queues = first[0].value / video_reviewers(first[1].value)[0]
    for report, there in later:
        alone, read = video_reviewers(there.value)
        trained = "the report of 2023-09, for the factor of the other queues"
        predicted = alone * other_queues
        yield Forecast("moderators, with the other queues", trained, report, predicted, first, (there,), read)


def video_reviewers(monthly_active_users: float) -> tuple[float, tuple[str, ...]]:
    """Full-time reviewers of videos by the plan's formula [head], and the assumptions behind it."""
    assumptions = Assumptions.load()
    daily_users = monthly_active_users * assumptions["growth.dau_mau_mature"]
    daily_uploads = np.array(daily_users * assumptions["usage.uploads_per_dau_day"])
    heads = float(reviewers(daily_uploads, assumptions))
    return heads, tuple(entry.key for entry in assumptions.used)
