"""Tests of `regendata.landing`, as far as it needs no database."""
