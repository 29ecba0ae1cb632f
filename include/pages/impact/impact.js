// Headline figures, three charts and the newest rounds, all from one publication.
import { draw } from "../leaderboard/bars.js";
import { ask, element } from "../leaderboard/page.js";

const MOST_BARS = 24;
const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD", notation: "compact", maximumFractionDigits: 1 });
const whole = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const count = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const number = new Intl.NumberFormat("en");
const DOLLARS = ["total_usd", "crowdfunding_usd", "matching_usd", "gmv_usd"];
const COUNTS = ["donations", "donors", "grantees", "rounds"];

function showFigures({ rows: [figures], as_of }) {
  for (const name of DOLLARS) write(name, money.format(figures[name]), whole.format(figures[name]));
  for (const name of COUNTS) write(name, count.format(figures[name]), number.format(figures[name]));
  const since = figures.first_round_at ? `Since ${figures.first_round_at.slice(0, 4)}, in ${number.format(figures.programs)} programs on ${number.format(figures.chains)} chains.` : "No round yet.";
  document.getElementById("since").textContent = since;
  document.getElementById("as_of").textContent = `Data as of ${as_of.replace("T", " ").slice(0, 16)} UTC`;
}

function write(id, text, exact) {
  const shown = document.getElementById(id);
  shown.textContent = text;
  shown.title = exact;
}

function showPart(part, { rows }) {
  const shown = rows.slice(-MOST_BARS).map((row) => ({ name: row.name, parts: [row.crowdfunding_usd, row.matching_usd], told: money.format(row.total_usd) }));
  const label = `Crowdfunded and matched USD by ${part}`;
  draw(document.getElementById(part), shown, { label });
}

function showRounds({ rows }) {
  document.querySelector("#newest_rounds tbody").replaceChildren(...rows.map((row) => {
    const made = element("tr");
    const name = element("td", row.name ?? "Without a name");
    name.append(element("small", row.strategy ?? ""));
    made.append(name, element("td", row.chain ?? "", "events"), element("td", whole.format(row.total_usd ?? 0), "number"),
      element("td", row.donors === null ? "" : number.format(row.donors), "number events"), element("td", (row.round_at ?? "").slice(0, 10), "last"));
    return made;
  }));
}

try {
  const [headline, year, program, chain, rounds] = await Promise.all(
    ["statistics", "statistics/year", "statistics/program", "statistics/chain", "rounds?limit=12"].map((path) => ask(path)));
  showFigures(headline);
  showPart("year", year);
  showPart("program", program);
  showPart("chain", chain);
  showRounds(rounds);
  document.body.dataset.state = "ready";
} catch (error) {
  document.getElementById("since").textContent = `Not available: ${error.message}`;
  document.body.dataset.state = "failed";
}
