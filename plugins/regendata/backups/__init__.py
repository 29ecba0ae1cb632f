"""Backups as plans and records: names of objects, manifests, what to keep. Opens no connection."""
