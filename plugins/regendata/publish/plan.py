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
    """A relation that exists from an earlier build: what went into it and where it stands.

    :param parts: where its rows stand, in the order they came.
    """

    fingerprint: str
    place: Relation
    parts: tuple[Relation, ...] = ()


@dataclass(frozen=True)
class PlannedRelation:
    """One relation of a build.

    :param parts: where its rows stand, in the order they came; empty while it is not made.
    :param way: how it was made; None while it is not.
    """

    relation: Relation
    place: Relation
    fingerprint: str
    carried_over: bool
    parts: tuple[Relation, ...] = ()
    way: str | None = None

    @property
    def extended(self) -> bool:
        """Whether it holds what was published before, and its last part."""
        return self.way == "extended"

    @property
    def merged(self) -> bool:
        """Whether its last part holds every row that is not as it stands in the first one."""
        return self.way == "merged"

    @property
    def new_rows(self) -> Relation:
        """Where the rows stand that this build made: the last of several parts, or all of it."""
        return self.parts[-1] if self.extended or self.merged else self.place


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
            plan[relation] = PlannedRelation(relation, before.place, fingerprint, True, before.parts)
        else:
            place = physical(build_schema(build_id), relation)
            plan[relation] = PlannedRelation(relation, place, fingerprint, carried_over=False)
    return plan


def model_fingerprint(model: ModelSpec, inputs: Mapping[Relation, str]) -> str:
    """Hash of all that decides content and shape of a relation: kind, SELECT, keys, indexes, checks, inputs.

    How it grows as well: rows that were put together another way are made anew.
    """
    kind = "view" if model.is_view else "table"
    parts = [kind, model.select, model.unique_key, model.indexes, model.amount, model.checks, model.growth]
    parts += [(str(name), inputs[name]) for name in sorted(model.depends_on)]
    return hashlib.sha256(repr(parts).encode()).hexdigest()
