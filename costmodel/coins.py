"""What a coin costs: dearer in the app, where the store takes its part, than on the web."""

from __future__ import annotations

from costmodel.assumptions import Assumptions


def usd_per_coin(assumptions: Assumptions) -> float:
    """Mean price of a coin [USD/coin] over what is spent in the app and on the web.

    Coins of a dollar spent: share on the web / web price + rest / app price.
    """
    on_web = assumptions["iap.web_purchase_share"]
    coins_per_usd = on_web / assumptions["gifts.coin_price_web"] + (1 - on_web) / assumptions["gifts.coin_price_ios"]
    return 1 / coins_per_usd


def share_of_coins_from_web(assumptions: Assumptions) -> float:
    """Coins that were bought on the web [share of coins]; more than the share of the money, as they are cheaper."""
    return assumptions["iap.web_purchase_share"] * usd_per_coin(assumptions) / assumptions["gifts.coin_price_web"]
