"""The page of the public bucket: every data set with size, age, schema, download and ready queries."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from string import Template

from regendata import paths
from regendata.publish.exports.manifest import DataSet, Manifest

_UNITS = ("bytes", "kB", "MB", "GB", "TB")
_SECTION = Template("""<article id="$anchor">
<h2>$name</h2>
<p>$description</p>
<dl>
<div><dt>Rows</dt><dd>$rows</dd></div>
<div><dt>Size</dt><dd>$size</dd></div>
<div><dt>Published</dt><dd><time datetime="$published_at">$published</time></dd></div>
<div><dt>Built</dt><dd><time datetime="$built_at">$built</time></dd></div>
<div><dt>Checks</dt><dd>$checks</dd></div>
</dl>
<p><a class="download" href="$latest" download>Download Parquet</a>
<a href="$path">permanent link to this version</a></p>
$waivers<details><summary>Columns</summary>
<div class="wide"><table><thead><tr><th scope="col">Column</th><th scope="col">Type</th>
<th scope="col">What it is</th></tr></thead>
<tbody>$columns</tbody></table></div></details>
<details><summary>Queries</summary>
<h3>DuckDB</h3><pre><code>$duckdb</code></pre>
<h3>pandas</h3><pre><code>$pandas</code></pre>
<h3>psql, with a login to the warehouse</h3><pre><code>$psql</code></pre>
</details>
<p class="sha">sha256 <code>$sha256</code></p>
</article>""")

#: Beginnings for whoever wants to look into a data set.
_DUCKDB = Template("SELECT * FROM read_parquet('$address') LIMIT 10;")
_PANDAS = Template('import pandas as pd\nrows = pd.read_parquet("$address")')
_PSQL = Template("psql \"$$DATABASE_URL\" -c 'SELECT * FROM $relation LIMIT 10'")


def render(manifest: Manifest, url: str) -> str:
    """The page as HTML.

    :param url: address of the bucket's public part, ending in ``/``.
    """
    template = Template((paths.PAGES / "data_sets" / "page.html").read_text(encoding="utf-8"))
    data_sets = manifest.data_sets
    return template.substitute(
        written=_day(manifest.written_at),
        written_at=escape(manifest.written_at),
        count=len(data_sets),
        size=_size(sum(one.bytes for one in data_sets.values())),
        url=escape(url),
        contents="".join(f'<li><a href="#{_anchor(name)}">{escape(name)}</a></li>' for name in data_sets),
        data_sets="\n".join(_section(name, one, manifest, url) for name, one in data_sets.items()),
        sources=_sources(manifest),
    )


def _section(name: str, one: DataSet, manifest: Manifest, url: str) -> str:
    published_at = manifest.systems[one.system].published_at
    address = f"{url}{one.latest}"
    return _SECTION.substitute(
        anchor=_anchor(name),
        name=escape(name),
        description=escape(one.description),
        rows=f"{one.rows:,}",
        size=_size(one.bytes),
        published_at=published_at,
        published=_day(published_at),
        built_at=one.built_at,
        built=_day(one.built_at),
        checks=_checks(one),
        latest=escape(one.latest),
        path=escape(one.path),
        waivers="".join(f"<p class='waiver'>Waived: {_waiver(waiver)}</p>" for waiver in one.waivers),
        columns="".join(_column(column.name, column.type, column.description) for column in one.columns),
        duckdb=escape(_DUCKDB.substitute(address=address)),
        pandas=escape(_PANDAS.substitute(address=address)),
        psql=escape(_PSQL.substitute(relation=name)),
        sha256=one.sha256,
    )


def _sources(manifest: Manifest) -> str:
    """One row per source of each system: which version, and the source's own time."""
    rows: Iterable[str] = (
        f"<tr><td>{escape(system)}</td><td>{escape(str(source['source']))}</td>"
        f"<td>{escape(str(source['version'] or ''))}</td><td>{_day(str(source['as_of'] or ''))}</td></tr>"
        for system, published in manifest.systems.items()
        for source in published.sources
    )
    return "".join(rows)


def _checks(one: DataSet) -> str:
    verdicts = [check["verdict"] for check in one.checks]
    told = [f"{verdicts.count('passed')} passed"]
    told += [
        f"{verdicts.count(verdict)} {verdict}" for verdict in ("waived", "failed") if verdict in verdicts
    ]
    return ", ".join(told)


def _waiver(waiver: object) -> str:
    facts = waiver if isinstance(waiver, dict) else {}
    return escape(
        f"{facts.get('check')}, by {facts.get('who')} until {facts.get('until')}: {facts.get('why')}"
    )


def _column(name: str, kind: str, description: str) -> str:
    return (
        f"<tr><td><code>{escape(name)}</code></td><td>{escape(kind)}</td><td>{escape(description)}</td></tr>"
    )


def _anchor(name: str) -> str:
    return escape(name.replace('"', ""))


def _day(moment: str) -> str:
    """``2026-03-01 04:00 UTC``; nothing for nothing."""
    return f"{escape(moment[:10])} {escape(moment[11:16])} UTC" if len(moment) >= 16 else ""


def _size(size: float) -> str:
    for unit in _UNITS[:-1]:
        if size < 1_000:
            return f"{size:,.0f} {unit}" if unit == "bytes" else f"{size:,.1f} {unit}"
        size /= 1_000
    return f"{size:,.1f} {_UNITS[-1]}"
