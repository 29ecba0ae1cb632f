"""`python -m bench.grouping <way> <projects> <shared>`: group made-up projects in a process of its own.

Prints as JSON the CPU seconds per step, the memory that grouping added, the groups found and a hash of them.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

import networkx
import numpy as np
import pandas
import psutil
import pyarrow as pa

from bench.memory import MEGABYTE, peak_bytes
from regendata.settings import Settings
from regendata.sources.project_groups import cleaning, results
from regendata.sources.project_groups.grouping import group
from regendata.sources.project_groups.identity import Known, identify
from regendata.sources.project_groups.links import LEAST_SHARED
from regendata.sources.project_groups.placeholders import Rule
from regendata.sources.project_groups.projects import keys

SEED = 5
#: The obvious way takes every value at its word, so the comparison does as well.
NO_RULE = Rule({}, most=sys.maxsize)
RULE = Rule({}, most=Settings.placeholder_projects)
#: What applicants leave in a form; shared by as many projects as asked for.
LEFT = {"website": "https://example.com/", "project_twitter": "@twitter"}


def made_up(projects: int, shared: int) -> pa.Table:
    """Rows as read, one in ten a second application; one in five projects registered before as another.

    Each attribute of such a project is the same with a probability of 0.8, so most are found again.

    :param shared: projects whose website and Twitter handle are placeholders.
    """
    draw = random.Random(SEED)
    rows = list(_rows(draw, projects))
    for row in draw.sample(rows, shared):
        row |= LEFT
    rows += draw.sample(rows, projects // 10)
    table = pa.Table.from_pylist(rows)
    created = table["created_at"].cast(pa.timestamp("us", "UTC"))
    return table.set_column(table.schema.get_field_index("created_at"), "created_at", created)


def _rows(draw: random.Random, projects: int) -> Iterator[dict[str, Any]]:
    originals = max(projects * 4 // 5, 1)
    for number in range(projects):
        who = number if number < originals else draw.randrange(originals)
        names = {name: who if draw.random() < 0.8 else -number for name in cleaning.ATTRIBUTES}
        yield {
            "source": "indexer",
            "project_id": f"0x{number:064x}",
            "created_at": draw.randrange(10**15),
            "title": f"Project {names['title']}!",
            "website": f"https://project{names['website']}.org/",
            "payout_address": "0x" + hashlib.sha1(str(names["payout_address"]).encode()).hexdigest(),
            "project_twitter": f"@Project{names['project_twitter']}",
            "project_github": f"https://github.com/project{names['project_github']}/code",
        }


def obvious(rows: pandas.DataFrame) -> list[int]:
    """Every pair that shares a value, counted; pairs with three are edges. Group number per row."""
    graph = networkx.Graph()
    graph.add_nodes_from(rows.index)
    for _, same in rows.groupby("project_id"):
        graph.add_edges_from(itertools.combinations(same.index, 2))
    shared: defaultdict[tuple[int, int], int] = defaultdict(int)
    for name in cleaning.ATTRIBUTES:
        for _, same in rows.dropna(subset=[name]).groupby(name):
            for pair in itertools.combinations(same.index, 2):
                shared[pair] += 1
    graph.add_edges_from(pair for pair, count in shared.items() if count >= LEAST_SHARED)
    group_of_row = [0] * len(rows)
    for number, members in enumerate(networkx.connected_components(graph)):
        for row in members:
            group_of_row[row] = number
    return group_of_row


def measured_obvious(rows: pa.Table) -> dict[str, Any]:
    """The obvious way from a data frame of cleaned rows."""
    frame = rows.to_pandas()
    seconds, grown, found = _measured(lambda: obvious(frame))
    return {"seconds": {"group": seconds}, "grown_mb": grown} | _facts(found)


def measured_triples(rows: pa.Table) -> dict[str, Any]:
    """Ours from the same rows; then what comes on top of the obvious way: ids, history, reasons."""
    seconds, grown, found = _measured(lambda: group(rows, [], NO_RULE))
    ruled_seconds, _, ruled = _measured(lambda: group(rows, [], RULE))
    names = keys(ruled.projects.table)
    nothing = Known.nothing(len(ruled.projects))
    id_seconds, _, identity = _measured(lambda: identify(ruled.components, names, nothing))
    member_seconds, _, _ = _measured(lambda: results.member_table(ruled, identity))
    steps = {"group": seconds, "with placeholders": ruled_seconds, "ids": id_seconds, "why": member_seconds}
    labels = found.components.label[found.projects.of_row].tolist()
    return {"seconds": steps, "grown_mb": grown, "placeholders": len(ruled.placeholders)} | _facts(labels)


def _measured(run: Callable[[], Any]) -> tuple[float, float, Any]:
    """CPU seconds, megabytes by which the peak of this process grew, and the result."""
    before = psutil.Process().memory_info().rss
    began = time.process_time()
    found = run()
    seconds = time.process_time() - began
    return seconds, max(0.0, (peak_bytes() - before) / MEGABYTE), found


def _facts(group_of_row: list[int]) -> dict[str, Any]:
    """How many groups, and a hash of who is with whom whatever the groups' numbers."""
    _, first, numbers = np.unique(group_of_row, return_index=True, return_inverse=True)
    return {"groups": len(first), "digest": hashlib.sha256(first[numbers].tobytes()).hexdigest()[:16]}


WAYS = {"obvious": measured_obvious, "triples": measured_triples}


def main(way: str, projects: int, shared: int) -> None:
    """Make up the rows, clean them, group them one way, and print what came out."""
    rows = made_up(projects, shared)
    seconds, _, cleaned = _measured(lambda: cleaning.clean_table(rows))
    found = WAYS[way](cleaned)
    found["seconds"]["clean"] = seconds
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
