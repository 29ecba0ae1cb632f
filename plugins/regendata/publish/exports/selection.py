"""``include/exports.yaml``: which relations of a system are public data sets."""

from __future__ import annotations

from pathlib import Path

import yaml

from regendata.exceptions import ModelFileError
from regendata.models.project import Project
from regendata.models.spec import ModelSpec


def load_selection(path: Path, project: Project) -> tuple[ModelSpec, ...]:
    """Models of one system that go out, in the order of the file.

    :raises ModelFileError: the file is no mapping of systems to relations, or names a relation that the
        system does not publish.
    """
    try:
        given = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ModelFileError(path, f"is not YAML: {error}") from error
    names = given.get(project.system, []) if isinstance(given, dict) else None
    if not isinstance(names, list):
        raise ModelFileError(path, "is a mapping of system to a list of relations")
    models = {str(relation): model for relation, model in project.models.items()}
    unknown = [str(name) for name in names if name not in models]
    if unknown:
        raise ModelFileError(path, f"{project.system} does not publish {', '.join(unknown)}")
    return tuple(models[name] for name in dict.fromkeys(names))
