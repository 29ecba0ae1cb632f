"""The carbon removal market: cdr.fyi's four tables, the total on its front page, and files of an operator.

Rows are derived from purchase proposals: real ones of CarbonPlan's database where its file is given, else
made up. Neither holds a row of cdr.fyi.
"""

from __future__ import annotations

import csv
import json
import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sandbox.generator.vocabulary import ADJECTIVES, NOUNS
from sandbox.generator.workbook import write_workbook

FILE = "cdr_fyi.json"
PROPOSALS = Path("cdr_market") / "carbonplan_projects.csv"
GENERATED = 160
SEED = 75
#: Ids the editors leave out; the stand-in has them, so that leaving them out shows.
EXCLUDED = ("45afd8e0-8be9-4598-8437-e30dc620a4c8", "8af105d5-fb61-5882-b2ea-98332d5ae20b")
#: Words of private fields; a published file that holds one has leaked.
PRIVATE_NOTE = "private: price agreed under NDA"
METHODS = {
    "dac": "Direct Air Carbon Capture and Storage (DACCS)",
    "biomass": "Biochar",
    "biochar": "Biochar",
    "forests": "Afforestation",
    "mineralization": "Mineralization",
    "ocean": "Ocean Alkalinity Enhancement",
    "soil": "Enhanced Weathering",
}
AGREEMENTS = ("Credit Sale",) * 8 + ("Offtake Option", "MOU/LOI")
ODD_NAMES = ("Acme, Inc.", 'The "Deep" Well', "Schrödinger Kohlenstoff GmbH", "Tree  Co,\nLtd")
NAMESPACE = uuid.UUID("6ba7b812-9dad-11d1-80b4-00c04fd430c8")


@dataclass(frozen=True)
class Proposal:
    """An offer to remove carbon: who, how, to whom, when, how many tons, USD per ton (None if unknown)."""

    applicant: str
    method: str
    buyer: str
    day: date
    tons: float
    price: float | None


def write_market(path: Path, inputs: Path, data: Path | None) -> None:
    """Write what the stand-ins serve, and the files an operator puts into the bucket."""
    real = data / PROPOSALS if data else None
    proposals = list(real_proposals(real)) if real and real.exists() else list(made_up_proposals())
    tables = market_tables(proposals)
    total = sum(float(order["price_usd"] or 0) for order in tables["orders"])
    content = {"tables": tables, "dollars_spent": f"${total * 3 + 1_000_000:,.0f}"}
    path.write_text(json.dumps(content, indent=0, ensure_ascii=False), encoding="utf-8")
    inputs.mkdir(exist_ok=True)
    companies = [(str(year), str(count)) for year, count in enumerate((3, 4, 6, 9, 14, 21, 33, 41, 52), 2015)]
    lines = [("year", "companies"), *companies]
    (inputs / "ccn_data.csv").write_text("".join(f"{','.join(line)}\n" for line in lines), encoding="utf-8")
    write_workbook(inputs / "carbon_pricing.xlsx", "Compliance_Gen Info", list(pricing_rows()))


def real_proposals(path: Path) -> Iterator[Proposal]:
    """Proposals of CarbonPlan's database: volume in tons, price in USD per ton."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(line for line in file if not line.startswith("#"))
        for row in rows:
            volume = _number(row["volume"])
            if volume:
                yield Proposal(
                    row["applicant"],
                    _method(row["tags"]),
                    row["source"].split()[0],
                    datetime.strptime(row["source_date"], "%m-%d-%Y").date(),
                    min(volume, 200_000.0),
                    _number(row["price"]),
                )


def _number(text: str) -> float | None:
    """Empty and "N/A" are unknown."""
    return float(text) if text.replace(".", "", 1).isdecimal() else None


def _method(tags: str) -> str:
    known = [METHODS[tag] for tag in tags.split(",") if tag in METHODS]
    return known[0] if known else "Other"


def made_up_proposals() -> Iterator[Proposal]:
    """The same ones every time."""
    draw = random.Random(SEED)
    methods = [*sorted(set(METHODS.values())), "DAC"]
    for number in range(GENERATED):
        name = f"{draw.choice(ADJECTIVES)} {draw.choice(NOUNS)} Carbon"
        yield Proposal(
            ODD_NAMES[number] if number < len(ODD_NAMES) else name,
            draw.choice(methods),
            f"{draw.choice(NOUNS)} Bank" if number % 3 else "Frontier Buyers",
            date(2020, 3, 1) + timedelta(days=draw.randrange(1700)),
            round(draw.lognormvariate(7, 1.6), 1),
            round(draw.uniform(40, 900), 2) if draw.random() < 0.7 else None,
        )


def market_tables(proposals: Sequence[Proposal]) -> dict[str, list[dict[str, Any]]]:
    """Rows by table, newest order first, as the API serves them."""
    draw = random.Random(SEED)
    orders = [_order(number, *part, draw) for number, part in enumerate(_parts(proposals, draw))]
    orders += [_excluded(number, orders[number]) for number in range(len(EXCLUDED))]
    orders.sort(key=lambda order: (order["announcement_date"] or "", order["order_id"]), reverse=True)
    return {
        "orders": orders,
        "purchasers": [_organisation("purchaser_id", name) for name in sorted({p.buyer for p in proposals})],
        "suppliers": [
            _organisation("supplier_id", name) for name in sorted({p.applicant for p in proposals})
        ],
        "marketplaces": [_organisation("marketplace_id", "Nordic Removals Exchange")],
    }


def _parts(proposals: Sequence[Proposal], draw: random.Random) -> Iterator[tuple[Proposal, float, int]]:
    """A proposal becomes one to three orders: part of its tons, months after its day."""
    for proposal in proposals:
        count = draw.choice((1, 1, 2, 3))
        for part in range(count):
            yield proposal, round(proposal.tons / count, 3), part * 3


def _order(number: int, proposal: Proposal, tons: float, months: int, draw: random.Random) -> dict[str, Any]:
    delivered = tons * draw.choice((0, 0, 0.25, 1))
    status = "Delivered" if delivered == tons else "Partial" if delivered else "Undelivered"
    public = proposal.price is not None and draw.random() < 0.6
    day = proposal.day + timedelta(days=30 * months)
    return {
        "order_id": str(uuid.uuid5(NAMESPACE, f"order {number}")),
        "purchaser_id": _id("purchaser_id", proposal.buyer),
        "supplier_id": _id("supplier_id", proposal.applicant),
        "marketplace_id": None,
        "parent_id": None,
        "status": status,
        "method": proposal.method,
        "tons_purchased": str(tons),
        "tons_delivered": round(delivered, 3) if number % 2 else f"{delivered:.3f}",
        "price_usd": f"{tons * (proposal.price or 0):.2f}" if public else None,
        "announcement_date": day.isoformat() if number % 97 else None,
        "announcement_link": f"https://example.org/deals/{number}",
        "latest_delivery_date": None,
        "durability_years": 1000,
        "type_of_agreement": draw.choice(AGREEMENTS),
        "delivery_verified": delivered == tons,
        "delivery_status_source": None,
        "delivery_forecast": None,
        "delivery_verification_source": None,
        "source_type": "announcement",
        "notes": None if public else PRIVATE_NOTE,
    }


def _excluded(number: int, like: dict[str, Any]) -> dict[str, Any]:
    return like | {
        "order_id": EXCLUDED[number],
        "announcement_date": "2024-05-01",
        "type_of_agreement": "Credit Sale",
        "tons_purchased": "1000000",
    }


def _organisation(key: str, name: str) -> dict[str, Any]:
    slug = "-".join(name.lower().replace(",", "").split())
    described = dict.fromkeys(("website", "logo", "tagline", "description", "geo_city", "twitter"))
    return {
        key: _id(key, name), "name": name, "methods": [], "slug": slug, **described, "geo_country": "Canada",
        "year_founded": 2015, "is_verified": True, "created_at": "2022-05-01T10:00:00.000Z",
    }  # fmt: skip


def _id(key: str, name: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{key} {name}"))


def pricing_rows() -> Iterator[Sequence[str | float]]:
    """A sheet as the World Bank publishes it: a note, the header, one line per instrument."""
    yield ["Data last updated April 2024"]
    yield [
        "Unique ID",
        "Instrument name",
        "Type",
        "Status",
        "Jurisdiction",
        "Share of global emissions covered",
    ]
    draw = random.Random(SEED)
    for number in range(24):
        year = 1992 + number * 4 // 3
        status = f"Implemented in {year}" if number % 8 else f"Implemented in {year}. Abolished"
        kind = "Subnational ETS" if number % 5 == 4 else ("Carbon tax" if number % 2 else "ETS")
        row = [f"Tax_{number:02}", f"Country {number} carbon price", kind, status, f"Country {number}"]
        yield [*row, round(draw.uniform(0.0001, 0.02), 6)]
    yield ["Tax_90", "Country 90 carbon tax", "Carbon tax", "Under development", "Country 90", "-"]
