"""Bids and payloads of MEV-Boost relays: stored hour by hour, dated when their blocks are known."""
