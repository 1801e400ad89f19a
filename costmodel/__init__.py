"""The companion cost model: what the declared stack, the people and the creators cost as users grow."""
