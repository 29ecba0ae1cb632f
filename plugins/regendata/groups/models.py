"""One task group per view, wired by the references in its SQL."""

from __future__ import annotations

from collections.abc import Mapping

from airflow.sdk import TaskGroup

from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.operators.build import BuildRelationOperator, CheckRelationOperator


def model_groups(project: Project) -> Mapping[Relation, TaskGroup]:
    """Build and check tasks of every model; edges follow the references."""
    groups = {relation: _model_group(project, relation) for relation in project.models}
    for relation, group in groups.items():
        for parent in project.parents(relation):
            groups[parent] >> group
    return groups


def first_groups(project: Project, groups: Mapping[Relation, TaskGroup]) -> list[TaskGroup]:
    """Groups of the models that read no other model."""
    return [group for relation, group in groups.items() if not project.parents(relation)]


def last_groups(project: Project, groups: Mapping[Relation, TaskGroup]) -> list[TaskGroup]:
    """Groups of the models that no other model reads."""
    return [group for relation, group in groups.items() if not project.readers(relation)]


def _model_group(project: Project, relation: Relation) -> TaskGroup:
    model = project.models[relation]
    arguments = {"system": project.system, "relation": str(relation)}
    with TaskGroup(relation.label, tooltip=model.description) as group:
        build = BuildRelationOperator(task_id="build", doc_md=_doc(project, relation), **arguments)
        if not model.is_view:
            build >> CheckRelationOperator(task_id="check", **arguments)
    return group


def _doc(project: Project, relation: Relation) -> str:
    model = project.models[relation]
    reads = ", ".join(f"`{name}`" for name in sorted(model.depends_on)) or "nothing"
    return f"**{relation}**: {model.description}\n\nReads {reads}.\n\n```sql\n{model.select}\n```\n"
