"""When the rows of a SELECT are those of what it reads."""

from __future__ import annotations

import pytest

from regendata.models.row_counts import one_row_each

UNION = "SELECT x.a FROM public.x UNION ALL SELECT y.a FROM public.y AS y"


@pytest.mark.parametrize(
    ("select", "expected"),
    [
        ("SELECT x.a, 'live' AS kind, x.b AS c FROM public.x AS x", ["public.x"]),
        (UNION, ["public.x", "public.y"]),
        (f"{UNION} UNION ALL SELECT z.a FROM public.z", ["public.x", "public.y", "public.z"]),
        (f"WITH both AS ({UNION}) SELECT row_number() OVER (ORDER BY both.a) AS n FROM both", None),
        ('SELECT x.a FROM public."X" AS x', ['public."X"']),
        (
            "WITH one AS (SELECT x.a FROM public.x), two AS (SELECT one.a FROM one) SELECT two.a FROM two",
            ["public.x"],
        ),
    ],
)
def test_each_row_gives_one(select: str, expected: list[str] | None) -> None:
    assert list(map(str, one_row_each(select))) == (expected or ["public.x", "public.y"])


@pytest.mark.parametrize(
    "select",
    [
        "SELECT x.a FROM public.x WHERE x.a > 1",
        "SELECT DISTINCT x.a FROM public.x",
        "SELECT DISTINCT ON (x.a) x.a FROM public.x",
        "SELECT x.a FROM public.x GROUP BY x.a",
        "SELECT x.a FROM public.x LIMIT 5",
        "SELECT x.a FROM public.x OFFSET 5",
        "SELECT x.a FROM public.x FETCH FIRST 3 ROWS ONLY",
        "SELECT x.a FROM public.x TABLESAMPLE bernoulli (5)",
        "SELECT x.a FROM public.x, public.y",
        "SELECT x.a FROM public.x INNER JOIN public.y ON x.a = y.a",
        "SELECT count(*) FROM public.x",
        "SELECT max(x.a) OVER () AS most FROM public.x",
        "SELECT unnest(x.a) FROM public.x",
        "SELECT generate_series(1, 3) FROM public.x",
        "SELECT regexp_split_to_table(x.a, ',') AS part FROM public.x",
        "SELECT 1 AS one",
        "SELECT s.n FROM generate_series(1, 3) AS s (n)",
        "SELECT x.a FROM (SELECT x.a FROM public.x LIMIT 1) AS x",
        "SELECT x.a FROM public.x UNION SELECT y.a FROM public.y",
        "SELECT x.a FROM public.x INTERSECT ALL SELECT y.a FROM public.y",
        f"({UNION}) LIMIT 3",
        f"{UNION} LIMIT 3",
        "WITH RECURSIVE r AS (SELECT x.a FROM public.x UNION ALL SELECT r.a FROM r) SELECT r.a FROM r",
        "WITH few AS (SELECT x.a FROM public.x LIMIT 1) SELECT few.a FROM few",
    ],
)
def test_what_may_take_rows_away_or_add_some_tells_nothing(select: str) -> None:
    assert one_row_each(select) == ()
