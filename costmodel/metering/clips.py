"""How long uploaded videos are, for rules that round each video up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from statistics import NormalDist

from costmodel.errors import Fault, ScenarioError

SUMMED_STEPS = 1000
"""Steps that are summed one by one; beyond them the curve is so flat that its integral is the sum."""

CACHED_ANSWERS = 64
"""Mean steps that are kept: every bucket and queue of a stack asks the same few questions."""

_normal_share_below = NormalDist().cdf


@dataclass(frozen=True)
class ClipLength:
    """Lognormal length of an uploaded video, given by its mean and median.

    With median ``m`` and mean ``M``: ``mu = ln m`` and ``sigma = sqrt(2 ln(M/m))``. Equal mean and median mean that
    every video has that length. Billing rules round each video up, and a rounded mean is not the mean of the rounded:
    at a mean of 20.5 s ``max(10, ceil(mean))`` gives 21, while the many clips below 10 s raise the true mean bill.
    """

    mean_seconds: float
    median_seconds: float

    def __post_init__(self) -> None:
        if not 0 < self.median_seconds <= self.mean_seconds:
            found = f"a mean of {self.mean_seconds:g} s and a median of {self.median_seconds:g} s"
            raise ScenarioError(
                [
                    Fault(
                        "assumptions: usage.video_length_s_mean, usage.video_length_s_median",
                        found,
                        "a positive median, and a mean not below it",
                        "set both keys; equal values mean that every video has this length",
                    )
                ]
            )

    @cached_property
    def sigma(self) -> float:
        """Standard deviation of the logarithm."""
        return math.sqrt(2 * math.log(self.mean_seconds / self.median_seconds))

    def share_longer(self, seconds: float) -> float:
        """P(length > seconds)."""
        if self.sigma == 0:
            return float(self.mean_seconds > seconds)
        return _normal_share_below(math.log(self.median_seconds / seconds) / self.sigma) if seconds > 0 else 1.0

    def mean_excess(self, seconds: float) -> float:
        """E[max(length - seconds, 0)], the integral of ``share_longer`` from ``seconds`` on [second]."""
        if self.sigma == 0:
            return max(self.mean_seconds - seconds, 0.0)
        d = math.log(self.median_seconds / seconds) / self.sigma
        return self.mean_seconds * _normal_share_below(d + self.sigma) - seconds * _normal_share_below(d)

    def mean_steps(self, step_seconds: float, minimum_steps: int = 0) -> float:
        """Mean number of started steps per video, ``E[max(k, ceil(L / step))]``.

        For a whole number ``N >= k``: ``E[N] = k + P(N > k) + P(N > k+1) + ...``, and ``ceil(L / s) > n`` means
        ``L > n s``. So the mean is ``k + sum over n >= k of P(L > n s)``.

        Args:
            step_seconds: length of a step [second].
            minimum_steps: ``k``, steps that even the shortest video has.

        >>> ClipLength(6, 6).mean_steps(1, 10), ClipLength(6, 6).mean_steps(2), ClipLength(10.5, 10.5).mean_steps(1, 10)
        (10.0, 3.0, 11.0)
        """
        return _mean_steps(self, step_seconds, minimum_steps)


@lru_cache(maxsize=CACHED_ANSWERS)
def _mean_steps(clip: ClipLength, step_seconds: float, minimum_steps: int) -> float:
    if clip.sigma == 0:
        return float(max(minimum_steps, math.ceil(clip.mean_seconds / step_seconds)))
    last = minimum_steps + SUMMED_STEPS
    summed = math.fsum(clip.share_longer(step * step_seconds) for step in range(minimum_steps, last))
    return minimum_steps + summed + clip.mean_excess((last - 0.5) * step_seconds) / step_seconds
