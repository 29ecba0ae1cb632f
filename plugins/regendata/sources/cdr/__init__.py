"""The carbon removal market: what its sources deliver, the figures made of it, and the files that go out."""
