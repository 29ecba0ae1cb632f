// Rankings with a sparkline of the week each; a figure explains itself by the rows it was made from, and the
// address of the page then leads to that explanation.
import { ask, element } from "../../leaderboard/page.js";

const FIGURES = { trending: "sma1_dif", decreasing: "sma1_dif", volatile: "rsd_7" };
// Columns that say how many hours of a figure's windows are known, and how many there are.
const WINDOWS = { sma1_dif: { hours_1: 24, hours_1_previous: 24 }, rsd_7: { hours_7: 168 } };
const SHOWN_ROWS = 200;
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 0, signDisplay: "exceptZero" });
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });
const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumSignificantDigits: 5 });
const moment = (second) => new Date(second * 1000).toISOString().replace("T", " ").slice(0, 16);

function sparkline(counts) {
  const SVG = "http://www.w3.org/2000/svg";
  const most = Math.max(1, ...counts.filter((count) => count !== null));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${counts.length} 30`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Tweets per hour of the last week");
  // A gap in the line is an hour that is not known.
  let pen = "M";
  const path = counts.map((count, place) => {
    if (count === null) { pen = "M"; return ""; }
    const step = `${pen}${place} ${(29 - (28 * count) / most).toFixed(1)}`;
    pen = "L";
    return step;
  }).join("");
  const line = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({ d: path, fill: "none", stroke: "#2f6fb0", "stroke-width": "1.5", "vector-effect": "non-scaling-stroke" })) line.setAttribute(name, value);
  svg.append(line);
  return svg;
}

function price(row) {
  const cell = element("td", row.price === null ? "–" : money.format(row.price));
  if (row.price !== null) cell.append(element("small", `${Math.round(row.price_age_s / 60)} min old${row.is_ambiguous ? ", symbol is ambiguous" : ""}`));
  return cell;
}

function line(row, figure) {
  const made = element("tr");
  const symbol = element("td", row.symbol);
  symbol.append(element("small", row.asset_name ?? ""));
  const value = element("td", "", row[figure] < 0 ? "down" : figure === "rsd_7" ? "" : "up");
  const pressed = element("button", figure === "rsd_7" ? number.format(row[figure]) : percent.format(row[figure]));
  pressed.addEventListener("click", () => explain(row.symbol, row.timestamp, figure));
  value.append(pressed, element("small", known(row, WINDOWS[figure]), "known"));
  const week = element("td");
  week.append(sparkline(row.sparkline));
  made.append(symbol, element("td", number.format(row.count)), value, price(row), week);
  return made;
}

function known(row, windows) {
  const add = (values) => values.reduce((sum, value) => sum + value, 0);
  return `${add(Object.keys(windows).map((name) => row[name]))}/${add(Object.values(windows))} h known`;
}

async function explain(symbol, timestamp, figure) {
  history.replaceState(null, "", `#${[symbol, timestamp, figure].map(encodeURIComponent).join("/")}`);
  const dialog = document.getElementById("explained");
  dialog.querySelector("h2").textContent = `${figure} of ${symbol}, ${moment(timestamp)}`;
  try {
    show(dialog, await ask("token-metrics/explain", { symbol, timestamp, figure }));
  } catch (error) {
    dialog.querySelector(".formula").textContent = `Not available: ${error.message}`;
    dialog.querySelector(".windows").textContent = "";
    dialog.querySelector("table").replaceChildren();
  }
  dialog.showModal();
}

function show(dialog, found) {
  dialog.querySelector("h2").textContent += `: ${found.value}`;
  dialog.querySelector(".formula").textContent = `${found.formula} = ${found.recomputed}`;
  const windows = found.windows.map((one) => `${moment(one.from)} to ${moment(one.until)}: ${one.tweets} tweets in ${one.known_hours} known hours`);
  if (found.rows.length > SHOWN_ROWS) windows.push(`the last ${SHOWN_ROWS} of ${found.rows.length} rows:`);
  dialog.querySelector(".windows").textContent = windows.join("; ");
  const head = element("tr");
  for (const name of ["Hour", "Written", "Tweets", "Why"]) head.append(element("th", name));
  const lines = found.rows.slice(-SHOWN_ROWS).map((raw) => {
    const made = element("tr");
    for (const text of [moment(raw.timestamp), raw.raw_symbol, raw.count, raw.problem ?? raw.reason]) made.append(element("td", text));
    return made;
  });
  dialog.querySelector("table").replaceChildren(head, ...lines);
}

async function fill([name, figure]) {
  const { as_of, rows } = await ask(`token-metrics/top/${name}`, { sparklines: true });
  const head = element("tr");
  for (const text of ["Symbol", "Tweets", figure === "rsd_7" ? "Spread" : "Change", "Price", "Week"]) head.append(element("th", text));
  const none = element("tr");
  none.append(element("td", "No symbol had 100 tweets in the hour", "empty"));
  document.getElementById(name).replaceChildren(head, ...(rows.length ? rows.map((row) => line(row, figure)) : [none]));
  return as_of;
}

document.getElementById("explained").addEventListener("close", () => history.replaceState(null, "", location.pathname));

try {
  const hours = await Promise.all(Object.entries(FIGURES).map(fill));
  const newest = Math.max(...hours.filter((hour) => hour !== null));
  document.getElementById("as_of").textContent = Number.isFinite(newest) ? `Hour from ${moment(newest)} UTC` : "";
  const [symbol, timestamp, figure] = location.hash.slice(1).split("/").map(decodeURIComponent);
  if (figure) await explain(symbol, Number(timestamp), figure);
  document.body.dataset.state = "ready";
} catch (error) {
  document.getElementById("as_of").textContent = `Not available: ${error.message}`;
  document.body.dataset.state = "failed";
}
