"""Tasks of the goal tracker: prepare a day's post, ask when its figure is off the trend, send it once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseOperator, Param

from regendata.exceptions import PostRefused
from regendata.operators.asking import NoteQuestion
from regendata.operators.links import QuestionLink
from regendata.publish.approval import APPROVE, REJECT, WHY, read_answer
from regendata.settings import Settings

if TYPE_CHECKING:
    from airflow.sdk import Context


class PrepareGoalPostOperator(BaseOperator):
    """Reads the figure, judges it, writes the post down; returns its day."""

    ui_color = "#e7efdc"

    def execute(self, context: Context) -> str:
        from datetime import datetime, timezone

        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.outbound.goal import prepare

        with connect() as conn:
            post = prepare(conn, settings.load(), datetime.now(timezone.utc))
        self.log.info("%s: %s\n%s", post.day, post.state, post.text)
        return post.day.isoformat()


class ApproveGoalPostOperator(HITLOperator):
    """Lets a post through when nothing asks; otherwise parks the run until a person has decided.

    :param day: of the post (templated).
    """

    template_fields: Sequence[str] = ("subject", "body", "day")
    ui_color = "#f6e3e3"
    operator_extra_links = (QuestionLink(),)

    def __init__(self, *, day: str, params: Any = None, **kwargs: Any) -> None:
        super().__init__(
            subject="Post the goal's figure?",
            options=[APPROVE, REJECT],
            defaults=REJECT,
            params={WHY: Param("", type=["null", "string"], title="Why", description_md="For the ledger.")},
            response_timeout=timedelta(seconds=Settings().approval_limit_s),
            notifiers=NoteQuestion(),
            **kwargs,
        )
        self.day = day

    def execute(self, context: Context) -> Any:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.goal_posts import find

        with connect() as conn:
            post = find(conn, date.fromisoformat(self.day))
        if post is None or post.state != "asked":
            self.log.info("nothing asks about the post of %s", self.day)
            return None
        self.response_timeout = timedelta(seconds=settings.load().approval_limit_s)
        self.subject = f"Post {post.figure:,.2f} on {self.day}?"
        self.body = f"{post.question}\n\n```\n{post.text}\n```"
        return super().execute(context)

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, Any]:
        """Called with the answer.

        :raises PostRefused: a person rejected the post, or nobody answered in time.
        """
        from regendata.hooks.postgres import connect
        from regendata.hooks.warehouse.goal_posts import decide

        super().execute_complete(context, event)
        answer = read_answer(event)
        with connect() as conn:
            decide(conn, date.fromisoformat(self.day), answer)
        if not answer.is_approved:
            raise PostRefused(f"the post of {self.day} was {answer.summary}")
        self.log.info("the post of %s was %s", self.day, answer.summary)
        return {"who": answer.who, "why": answer.why}


class SendGoalPostOperator(BaseOperator):
    """Sends the post, or writes it to a file; returns what became of it.

    :param day: of the post (templated).
    """

    template_fields: Sequence[str] = ("day",)
    ui_color = "#dbe7f6"

    def __init__(self, *, day: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.day = day

    def execute(self, context: Context) -> dict[str, str | None]:
        from regendata import settings
        from regendata.hooks.postgres import connect
        from regendata.outbound.goal import folder_of, send

        options = settings.load()
        with connect() as conn:
            post = send(conn, date.fromisoformat(self.day), options, folder_of(options))
        self.log.info("the post of %s is %s: %s", self.day, post.state, post.note)
        return {"state": post.state, "post_id": post.post_id, "note": post.note}
