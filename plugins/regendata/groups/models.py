"""One task group per view, wired by the references in its SQL."""

from __future__ import annotations

from collections.abc import Mapping

from airflow.sdk import TaskGroup

from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.operators.build import BuildRelationOperator, CheckRelationOperator


def model_groups(project: Project) -> Mapping[Relation, BuildRelationOperator]:
    """A group of build and check per model; edges between builds follow the references.

    A model is built while those it reads are checked: nothing is published before all checks are through.

    :returns: the build of each model.
    """
    builds = {relation: _model_group(project, relation) for relation in project.models}
    for relation, build in builds.items():
        for parent in project.parents(relation):
            builds[parent] >> build
    return builds


def first_builds(
    project: Project, builds: Mapping[Relation, BuildRelationOperator]
) -> list[BuildRelationOperator]:
    """Builds of the models that read no other model."""
    return [build for relation, build in builds.items() if not project.parents(relation)]


def last_builds(
    project: Project, builds: Mapping[Relation, BuildRelationOperator]
) -> list[BuildRelationOperator]:
    """Builds of the models that no other model reads."""
    return [build for relation, build in builds.items() if not project.readers(relation)]


def _model_group(project: Project, relation: Relation) -> BuildRelationOperator:
    model = project.models[relation]
    arguments = {"system": project.system, "relation": str(relation)}
    with TaskGroup(relation.label, tooltip=model.description):
        build = BuildRelationOperator(task_id="build", doc_md=_doc(project, relation), **arguments)
        if not model.is_view:
            build >> CheckRelationOperator(task_id="check", **arguments)
    return build


def _doc(project: Project, relation: Relation) -> str:
    model = project.models[relation]
    reads = ", ".join(f"`{name}`" for name in sorted(model.depends_on)) or "nothing"
    return f"**{relation}**: {model.description}\n\nReads {reads}.\n\n```sql\n{model.select}\n```\n"
