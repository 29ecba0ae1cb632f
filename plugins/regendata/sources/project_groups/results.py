"""What a run of grouping leaves behind, as tables: members with the reason of their link, and history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from regendata.sources.project_groups.alike import NOTHING, Numbers
from regendata.sources.project_groups.cleaning import ATTRIBUTES
from regendata.sources.project_groups.grouping import Grouping
from regendata.sources.project_groups.identity import SPLIT, Change, Identity
from regendata.sources.project_groups.links import REASONS, SHARED_ATTRIBUTES, shared_names

#: PostgreSQL array literal of the attributes in each bit mask.
_LITERALS = pa.array([f"{{{','.join(shared_names(mask))}}}" for mask in range(1 << len(ATTRIBUTES))])


@dataclass(frozen=True)
class Event:
    """A line of the history."""

    kind: str
    from_group_id: str
    to_group_id: str
    project_count: int
    reason: str


def member_table(grouping: Grouping, identity: Identity) -> pa.Table:
    """One row per project: its group, and the link that leads one step towards the oldest member.

    The links of a group are a tree, so following them from any two projects shows why they are together.
    """
    projects, found, parts = grouping.projects.table, grouping.links, grouping.components
    towards, link = _places(parts.towards), _places(parts.link)
    reason = pa.array(found.reason).take(link)
    shared = _LITERALS.take(pa.array(found.shared).take(link))
    by_attributes = pc.equal(reason, SHARED_ATTRIBUTES)
    return pa.table(
        {
            "project_id": projects["project_id"],
            "source": projects["source"],
            "group_id": group_of_project(grouping, identity),
            "linked_project_id": projects["project_id"].take(towards),
            "linked_source": projects["source"].take(towards),
            "link_reason": pa.array(REASONS).take(reason),
            "shared_attributes": pc.if_else(by_attributes, shared, None),
        }
    )


def group_of_project(grouping: Grouping, identity: Identity) -> pa.Array:
    """Id of each project's group."""
    return pa.array(identity.group_ids, pa.string()).take(pa.array(grouping.components.label))


def events(grouping: Grouping, identity: Identity) -> list[Event]:
    """The history of this run, with the link that joined or the member that was lost."""
    return [
        Event(
            change.kind, change.from_group, change.to_group, len(change.projects), _reason(grouping, change)
        )
        for change in identity.changes
    ]


def _reason(grouping: Grouping, change: Change) -> str:
    joined = _bridge(grouping, change)
    if change.kind != SPLIT:
        return joined
    lost = f"no link is left to the oldest member {_name(grouping, change.oldest)}"
    return f"{lost}; {joined}" if joined else lost


def _bridge(grouping: Grouping, change: Change) -> str:
    """A link between the projects that moved and others, in words; empty when they moved by themselves."""
    found, moved = grouping.links, np.array(change.projects)
    crossing = np.flatnonzero(np.isin(found.first, moved) != np.isin(found.second, moved))
    if not len(crossing):
        return ""
    place = crossing[0]
    pair = f"{_name(grouping, found.first[place])} and {_name(grouping, found.second[place])}"
    if found.reason[place] == SHARED_ATTRIBUTES:
        return f"{pair} share {', '.join(shared_names(int(found.shared[place])))}"
    return f"{pair} are linked by {REASONS[found.reason[place]]}"


def _name(grouping: Grouping, project: int) -> str:
    row = grouping.projects.table.slice(int(project), 1).to_pylist()[0]
    return f"{row['project_id']} ({row['source']})"


def _places(numbers: Numbers) -> pa.Array:
    """Places to take from another array; NULL in place of NOTHING."""
    return pa.array(numbers, mask=numbers == NOTHING)
