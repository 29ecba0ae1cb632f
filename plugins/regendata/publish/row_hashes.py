"""SQL that hashes rows: of one row, and of a relation per bucket of rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from psycopg import sql

from regendata.models.relation import Relation
from regendata.publish.diff import MODULUS, Column

#: Types without equality or hash; their text is compared.
_BY_TEXT = re.compile(r"^(json|xml|point|line|lseg|box|path|polygon|circle)(\[\])?$")
#: What a type says about length and precision, which no hash looks at.
_MODIFIER = re.compile(r"\(\d+(,-?\d+)?\)")
#: Per type, as ``format_type`` writes it, the function that hashes its values to 64 bits.
HashFunctions = Mapping[str, str]
FUNCTIONS = """
SELECT format_type(class.opcintype, NULL), hash.proname
FROM pg_catalog.pg_opclass AS class
INNER JOIN pg_catalog.pg_am AS method ON method.oid = class.opcmethod AND method.amname = 'hash'
INNER JOIN pg_catalog.pg_amproc AS support
  ON support.amprocfamily = class.opcfamily AND support.amproclefttype = class.opcintype
  AND support.amprocrighttype = class.opcintype AND support.amprocnum = 2
INNER JOIN pg_catalog.pg_proc AS hash
  ON hash.oid = support.amproc AND hash.pronamespace = 'pg_catalog'::regnamespace
  AND hash.proargtypes[0] = class.opcintype
WHERE class.opcdefault
"""
_MODULUS = sql.Literal(MODULUS)


def digest(
    place: Relation,
    columns: Iterable[Column],
    functions: HashFunctions,
    bucketed_by: Sequence[str] = (),
    buckets: int = 1,
) -> sql.Composed:
    """(bucket, rows, hash) of every bucket that holds rows, in one scan.

    :param bucketed_by: columns whose hash puts a row in its bucket; empty for all.
    """
    columns = list(columns)
    types = dict(columns)
    hashes = [sql.SQL("{} AS hashed").format(row_hash(columns, functions))]
    if bucketed_by:
        by = [(name, types[name]) for name in bucketed_by]
        hashes.append(sql.SQL("{} AS bucketed").format(row_hash(by, functions)))
    # OFFSET 0 keeps Postgres from putting the hash of a whole row in two places and counting it twice.
    return sql.SQL(
        "SELECT ({bucketed} & {mask})::integer AS bucket, count(*), (sum(hashed) % {modulus})::bigint "
        "FROM (SELECT {hashes} FROM {place} OFFSET 0) AS digested GROUP BY 1"
    ).format(
        bucketed=sql.Identifier("bucketed" if bucketed_by else "hashed"),
        mask=sql.Literal(buckets - 1),
        modulus=_MODULUS,
        hashes=sql.SQL(", ").join(hashes),
        place=sql.Identifier(*place),
    )


def row_hash(columns: Sequence[Column], functions: HashFunctions) -> sql.Composed:
    """64 bits over the values of a row: the same for equal rows of any relation with these columns.

    Values are hashed one by one, each with a seed of its own: half the work of making a record of them first,
    which is left for types whose function takes other types as well, such as arrays.
    """
    hashes: list[sql.Composable] = []
    others: list[sql.Composable] = []
    for seed, (name, kind) in enumerate(columns, 1):
        value, function = comparable(sql.Identifier(name), kind), function_of(kind, functions)
        if function:
            hashed = sql.SQL("coalesce({0}({1}, {2}), {2})")
            hashes.append(hashed.format(sql.Identifier("pg_catalog", function), value, sql.Literal(seed)))
        else:
            others.append(value)
    if others:
        hashes.append(sql.SQL("hash_record_extended(ROW({}), 0)").format(sql.SQL(", ").join(others)))
    if len(hashes) == 1:
        return sql.Composed(hashes)
    # Hashed once more: in a sum over rows, values that change places between two rows would show in few bits.
    return sql.SQL("hashint8extended({}, 0)").format(sql.SQL(" # ").join(hashes))


def function_of(kind: str, functions: HashFunctions) -> str | None:
    """That of a column's type; None for a type that is hashed as part of a record."""
    bare = "text" if _BY_TEXT.match(kind) else _MODIFIER.sub("", kind)
    return functions.get("text" if bare == "character varying" else bare)


def comparable(column: sql.Composable, kind: str) -> sql.Composable:
    """The column, or its text where its type has no equality."""
    return sql.SQL("{}::text").format(column) if _BY_TEXT.match(kind) else column
