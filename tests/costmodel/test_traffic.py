from __future__ import annotations

import json
import math

import numpy as np
import pytest

from costmodel.assumptions import Assumptions
from costmodel.exports.report import make_report
from costmodel.exports.summary import render_json, summary
from costmodel.exports.traffic import make_traffic
from costmodel.exports.words import load_words
from costmodel.inventory import Inventory
from costmodel.metering.delivery import fetched_share
from costmodel.plan import Plan, make_plan
from costmodel.scenario import load_scenario
from costmodel.tables import Timeline
from costmodel.traffic import at_peak, delivered_gb, peak_gbps, traffic

JANUARY = Timeline.starting("2027-01", 1)


def figures(plan: Plan) -> dict[str, np.ndarray]:
    return {flow.name: flow.amount for flow in traffic(plan)}


# --- worked examples of the business notes, sections 2 to 4


def test_megabytes_of_a_daily_user_worked_example() -> None:
    # 187 views x 15 s x 1.0 Mbit/s / 8 / (1 - 0.30) = 501 MB
    assumptions = Assumptions.load({"usage.prefetch_waste_share": 0.30})
    assert 187 * 15 * 1.0 / 8 * fetched_share(assumptions) == pytest.approx(501, abs=0.5)
    # The phone's counter says 58.4 min x 0.80 x 10 MB = 467 MB, waste included: never on top of the waste above.
    assert pytest.approx(467, abs=0.5) == 58.4 * 0.80 * 10


def test_feed_requests_at_the_peak_worked_example() -> None:
    # 10e6 daily users x 187 x 0.15 = 280.5e6 a day; / 86,400 x 2 = 6,493 a second
    per_day = 10e6 * 187 * 0.15
    assert at_peak(np.array([per_day * 31]), JANUARY, 2.0) == pytest.approx(6_493, abs=0.5)


def test_gigabits_at_the_peak_worked_example() -> None:
    # 780e6 daily users x 467 MB = 364e15 bytes a day x 8 / 86,400 = 33.7e12 bit/s = 33,728 Gbit/s; twice at the peak
    bytes_per_day = 780e6 * 467e6
    assert peak_gbps(np.array([bytes_per_day * 31]), JANUARY, 2.0) == pytest.approx(2 * 33_728, rel=1e-4)


def test_live_viewers_at_once_are_those_that_were_published() -> None:
    # 8.027e9 hours in the 2,160 hours of a quarter are 3.72e6 at once; 1.68 h x 1.59e9 users / 744 h = 3.59e6 here
    plan = make_plan(Inventory.empty(), load_scenario("global"))
    users = plan.activity.monthly_active_users.sum(axis=0)
    at_once = figures(plan)["Live viewers at once"]
    np.testing.assert_allclose(at_once[0] / users[0], 1.68 / 744)
    assert at_once[0] / users[0] == pytest.approx(3.72e6 / 1.59e9, rel=0.05)


# --- a plan's figures


def test_the_figures_of_a_plan_are_those_of_its_activity_and_its_bill(niche_plan: Plan) -> None:
    found = figures(niche_plan)
    activity, days = niche_plan.activity, niche_plan.activity.timeline.days
    np.testing.assert_allclose(found["Views"] * days, activity.monthly_views.sum(axis=0))
    np.testing.assert_allclose(found["Watched"] * 3_600 * days, activity.monthly_watch_seconds.sum(axis=0))
    np.testing.assert_allclose(found["Uploads"] * days, activity.monthly_uploads.sum(axis=0))
    # 25 minutes x 0.8 at 1.31 Mbit/s played / 0.7 are 281 MB of video; the answers of the API come on top
    video = 25 * 60 * 0.8 * 1.31 / 8 / 0.7
    assert np.all(found["Delivered"] > video)
    assert np.all(found["Delivered"] < 1.2 * video)
    sent = delivered_gb(niche_plan.ledger, activity.timeline)
    np.testing.assert_allclose(found["Delivered at the peak"], sent * 2**30 * 8 / 1e9 / (days * 86_400) * 2.0)
    np.testing.assert_allclose(found["Feed pages ranked at the peak"] / found["API requests at the peak"], 0.15 / 1.5)


def test_what_no_line_of_the_bill_tells_is_not_known(niche_plan: Plan) -> None:
    found = figures(make_plan(Inventory.empty(), niche_plan.scenario))
    assert np.isnan(found["Delivered"]).all()
    assert np.isnan(found["Delivered at the peak"]).all()
    assert np.isfinite(found["Views"]).all()


def test_the_report_shows_the_traffic_and_leaves_out_what_is_off(niche_plan: Plan) -> None:
    names = [row.name for row in make_traffic(niche_plan)]
    assert "Live viewers at once" not in names
    assert names[0] == "Views"
    told = json.loads(render_json(summary(make_report(niche_plan, load_words()))))["traffic"]
    assert [row["name"] for row in told] == names
    assert all(len(row["by_month"]) == 36 and all(map(math.isfinite, row["by_month"])) for row in told)
