"""Tasks of MEV-Boost relays: plan a round, fetch its units, judge it, repair, close days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator
from airflow.sdk.exceptions import AirflowSkipException, DagRunTriggerException

from regendata.exceptions import PlanRejected
from regendata.operators.asking import NoteQuestion
from regendata.operators.links import PlanLink, QuestionLink

if TYPE_CHECKING:
    from airflow.sdk import Asset, AssetAlias, Context

    from regendata.sources.mev_boost.plan import Wanted

#: Fields of the backload's form.
FROM, UNTIL, RELAYS, ENDPOINTS = "from", "until", "relays", "endpoints"
UNITS, WHERE, ASK = "units", "where", "ask"
HERE = "here"
#: Answers to a plan.
FETCH, LEAVE = "Fetch", "Do not fetch"
#: Key under which a plan leaves what the round is, beside its units.
ROUND = "round"


class PlanRoundOperator(BaseOperator):
    """Finds what is missing and divides it; returns the units, one per mapped task.

    :param look_back: setting with the hours before now to look at; without it the run's form says.
    :param units: most units, unless the form says.
    """

    ui_color = "#dbe7f6"
    operator_extra_links = (PlanLink(),)

    def __init__(self, *, look_back: str = "", units: int = 1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.look_back = look_back
        self.units = units

    def execute(self, context: Context) -> list[dict[str, Any]]:
        from regendata import settings
        from regendata.landing.relays import run

        options, params = settings.load(), context["params"]
        asked = self.asked(context)
        made, text = run.plan(asked, int(params.get(UNITS) or self.units), options)
        begin = made.units[0].begin if made.units else asked.slots[1]
        slots = (max(begin, asked.slots[0]), asked.slots[1])
        this_round = {
            **made.as_dict(),
            "asked": _as_dict(asked, slots),
            # Of a long range every round closes the days it has a part in; a short one may close any.
            "days": list(asked.slots if self.look_back else slots),
            "where": params.get(WHERE, HERE),
            "markdown": text,
        }
        context["ti"].xcom_push(key=ROUND, value=this_round)
        self.log.info("%s", text)
        return [
            _as_dict(asked, (max(unit.begin, asked.slots[0]), min(unit.end, asked.slots[1])))
            for unit in made.units
        ]

    def asked(self, context: Context) -> Wanted:
        """What the run is about."""
        from datetime import datetime, timezone

        from regendata import settings
        from regendata.landing.relays import run

        params, now = context["params"], datetime.now(timezone.utc)
        if not self.look_back:
            return run.wanted(_slots_of(params), params[RELAYS], params[ENDPOINTS], now)
        begin, end = context.get("data_interval_start"), context.get("data_interval_end")
        if begin and end and context["dag_run"].run_type == "backfill":
            return run.wanted(_between(begin, end), now=now)
        return run.wanted(run.newest_hours(now, getattr(settings.load(), self.look_back)))


class ApprovePlanOperator(HITLOperator):
    """Shows a plan and waits for a person, where the form wants it and there is something to do."""

    ui_color = "#f6e3e3"
    operator_extra_links = (QuestionLink(),)

    def __init__(self, *, plan_task_id: str, params: Any = None, **kwargs: Any) -> None:
        # The answer has no fields; parameters of the DAG are not asked for again.
        super().__init__(
            subject="Fetch these slots from the relays?",
            body=f"{{{{ ti.xcom_pull(task_ids='{plan_task_id}', key='{ROUND}')['markdown'] }}}}",
            options=[FETCH, LEAVE],
            defaults=LEAVE,
            notifiers=NoteQuestion(),
            **kwargs,
        )
        self.plan_task_id = plan_task_id

    def execute(self, context: Context) -> Any:
        planned = _round(context, self.plan_task_id)
        if not context["params"].get(ASK) or not planned["slots"]:
            self.log.info("nobody has to be asked")
            return None
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> Any:
        """Called with the answer.

        :raises PlanRejected: a person decided against it, or nobody answered in time.
        """
        answer = super().execute_complete(context, event)
        if answer["chosen_options"] != [FETCH]:
            raise PlanRejected("nothing is fetched: the plan was not approved")
        return answer


class FetchUnitOperator(BaseOperator):
    """Fetches one unit of a plan and stores it; returns slots and rows that came.

    :param unit: slots, relays and endpoints, as planned.
    """

    template_fields: Sequence[str] = ("unit",)
    ui_color = "#e6f1f2"

    def __init__(self, *, unit: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.unit = unit

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing.relays import run

        done = run.fetch_unit(_wanted(self.unit), settings.load())
        self.log.info("%s slots covered, %s rows", done["covered"], done["rows"])
        return done


class ChooseUnitsOperator(BaseOperator):
    """The units of a plan where they are to run at this place; none otherwise."""

    def __init__(self, *, plan_task_id: str, where: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan_task_id = plan_task_id
        self.where = where

    def execute(self, context: Context) -> list[dict[str, Any]]:
        if _round(context, self.plan_task_id)["where"] != self.where:
            return []
        return list(context["ti"].xcom_pull(task_ids=self.plan_task_id))


class JudgeRoundOperator(BaseOperator):
    """Fails by name when less was fetched than planned; returns slots planned and covered."""

    ui_color = "#f3ecd8"

    def __init__(self, *, plan_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan_task_id = plan_task_id

    def execute(self, context: Context) -> dict[str, int]:
        from regendata.landing.relays import run

        planned = _round(context, self.plan_task_id)
        return run.judge(_wanted(planned["asked"]), planned["slots"])


class NextRoundOperator(BaseOperator):
    """Starts the DAG again with the same form, for as long as a plan leaves something for later."""

    ui_color = "#dbe7f6"

    def __init__(self, *, plan_task_id: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan_task_id = plan_task_id

    def execute(self, context: Context) -> None:
        later = _round(context, self.plan_task_id)["later"]
        if not later:
            raise AirflowSkipException("nothing is left for later")
        # What TriggerDagRunOperator raises, whose module loads a database toolkit in every task.
        raise DagRunTriggerException(
            trigger_dag_id=context["ti"].dag_id,
            dag_run_id=_next_run_id(context["run_id"]),
            # The whole range was approved.
            conf={**context["params"], ASK: False},
            note=f"{later:,} slots were left by {context['run_id']}",
            reset_dag_run=False,
            # A retry of this task starts no second one.
            skip_when_already_exists=True,
            wait_for_completion=False,
            allowed_states=[],
            failed_states=[],
            poke_interval=0,
            deferrable=False,
        )


class CloseDaysOperator(BaseOperator):
    """Closes the days that became whole, and computes what is computed of whole days; returns them.

    :param asset: what those days are an event of, which goes out by ``event``.
    """

    ui_color = "#e7efdc"

    def __init__(self, *, plan_task_id: str, asset: Asset, event: AssetAlias, **kwargs: Any) -> None:
        super().__init__(outlets=[event], **kwargs)
        self.plan_task_id = plan_task_id
        self.asset = asset
        self.event = event

    def execute(self, context: Context) -> list[str]:
        from regendata import settings
        from regendata.landing.relays import run

        begin, end = _round(context, self.plan_task_id)["days"]
        closed = [day.isoformat() for day in run.close_days((int(begin), int(end)), settings.load())]
        if closed:
            context["outlet_events"][self.event].add(self.asset, extra={"days": [*closed]})
        return closed


class RepairHoursOperator(BaseOperator):
    """Brings in late block times and flags of reorganised payloads; returns how many hours changed."""

    def execute(self, context: Context) -> dict[str, int]:
        from datetime import datetime, timezone

        from regendata import settings
        from regendata.landing.relays import run

        options = settings.load()
        slots = run.newest_hours(datetime.now(timezone.utc), options.mev_repair_hours)
        done = run.repair_hours(slots, options)
        if done["waiting"]:
            self.log.warning("%s rows wait for their block still", done["waiting"])
        return done


def _round(context: Context, plan_task_id: str) -> dict[str, Any]:
    return dict(context["ti"].xcom_pull(task_ids=plan_task_id, key=ROUND))


def _next_run_id(run_id: str) -> str:
    """``<first run>__round_2``, ``__round_3`` and so on."""
    first, _, number = run_id.partition("__round_")
    return f"{first}__round_{int(number or 1) + 1}"


def _as_dict(asked: Wanted, slots: tuple[int, int]) -> dict[str, Any]:
    return {"slots": list(slots), "relays": list(asked.relays), "endpoints": list(asked.endpoints)}


def _wanted(unit: Mapping[str, Any]) -> Wanted:
    from regendata.landing.relays import run

    begin, end = unit["slots"]
    return run.wanted((int(begin), int(end)), unit["relays"], unit["endpoints"])


def _slots_of(params: Mapping[str, Any]) -> tuple[int, int]:
    """A form's range, each end a slot or a moment in UTC.

    :raises BadIntervals: it ends before it begins, or holds no slot.
    """
    from regendata.exceptions import BadIntervals

    begin, end = (_first_slot(str(params[name]).strip()) for name in (FROM, UNTIL))
    if begin >= end:
        raise BadIntervals(f"no slot from {params[FROM]} until {params[UNTIL]}")
    return begin, end


def _first_slot(text: str) -> int:
    from datetime import datetime, timezone

    from regendata.coverage.slots import first_slot_from

    if text.isdecimal():
        return int(text)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    moment = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return max(0, first_slot_from(int(moment.timestamp())))


def _between(begin: Any, end: Any) -> tuple[int, int]:
    from regendata.coverage.slots import slots_between

    return slots_between(begin, end).span
