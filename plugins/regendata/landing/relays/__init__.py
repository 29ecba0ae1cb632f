"""Slots of MEV-Boost relays: planned, fetched within budgets, handed over to be stored, judged."""
