"""``python -m regendata.landing.relays NAME``: what a relay supports, beside what the registry says."""

from __future__ import annotations

import argparse
import asyncio
import sys

from regendata import settings
from regendata.exceptions import RelayTrouble, UnknownRelay
from regendata.landing.relays.probe import Finding, probe
from regendata.landing.relays.run import url_of
from regendata.sources.mev_boost.relays import relays_named


def main() -> int:
    """0 when the relay is as the registry says."""
    parser = argparse.ArgumentParser(prog="python -m regendata.landing.relays", description=__doc__)
    parser.add_argument("relay", help="name in the registry")
    parser.add_argument("--url", help="ask it at this address")
    given = parser.parse_args()
    try:
        (relay,) = relays_named([given.relay])
        findings = asyncio.run(probe(relay, given.url or url_of(settings.load())(relay)))
    except (RelayTrouble, UnknownRelay) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.writelines(map(_line, findings))
    sys.stdout.write(f"{'budget and lag rest on':34} {relay.evidence}\n")
    return int(not all(one.agrees for one in findings))


def _line(finding: Finding) -> str:
    remark = "" if finding.agrees else f"   the registry says {finding.expected}"
    return f"{finding.what:34} {finding.found}{remark}\n"


if __name__ == "__main__":
    sys.exit(main())
