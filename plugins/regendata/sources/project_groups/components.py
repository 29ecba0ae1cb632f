"""Connected projects, and for each the link that leads towards the oldest of its group."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from regendata.sources.project_groups.alike import NOTHING, Numbers
from regendata.sources.project_groups.links import Links


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
    """Components of ``count`` projects; only those that have a link are walked through."""
    is_linked = np.zeros(count, dtype=bool)
    is_linked[links.first] = is_linked[links.second] = True
    linked = np.flatnonzero(is_linked)
    place = np.cumsum(is_linked) - 1
    oldest, towards = np.arange(count), np.full(count, NOTHING)
    oldest[linked], towards[linked] = (
        np.where(found == NOTHING, NOTHING, linked[found])
        for found in _walked(len(linked), place[links.first], place[links.second])
    )
    is_oldest = oldest == np.arange(count)
    label = (np.cumsum(is_oldest) - 1)[oldest]
    return Components(int(is_oldest.sum()), label, towards, _link_of(towards, links))


def _walked(count: int, first: Numbers, second: Numbers) -> tuple[Numbers, Numbers]:
    """Per project the oldest of its component, and the one that is a step nearer to that."""
    number, label = connected_components(_graph(count, first, second), directed=False)
    oldest = np.full(number, count)
    np.minimum.at(oldest, label, np.arange(count))
    # One breadth-first walk over all components, from a point that touches the oldest of each.
    start = np.full(number, count)
    graph = _graph(count + 1, np.append(first, oldest), np.append(second, start))
    _, before = breadth_first_order(graph, count, directed=False)
    return oldest[label], np.where(before[:count] == count, NOTHING, before[:count])


def _link_of(towards: Numbers, links: Links) -> Numbers:
    """Links are sorted by pair, so the one of each step is found by bisection."""
    count = len(towards)
    inner = np.flatnonzero(towards != NOTHING)
    wanted = np.minimum(inner, towards[inner]) * count + np.maximum(inner, towards[inner])
    found = np.full(count, NOTHING)
    found[inner] = np.searchsorted(links.first * count + links.second, wanted)
    return found


def _graph(count: int, first: Numbers, second: Numbers) -> csr_array:
    return coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count)).tocsr()
