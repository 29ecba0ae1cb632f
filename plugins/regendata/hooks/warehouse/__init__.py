"""The Grants database: what the engine stores, switches and drops there, given an open connection."""
