"""Trouble on order: which requests are hurt, how, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from fnmatch import fnmatchcase
from typing import Any

from sandbox.exceptions import BadTrouble


@dataclass
class Trouble:
    """What happens to a request whose upstream and path (below the mount) match.

    :param status: answer with this HTTP status and the upstream's own error body.
    :param retry_after: seconds, sent as the header Retry-After beside `status`.
    :param latency: seconds to wait before anything else.
    :param truncate: end the body half way, with a matching Content-Length.
    :param drop: end the connection half way through the body.
    :param empty: the upstream's own form of "nothing found".
    :param html: a web page instead of data, status 200 unless given.
    :param times: number of requests to hurt; for ever when None.
    """

    upstream: str = "*"
    path: str = "*"
    status: int | None = None
    retry_after: int | None = None
    latency: float = 0
    truncate: bool = False
    drop: bool = False
    empty: bool = False
    html: bool = False
    times: int | None = None

    @classmethod
    def parse(cls, wanted: Mapping[str, Any]) -> Trouble:
        """From a JSON object; BadTrouble names an unknown key."""
        known = [item.name for item in fields(cls)]
        unknown = sorted(set(wanted) - set(known))
        if unknown:
            raise BadTrouble(f"unknown trouble {', '.join(unknown)}; known: {', '.join(known)}")
        return cls(**wanted)

    def hits(self, upstream: str, path: str) -> bool:
        return self.times != 0 and fnmatchcase(upstream, self.upstream) and fnmatchcase(path, self.path)


@dataclass
class Board:
    """All trouble ordered so far, and each upstream's settings (advertised version, result state, ...)."""

    troubles: list[Trouble] = field(default_factory=list)
    settings: dict[str, dict[str, Any]] = field(default_factory=dict)
    defaults: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def take(self, upstream: str, path: str) -> Trouble | None:
        """The first trouble that hits this request, counted as used."""
        for trouble in self.troubles:
            if trouble.hits(upstream, path):
                if trouble.times is not None:
                    trouble.times -= 1
                return trouble
        return None

    def setting(self, upstream: str, name: str) -> Any:
        """The value ordered for an upstream's setting, else its default."""
        return self.settings.get(upstream, {}).get(name, self.defaults[upstream][name])

    def change(self, upstream: str, values: Mapping[str, Any]) -> None:
        """Order values for an upstream's settings; BadTrouble names an unknown one."""
        known = self.defaults.get(upstream, {})
        unknown = sorted(set(values) - set(known))
        if unknown:
            raise BadTrouble(f"{upstream} has no setting {', '.join(unknown)}; known: {_list(known)}")
        self.settings.setdefault(upstream, {}).update(values)

    def reset(self) -> None:
        self.troubles.clear()
        self.settings.clear()

    def show(self) -> dict[str, Any]:
        """JSON form of what is ordered; used-up troubles are left out."""
        live = [asdict(trouble) for trouble in self.troubles if trouble.times != 0]
        return {"troubles": live, "settings": self.settings}


def _list(names: Iterable[str]) -> str:
    return ", ".join(names) or "none"
