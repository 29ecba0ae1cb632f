"""Group the projects of cGrants and the indexer, keep the groups' ids, and land who belongs where.

Ids and history are written in one transaction; what models read is made from them again in every run. So a
run that is killed at any point, or made twice, ends the same.
"""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

from regendata import paths
from regendata.exceptions import EmptySource
from regendata.hooks.postgres import PgConnection, connect
from regendata.hooks.warehouse import project_groups as stored
from regendata.hooks.warehouse.project_applications import read_inputs
from regendata.landing.reference import excluded_chains
from regendata.landing.whole import WholeTable, land_whole
from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.tables import TableSpec
from regendata.settings import Settings
from regendata.sources.project_groups import results, state, wire
from regendata.sources.project_groups.cleaning import clean_table
from regendata.sources.project_groups.grouping import Grouping, group
from regendata.sources.project_groups.identity import MERGE, Identity, identify
from regendata.sources.project_groups.placeholders import Rule, listed_values
from regendata.sources.project_groups.projects import keys
from regendata.sources.static_data import read_facts

if TYPE_CHECKING:
    import pyarrow as pa

log = logging.getLogger(__name__)

SOURCE = "project_groups"
LANDED_APPLICATIONS = Relation("landing", "project_applications")
LANDED_MEMBERS = Relation("landing", "project_group_members")
PLACEHOLDERS = Relation("reference", "placeholder_values")
#: As many findings go into the task's result; ``meta`` holds all.
_SHOWN = 10


def land(project: Project, run_id: str, settings: Settings) -> dict[str, Any]:
    """Group, keep ids and history, land members and the rows they were made of.

    :returns: landed tables, counts of projects, groups, merges and splits, placeholders and bad manual links.
    :raises EmptySource: nobody applied any more, though there are groups.
    """
    applications = project.tables[LANDED_APPLICATIONS]
    with connect() as conn:
        inputs = read_inputs(conn, excluded_chains())
        rows = wire.read_parts(inputs.applications, applications.column_names)
        cleaned = clean_table(rows)
        grouping = group(cleaned, inputs.manual_links, _rule(project, settings))
        identity = _identify(conn, run_id, grouping)
    shown = cleaned.set_column(cleaned.schema.get_field_index("title"), "title", rows["title"])
    tables = [
        _whole(applications, shown),
        _whole(project.tables[LANDED_MEMBERS], results.member_table(grouping, identity)),
    ]
    done = land_whole(SOURCE, None, run_id, tables, settings, inputs.read_at)
    return done | _report(grouping, identity)


def _rule(project: Project, settings: Settings) -> Rule:
    file = paths.STATIC_DATA / f"{PLACEHOLDERS.name}.csv"
    facts = read_facts(file, project.tables[PLACEHOLDERS])
    return Rule(listed_values(facts), settings.placeholder_projects)


def _identify(conn: PgConnection, run_id: str, grouping: Grouping) -> Identity:
    """Give groups their ids and write everything down in one transaction."""
    projects = grouping.projects
    with conn.transaction():
        stored.lock(conn)
        members = wire.read_csv(stored.known_members(conn))
        if members.num_rows and not len(projects):
            raise EmptySource("no source has an application any more; groups stay as they are")
        known = state.recall(members, *stored.known_groups(conn), projects)
        identity = identify(grouping.components, keys(projects.table), known)
        group_ids = results.group_of_project(grouping, identity)
        stored.mark_away(conn, state.gone(members, projects))
        stored.create_groups(conn, identity.created)
        merges = [(one.from_group, one.to_group) for one in identity.changes if one.kind == MERGE]
        stored.retire_groups(conn, merges)
        changed = state.changed_members(projects, group_ids, identity, known)
        stored.keep_members(conn, wire.write_csv(changed))
        stored.add_history(conn, run_id, map(astuple, results.events(grouping, identity)))
        stored.keep_findings(conn, run_id, map(astuple, grouping.placeholders), grouping.unknown_links)
    return identity


def _report(grouping: Grouping, identity: Identity) -> dict[str, Any]:
    """Figures for the task's result."""
    if grouping.unknown_links:
        log.warning("manual links to unknown projects: %s", list(grouping.unknown_links[:_SHOWN]))
    return {
        "projects": len(grouping.projects),
        "groups": len(identity.group_ids),
        "new_groups": len(identity.created),
        "changes": dict(Counter(change.kind for change in identity.changes)),
        "placeholders": len(grouping.placeholders),
        "most_common_placeholders": [
            f"{one.attribute} {one.value!r}: {one.projects} projects, {one.rows} rows, {one.reason}"
            for one in grouping.placeholders[:_SHOWN]
        ],
        "unknown_manual_links": len(grouping.unknown_links),
    }


def _whole(spec: TableSpec, rows: pa.Table) -> WholeTable:
    content = wire.write_csv(rows.select(list(spec.column_names)))
    return WholeTable(spec, hashlib.sha256(content).hexdigest(), lambda: [content])
