"""``infra validate --exercise``: a video travels through the stack on moto.

``exercise`` runs the steps of ``steps.py`` and gives a ``journey.Journey``.
"""

from __future__ import annotations

from infra.emulator.exercise.journey import Journey, Step, Stopped
from infra.emulator.exercise.run import exercise

__all__ = ["Journey", "Step", "Stopped", "exercise"]
