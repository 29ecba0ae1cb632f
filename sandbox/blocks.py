"""Exports of canonical blocks in the bucket, as a table of blocks would be exported: a file per UTC day.

The newest blocks are late, and now and then the chain has another block than the relays delivered.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta, timezone

from regendata.coverage.slots import as_moment, slots_between
from regendata.settings import Settings
from regendata.sources.mev_boost.blocks import blocks_key
from sandbox import objects
from sandbox.layout import BUCKET, Sandbox
from sandbox.upstreams import relay_rows

COLUMNS = ("number", "timestamp", "hash", "extra_data")
#: Days of made-up blocks, and how late the newest of them is.
DAYS = 2
LATE = timedelta(minutes=40)
#: One slot in so many has another block in the end.
REORGED = 400
SIGNATURES = ("beaverbuild.org", "Titan (titanbuilder.xyz)", "rsync-builder.xyz", "@penguinbuild.org", "geth")

Line = tuple[str, ...]


def upload(sandbox: Sandbox, now: datetime) -> list[str]:
    """Put exports into the bucket: of the real blocks where there are any, else of made-up ones up to now."""
    real = sorted((sandbox.upstreams / relay_rows.REAL).glob("crypto_ethereum_blocks_*.csv.gz"))
    lines = _real(gzip.decompress(real[0].read_bytes()).decode()) if real else made_up(now)
    storage = objects.client(sandbox)
    keys = []
    for day, block_lines in _by_day(lines).items():
        keys.append(blocks_key(Settings.mev_prefix, day))
        storage.put_object(Bucket=BUCKET, Key=keys[-1], Body=_file(block_lines))
    return keys


def made_up(now: datetime) -> Iterator[Line]:
    """Blocks of the last days as the made-up relays tell of them."""
    midnight = datetime(now.year, now.month, now.day, tzinfo=timezone.utc)
    for slot in slots_between(midnight - timedelta(days=DAYS - 1), now - LATE).values():
        canonical = relay_rows.block_hash(slot if slot % REORGED else slot - 1)
        signed = SIGNATURES[int(relay_rows.builder_of(slot)[-4:], 16) % len(SIGNATURES)]
        moment = f"{as_moment(slot):%Y-%m-%d %H:%M:%S} UTC"
        yield str(relay_rows.block_number(slot)), moment, canonical, "0x" + signed.encode().hex()


def _real(text: str) -> Iterator[Line]:
    for row in csv.DictReader(io.StringIO(text)):
        yield tuple(row[name] for name in COLUMNS)


def _by_day(lines: Iterable[Line]) -> Mapping[date, list[Line]]:
    found: dict[date, list[Line]] = defaultdict(list)
    for line in lines:
        found[date.fromisoformat(line[1][:10])].append(line)
    return found


def _file(lines: Iterable[Line]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows([COLUMNS, *lines])
    return gzip.compress(text.getvalue().encode(), compresslevel=1, mtime=0)
