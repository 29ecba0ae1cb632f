"""What a build has to do: rebuild where an input or the model changed, carry over the rest."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from regendata.models.project import Project
from regendata.models.relation import Relation
from regendata.models.spec import ModelSpec
from regendata.publish.facade import physical

BUILD_PREFIX = "build_"


@dataclass(frozen=True)
class Built:
    """A relation that exists from an earlier build: what went into it and where it stands."""

    fingerprint: str
    place: Relation


@dataclass(frozen=True)
class PlannedRelation:
    """One relation of a build."""

    relation: Relation
    place: Relation
    fingerprint: str
    carried_over: bool


def build_schema(build_id: int) -> str:
    """Schema of one build."""
    return f"{BUILD_PREFIX}{build_id}"


def plan_build(
    project: Project, build_id: int, inputs: Mapping[Relation, str], published: Mapping[Relation, Built]
) -> dict[Relation, PlannedRelation]:
    """Plan one build, in build order.

    :param inputs: fingerprint of every table the models read.
    :param published: relations of the published build that still exist.
    """
    plan: dict[Relation, PlannedRelation] = {}
    for relation, model in project.models.items():
        known = {**inputs, **{done.relation: done.fingerprint for done in plan.values()}}
        fingerprint = model_fingerprint(model, known)
        before = published.get(relation)
        if before and before.fingerprint == fingerprint:
            plan[relation] = PlannedRelation(relation, before.place, fingerprint, carried_over=True)
        else:
            place = physical(build_schema(build_id), relation)
            plan[relation] = PlannedRelation(relation, place, fingerprint, carried_over=False)
    return plan


def model_fingerprint(model: ModelSpec, inputs: Mapping[Relation, str]) -> str:
    """Hash of all that decides the content and shape of a relation: SELECT, keys, indexes, checks, inputs."""
    parts = [model.select, model.unique_key, model.indexes, model.amount, model.checks]
    parts += [(str(name), inputs[name]) for name in sorted(model.depends_on)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
