"""What a probe says of relays that are as the registry says, and of one that is not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from regendata.coverage.slots import start_of
from regendata.exceptions import RelayTrouble
from regendata.landing.relays.probe import Finding, probe
from regendata.sources.mev_boost.relays import RELAYS, Relay
from tests.support.relays import RelayWorld
from tests.support.virtual_time import run

HEAD = 12_000_000


def findings(folder: Path, relay: Relay, head: int = HEAD) -> dict[str, Finding]:
    world = RelayWorld(folder, {"head": head})
    asked = probe(relay, f"http://relays/{relay.name}", lambda: start_of(HEAD) + 60.0, world.wire)
    found, seconds = run(asked)
    assert seconds >= (len(world.stand_in.log) - 1) / relay.requests_per_s
    return {one.what: one for one in found}


@pytest.mark.parametrize("name", ["flashbots", "titan", "bloxroute_max_profit", "aestus"])
def test_a_relay_that_is_as_the_registry_says(tmp_path: Path, name: str) -> None:
    found = findings(tmp_path, RELAYS[name])
    assert [one for one in found.values() if not one.agrees] == []
    assert found["largest page of payloads"].found == str(RELAYS[name].payload_page)
    assert (
        found["a page that is too large"].found == f"HTTP 400: maximum limit is {RELAYS[name].payload_page}"
    )
    assert found["milliseconds"].found == "yes"
    assert found["newest payload"].found.startswith("slot 119999")


def test_a_registry_that_is_wrong(tmp_path: Path) -> None:
    found = findings(tmp_path, replace(RELAYS["bloxroute_max_profit"], payload_page=200))
    assert [one.what for one in found.values() if not one.agrees] == ["largest page of payloads"]
    found = findings(tmp_path, replace(RELAYS["flashbots"], lists_resubmissions=False))
    assert [one.what for one in found.values() if not one.agrees] == ["a block that was sent again"]


def test_a_relay_without_anything(tmp_path: Path) -> None:
    (tmp_path / "mev_boost").mkdir()
    with pytest.raises(RelayTrouble, match="flashbots: no payload at all"):
        findings(tmp_path, RELAYS["flashbots"])
