"""Connected projects, and for each the link that leads towards the oldest of its group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from regendata.sources.project_groups.links import Links
from regendata.sources.project_groups.projects import NOTHING, Numbers


@dataclass(frozen=True)
class Components:
    """Groups of one run, before they have ids; arrays with a place per project.

    :param count: number of components.
    :param label: component of each project, numbered by their oldest projects.
    :param towards: project one step nearer to the oldest; NOTHING for the oldest itself.
    :param link: place in the links of the link there; NOTHING for the oldest.
    """

    count: int
    label: Numbers
    towards: Numbers
    link: Numbers


def connect(count: int, links: Links) -> Components:
    """Components of ``count`` projects."""
    graph = _graph(count, links.first, links.second)
    labels = connected_components(graph, directed=False)[1].astype(np.int64)
    _, oldest, label = np.unique(labels, return_index=True, return_inverse=True)
    towards = _towards(count, links, oldest)
    return Components(len(oldest), label, towards, _link_of(towards, links))


def _towards(count: int, links: Links, oldest: Numbers) -> Numbers:
    """One breadth-first walk over all components, from a point that touches the oldest of each."""
    start = np.full(len(oldest), count)
    first, second = np.concatenate([links.first, oldest]), np.concatenate([links.second, start])
    _, before = breadth_first_order(_graph(count + 1, first, second), count, directed=False)
    return np.where(before[:count] == count, NOTHING, before[:count]).astype(np.int64)


def _link_of(towards: Numbers, links: Links) -> Numbers:
    """Links are sorted by pair, so the one of each step is found by bisection."""
    count = len(towards)
    projects = np.arange(count)
    wanted = np.minimum(projects, towards) * count + np.maximum(projects, towards)
    place = np.searchsorted(links.first * count + links.second, wanted)
    return np.where(towards == NOTHING, NOTHING, place)


def _graph(count: int, first: Numbers, second: Numbers) -> csr_array:
    return coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count)).tocsr()
