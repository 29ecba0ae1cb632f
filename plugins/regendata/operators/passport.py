"""Tasks that land Passport's files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from regendata.operators.landing import LandOperator

if TYPE_CHECKING:
    from airflow.sdk import Context


#: DAG parameter with the models that a person allowed to be gone.
ACCEPTED_LOSSES = "accepted_lost_models"


class LandPassportOperator(LandOperator):
    """Lands one of Passport's files if its ETag changed; returns rows landed and rows left out.

    :param source: name in :data:`regendata.sources.passport.FILES`.
    """

    def __init__(self, *, source: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.source = source

    def execute(self, context: Context) -> dict[str, Any]:
        from regendata import settings
        from regendata.landing import passport
        from regendata.sources.passport import FILES

        done = passport.land(
            FILES[self.source],
            self.prepared_project(),
            context["run_id"],
            settings.load(),
            context["params"].get(ACCEPTED_LOSSES) or [],
        )
        if not done["landed"]:
            self.log.info("nothing to do: %s did not change", self.source)
        return done
