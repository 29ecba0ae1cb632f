"""The relays: where each is reached, since when and until when, and what it takes. A new one is one entry.

Where the figures come from:

* hosts and ends: https://github.com/flashbots/relayscan (``vars/relays.go``);
* first slots: https://github.com/Nerolation/mevboost.pics and the relays' own rows; ethgas and btcs, listed
  since September 2025, by the date;
* pages of 200: the reference server, https://github.com/flashbots/mev-boost-relay; of 100: bloXroute's users;
* budgets and lags: each relay's ``evidence``. No relay documents a limit of its Data API; what is an estimate
  says so, is meant to be modest, and a relay that answers 429 is asked less.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from regendata.exceptions import UnknownRelay

if TYPE_CHECKING:
    from regendata.coverage.intervals import Intervals
    from regendata.sources.mev_boost.rows import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = ("payloads", "bids")

#: Some hosts turn away the usual names of HTTP libraries.
USER_AGENT = "regendata/1 (public-goods data warehouse)"
#: Collectors of bids ask two seconds into a slot and see it (relayscan, ``services/bidcollect``).
USUAL_EVIDENCE = "estimates: 2 requests/s; 120 s, sixty times what collectors of bids wait"
#: Ends of lifetimes that are open: no slot comes later.
_FAR_SLOT = 2**40


@dataclass(frozen=True)
class Relay:
    """One relay's Data API.

    :param first_slot: the first slot it can have anything for.
    :param ended: first day on which it delivered nothing any more; None while it is in service.
    :param why_ended: what is known about that.
    :param payload_page: most payloads of one answer.
    :param bids_cap: an answer for one slot with so many bids may have been cut; None where none is.
    :param requests_per_s: most requests that may start in a second, over all processes.
    :param connections: requests under way at the same time, in one process.
    :param lag_s: how long after its start a slot's rows may still be on their way.
    :param evidence: what its budget and its lag rest on.
    :param lists_resubmissions: whether a block that was sent again shows up once for each time.
    """

    name: str
    host: str
    first_slot: int
    ended: date | None = None
    why_ended: str = ""
    payload_page: int = 200
    bids_cap: int | None = None
    requests_per_s: float = 2.0
    connections: int = 8
    lag_s: int = 120
    user_agent: str = USER_AGENT
    lists_resubmissions: bool = True
    evidence: str = USUAL_EVIDENCE

    @property
    def base_url(self) -> str:
        return f"https://{self.host}"

    @property
    def lifetime(self) -> Intervals:
        """Slots it was in service for: before and after, nothing is missing."""
        # DAG files read the names of relays, and load none of the arithmetic.
        from regendata.coverage.intervals import Intervals
        from regendata.coverage.slots import first_slot_from

        if self.ended is None:
            return Intervals.of((self.first_slot, _FAR_SLOT))
        ended = datetime(self.ended.year, self.ended.month, self.ended.day, tzinfo=timezone.utc)
        return Intervals.of((self.first_slot, first_slot_from(int(ended.timestamp()))))


_ALL = (
    Relay("flashbots", "boost-relay.flashbots.net", 4_700_567),
    # The proposers' host is relay.ultrasound.money; its operator sends readers of data to this one.
    Relay(
        "ultrasound",
        "relay-analytics.ultrasound.money",
        5_216_345,
        lag_s=600,
        evidence="its operator (github.com/ultrasoundmoney/docs, data-researchers.md): no rate limit, at "
        "most 100 Mbit/s, of which 2 answers/s of a busy slot's 700 kB are 11; rows appear after seconds to "
        "minutes, for which 600 s are an estimate",
    ),
    Relay("bloxroute_max_profit", "bloxroute.max-profit.blxrbdn.com", 4_700_936, payload_page=100),
    Relay("bloxroute_regulated", "bloxroute.regulated.blxrbdn.com", 4_701_043, payload_page=100),
    Relay(
        "eden",
        "relay.edennetwork.io",
        4_700_737,
        requests_per_s=0.5,
        connections=2,
        evidence="its operator's own collector waits 2 s between requests; 120 s are an estimate",
    ),
    Relay("agnostic", "agnostic-relay.net", 5_238_007),
    Relay("aestus", "mainnet.aestus.live", 5_303_933),
    Relay(
        "titan",
        "titanrelay.xyz",
        8_280_205,
        lag_s=300,
        lists_resubmissions=False,
        evidence="estimates: 2 requests/s; 300 s, as its server (github.com/gattaca-com/helix) answers from "
        "a cache and gathers several regions",
    ),
    # Both listed since September 2025.
    Relay("ethgas", "relay.ethgas.com", 12_488_399),
    Relay("btcs", "relay.btcs.com", 12_488_399),
    Relay(
        "manifold",
        "mainnet-relay.securerpc.com",
        4_724_548,
        ended=date(2024, 9, 1),
        why_ended="no longer listed; the day is a guess, its last payloads known here are of April 2024",
    ),
    Relay(
        "bloxroute_ethical",
        "bloxroute.ethical.blxrbdn.com",
        4_701_043,
        ended=date(2023, 8, 12),
        why_ended="switched off by its operator in August 2023",
        payload_page=100,
    ),
    Relay(
        "blocknative",
        "builder-relay-mainnet.blocknative.com",
        4_700_567,
        ended=date(2023, 9, 27),
        why_ended="switched off by its operator on 27 September 2023",
    ),
)

#: Every relay there is or was, by name.
RELAYS: dict[str, Relay] = {relay.name: relay for relay in _ALL}
#: Names of those in service, which are asked unless others are named.
IN_SERVICE: tuple[str, ...] = tuple(relay.name for relay in _ALL if relay.ended is None)


def relays_named(names: Iterable[str]) -> tuple[Relay, ...]:
    """Relays by name, in the order of the registry; without a name those in service.

    :raises UnknownRelay: naming those there are.
    """
    wanted = set(names) or set(IN_SERVICE)
    unknown = sorted(wanted - set(RELAYS))
    if unknown:
        raise UnknownRelay(f"no relay {', '.join(unknown)}; known: {', '.join(RELAYS)}")
    return tuple(relay for relay in _ALL if relay.name in wanted)
