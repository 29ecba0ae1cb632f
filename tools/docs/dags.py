"""``DAGS.md``: every DAG with schedule, form, tasks, and what it publishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.dag_processing.dagbag import DagBag

_HEAD = """# DAGs

Written by `make docs` from the DAGs themselves; change those.

| DAG | when | what | tasks | publishes |
|---|---|---|---|---|
"""


def page(bag: DagBag) -> str:
    """The whole page, DAGs by id."""
    dags = [bag.dags[name] for name in sorted(bag.dags)]
    rows = "".join(f"{_row(dag)}\n" for dag in dags)
    return _HEAD + rows + "".join(f"\n{_section(dag)}" for dag in dags)


def _row(dag: Any) -> str:
    cells = (f"[`{dag.dag_id}`](#{dag.dag_id})", when(dag), title(dag), str(len(dag.tasks)), _assets(dag))
    return f"| {' | '.join(cells)} |"


def title(dag: Any) -> str:
    """The heading of its documentation."""
    return str(dag.doc_md or dag.dag_id).strip().splitlines()[0].lstrip("# ").strip()


def when(dag: Any) -> str:
    """Its schedule in the terms of Airflow; ``by hand`` for none."""
    return _told(dag.timetable)


def _told(timetable: Any) -> str:
    parts = [
        getattr(timetable, "expression", None) and f"`{timetable.expression}` {timetable.timezone}",
        getattr(timetable, "timetable", None) is not None and _told(timetable.timetable),
        _waits_for(getattr(timetable, "asset_condition", None)),
    ]
    named = [str(part) for part in parts if part]
    if named:
        return ", or ".join(named)
    return "by hand" if type(timetable).__name__ == "NullTimetable" else type(timetable).__name__


def _waits_for(condition: Any) -> str:
    names = _names(condition)
    return "with " + ", ".join(f"asset `{name}`" for name in names) if names else ""


def _names(condition: Any) -> list[str]:
    """Names in a condition, which is nothing, one asset, or several with ``any`` or ``all``."""
    inside = getattr(condition, "objects", None)
    if inside is not None:
        return sorted({name for one in inside for name in _names(one)})
    return [str(condition.name)] if condition is not None else []


def waited_for(dag: Any) -> list[str]:
    """Names of the assets whose events begin a run."""
    return _names(getattr(dag.timetable, "asset_condition", None))


def outlets(dag: Any) -> list[str]:
    """Names of the assets that its tasks publish."""
    names = {str(getattr(outlet, "name", "")) for task in dag.tasks for outlet in task.outlets}
    return sorted(filter(None, names))


def _assets(dag: Any) -> str:
    return ", ".join(f"`{name}`" for name in outlets(dag))


def _section(dag: Any) -> str:
    lines = [
        f"## {dag.dag_id}",
        "",
        *_demoted(str(dag.doc_md or "").strip()),
        "",
        f"When: {when(dag)}. Owner: {', '.join(_owners(dag))}. Tags: {', '.join(sorted(dag.tags))}.",
        "",
        f"At most {dag.max_active_runs} run{'s' if dag.max_active_runs > 1 else ''} at a time.",
        "",
        *_form(dag.params),
        f"Tasks: {', '.join(_tasks(dag.tasks))}.",
    ]
    return "\n".join(lines) + "\n"


def _demoted(text: str) -> Iterator[str]:
    """The documentation without its heading, which is the section's."""
    lines = text.splitlines()
    body = lines[1:] if lines and lines[0].startswith("#") else lines
    heading = lines[0].lstrip("# ").strip() if body is not lines and lines else ""
    yield from (f"**{heading}**", *body) if heading else body


def _owners(dag: Any) -> Sequence[str]:
    return sorted({str(task.owner) for task in dag.tasks})


def _form(params: Any) -> Iterator[str]:
    if not params:
        return
    yield from ("| form field | type | unless said | about |", "|---|---|---|---|")
    for name in params:
        one = params.get_param(name)
        schema = one.schema or {}
        kind = schema.get("enum") or schema.get("type", "any")
        shown = ", ".join(map(str, kind)) if isinstance(kind, list) else str(kind)
        about = one.description or schema.get("description_md") or schema.get("title") or ""
        value = None if not one.has_value else one.value
        yield f"| `{name}` | {shown} | {'' if value is None else f'`{value}`'} | {about} |"
    yield ""


def _tasks(tasks: Sequence[Any]) -> list[str]:
    """Tasks by name; those of a group as the group with how many it has."""
    inside = Counter(str(task.task_id).partition(".")[0] for task in tasks if "." in task.task_id)
    names = dict.fromkeys(str(task.task_id).partition(".")[0] for task in tasks)
    return [f"`{name}` ({inside[name]})" if inside[name] else f"`{name}`" for name in names]
