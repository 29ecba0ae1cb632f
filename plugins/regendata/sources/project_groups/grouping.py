"""From attribute rows to groups: number, blank, link, connect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups import links
from regendata.sources.project_groups.alike import Numbers, runs
from regendata.sources.project_groups.components import Components, connect
from regendata.sources.project_groups.links import Links
from regendata.sources.project_groups.placeholders import Placeholder, Rule, blanked
from regendata.sources.project_groups.projects import Projects, number_projects

Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Grouping:
    """Who belongs together and why.

    :param placeholders: values that were taken for empty.
    :param unknown_links: manual links that name a project no source has.
    """

    projects: Projects
    links: Links
    components: Components
    placeholders: Sequence[Placeholder]
    unknown_links: Pairs


def group(rows: pa.Table, manual: Pairs, rule: Rule) -> Grouping:
    """Group the projects of cleaned rows, one row per application.

    :param rows: columns ``source``, ``project_id``, ``created_at`` and the attributes.
    :param manual: project ids that people say belong together.
    """
    projects = number_projects(rows)
    codes, placeholders = blanked(rows, projects.of_row, rule)
    ids = projects.folded_ids
    known, unknown = _resolved(manual, ids)
    found = links.joined(
        [
            links.same_id_links(runs([ids])),
            links.manual_links(known),
            links.attribute_links(codes, projects.of_row),
        ]
    )
    return Grouping(projects, found, connect(len(projects), found), placeholders, unknown)


def _resolved(manual: Pairs, ids: pa.Array) -> tuple[Numbers, Pairs]:
    """Manual links as project numbers, shape (links, 2), and those that cannot be resolved.

    :param ids: folded id of each project.
    """
    wanted = pa.array([one for pair in manual for one in pair], pa.string())
    wanted = pc.ascii_lower(pc.utf8_trim_whitespace(wanted))
    # People link few projects of many, and looking few up among few is quick.
    named = np.flatnonzero(pc.is_in(ids, value_set=wanted).to_numpy(zero_copy_only=False))
    places = pa.array(named).take(pc.index_in(wanted, value_set=ids.take(pa.array(named))))
    pairs = places.fill_null(-1).to_numpy().astype(np.int64).reshape(-1, 2)
    known = (pairs >= 0).all(axis=1)
    return pairs[known], [pair for pair, found in zip(manual, known, strict=True) if not found]
