"""Explanations of published figures. Another system offers its own by one entry here."""

from __future__ import annotations

from regendata.api.pages.explanations import rounds, tokens
from regendata.api.pages.explanations.shape import Explainer

EXPLAINERS: dict[str, Explainer] = {one.name: one for one in (rounds.EXPLAINER, tokens.EXPLAINER)}
