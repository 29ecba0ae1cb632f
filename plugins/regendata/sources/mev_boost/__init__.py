"""MEV-Boost relays: bids that builders sent, payloads that proposers took."""
