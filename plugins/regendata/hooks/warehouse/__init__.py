"""The Grants database: what the engine stores, switches and drops there. Functions take an open connection."""
