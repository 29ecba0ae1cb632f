"""Tests of one process: no server, no database. The folders mirror `plugins/regendata`."""
