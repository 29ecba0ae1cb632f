"""In which order facades are locked while people read them.

Whoever reads several facades in one statement locks one after the other, and so does a publish. Where a
reader holds B and waits for A, a publish that holds A and waits for B gets through only if one of them gives
up. So a publish that could not get a lock looks who waits for it, and takes its locks in the order of its
readers from then on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from psycopg import sql

from regendata.models.relation import Relation

#: The first attempt is short: what it learns about its readers makes the next ones likelier.
FIRST_WAIT_MS = 100

_LOCK_EACH = """
DECLARE
  facade record;
  held oid[] := '{{}}';
  ends timestamptz := clock_timestamp() + make_interval(secs => {wait_ms} / 1000.0);
BEGIN
  FOR facade IN
    SELECT listed.name, c.oid, pg_get_userbyid(c.relowner) AS owner
    FROM unnest({names}) WITH ORDINALITY AS listed (name, place)
    INNER JOIN pg_class AS c ON c.oid = listed.name::regclass
    ORDER BY listed.place
  LOOP
    BEGIN
      PERFORM set_config(
        'lock_timeout', greatest(1, ceil(extract(epoch FROM ends - clock_timestamp()) * 1000))::text, true);
      EXECUTE format('ALTER VIEW %s OWNER TO %I', facade.name, facade.owner);
    EXCEPTION WHEN lock_not_available THEN
      RAISE lock_not_available USING
        MESSAGE = format('%s is being read', facade.name),
        DETAIL = (
          SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(has.place, wants.place)), '[]')
          FROM unnest({names}) WITH ORDINALITY AS has (name, place)
          INNER JOIN pg_locks AS l ON l.relation = has.name::regclass AND l.granted
          INNER JOIN pg_locks AS w ON w.pid = l.pid AND w.database = l.database AND NOT w.granted
          INNER JOIN unnest({names}) WITH ORDINALITY AS wants (name, place)
            ON wants.name::regclass = w.relation
          WHERE l.pid <> pg_backend_pid() AND l.relation <> ALL(held) AND w.relation = ANY(held)
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
        );
    END;
    held := held || facade.oid;
  END LOOP;
  PERFORM set_config('lock_timeout', '{wait_ms}', true);
END
"""


@dataclass
class LockOrder:
    """Facades in the order in which they are locked."""

    names: list[Relation]

    @classmethod
    def of(cls, names: Iterable[Relation], readers: Mapping[Relation, int]) -> LockOrder:
        """Those that are read most first: nobody has to wait for the others meanwhile.

        :param readers: sessions that hold each of them right now.
        """
        return cls(sorted(names, key=lambda name: (-readers.get(name, 0), name)))

    def learn(self, told: str | None) -> bool:
        """Put what readers lock first first, as the error of :meth:`statement` tells.

        :param told: its detail; of another error, None.
        :returns: whether there was anything to learn.
        """
        pairs = json.loads(told) if told else []
        seen = list(self.names)
        for has, wants in pairs:
            self._put_before(seen[has - 1], seen[wants - 1])
        return bool(pairs)

    def _put_before(self, one: Relation, other: Relation) -> None:
        if self.names.index(one) > self.names.index(other):
            self.names.remove(one)
            self.names.insert(self.names.index(other), one)

    def statement(self, wait_ms: int) -> sql.Composed:
        """Lock all, within this time together: a limit per lock would let readers queue for their sum.

        LOCK TABLE would lock the tables behind each view too, which a backup holds for as long as it dumps
        them. Giving a view to the owner it has locks the view alone, and changes nothing. Where a lock is not
        to be had, the error's detail lists pairs of places in this order: the first is held by a reader who
        waits for the second.
        """
        listed = sql.SQL(", ").join(sql.Literal(sql.Identifier(*name).as_string(None)) for name in self.names)
        array = sql.SQL("ARRAY[{}]::text[]").format(listed)
        body = sql.SQL(_LOCK_EACH).format(names=array, wait_ms=sql.SQL(str(int(wait_ms)))).as_string(None)
        return sql.SQL("DO {}").format(sql.Literal(body))
