// Lines come page by page; the address bar always holds what is asked, so a view can be shared.
import { draw } from "./bars.js";
import { ask, element } from "./page.js";

const PAGE = 50;
const WINDOWS = { all: "All time", last_365_days: "Last 365 days", last_90_days: "Last 90 days", last_30_days: "Last 30 days" };
const ROLES = { donor: "Donors", grantee: "Grantees", round_operator: "Round operators", contract_dev: "Contract developers" };
const money = new Intl.NumberFormat("en", { style: "currency", currency: "USD", maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { style: "currency", currency: "USD", notation: "compact", maximumFractionDigits: 1 });
const number = new Intl.NumberFormat("en");
const form = document.getElementById("asked");
const board = document.querySelector("#board tbody");
const more = document.getElementById("more");
const status = document.getElementById("status");
let next = null;
let turn = 0;

const cut = (address) => `${address.slice(0, 6)}…${address.slice(-4)}`;
const day = (moment) => (moment ? moment.slice(0, 10) : "");

function line(row) {
  const made = element("tr");
  const who = element("td");
  const pressed = element("button", row.name ?? cut(row.address));
  pressed.type = "button";
  pressed.addEventListener("click", () => showPerson(row.address).catch(tellTrouble));
  who.append(pressed);
  if (row.name) who.append(element("small", cut(row.address)));
  made.append(element("td", number.format(row.rank)), who, element("td", money.format(row.gmv), "number"),
    element("td", number.format(row.events), "number events"), element("td", day(row.last_at), "last"));
  return made;
}

function asked() {
  const parameters = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, value.trim()]));
  if (parameters.search.length < 3) delete parameters.search;
  return parameters;
}

function tell(parameters, body) {
  const what = `${ROLES[parameters.role]}, ${WINDOWS[parameters.window] ?? parameters.window}`;
  document.getElementById("board_title").textContent = what;
  const found = board.childElementCount;
  const searched = parameters.search ? ` for “${parameters.search}”` : "";
  status.textContent = found ? `${number.format(found)} ${found === 1 ? "address" : "addresses"} shown${searched}` : `No address found${searched}`;
  document.getElementById("as_of").textContent = `Data as of ${body.as_of.replace("T", " ").slice(0, 16)} UTC`;
  document.getElementById("csv").href = `../v1/leaderboard?${new URLSearchParams({ ...parameters, limit: 500, format: "csv" })}`;
}

async function show({ following = false } = {}) {
  const mine = (turn += 1);
  const parameters = asked();
  status.textContent = "Loading…";
  try {
    const body = await ask("leaderboard", { ...parameters, limit: PAGE, ...(following ? { cursor: next } : {}) });
    if (mine !== turn) return;
    if (!following) {
      board.replaceChildren();
      drawChart(body.rows.slice(0, 10));
      history.replaceState(null, "", `?${new URLSearchParams(parameters)}`);
    }
    board.append(...body.rows.map(line));
    next = body.next;
    more.hidden = next === null;
    tell(parameters, body);
    document.body.dataset.state = "ready";
  } catch (error) {
    if (mine !== turn) return;
    status.textContent = `Not available: ${error.message}`;
    document.body.dataset.state = "failed";
  }
}

function drawChart(rows) {
  const shown = rows.map((row) => ({ name: row.name ?? cut(row.address), parts: [row.gmv], told: short.format(row.gmv) }));
  draw(document.getElementById("chart"), shown, { label: "Volume of the first ten addresses, in USD" });
}

async function showPerson(address) {
  const dialog = document.getElementById("person");
  const body = await ask(`leaderboard/addresses/${encodeURIComponent(address)}`);
  const name = body.rows.find((row) => row.name)?.name;
  document.getElementById("person_name").textContent = name ?? cut(body.address);
  document.getElementById("person_address").textContent = body.rows.length ? body.address : `${body.address} has no volume yet`;
  history.replaceState(null, "", `?${new URLSearchParams({ ...asked(), address: body.address })}`);
  const years = body.rows.filter((row) => /^\d{4}$/.test(row.time_window));
  const sums = new Map();
  for (const row of years) sums.set(row.time_window, (sums.get(row.time_window) ?? 0) + row.gmv);
  const shown = [...sums].sort().map(([year, usd]) => ({ name: year, parts: [usd], told: short.format(usd) }));
  dialog.querySelector("tbody").replaceChildren(...body.rows.map((row) => {
    const made = element("tr");
    made.append(element("td", ROLES[row.role].replace(/s$/, "")), element("td", WINDOWS[row.time_window] ?? row.time_window),
      element("td", number.format(row.rank), "number"), element("td", money.format(row.gmv), "number"));
    return made;
  }));
  dialog.showModal();
  draw(document.getElementById("person_years"), shown, { label: "Volume per year, in USD", names: 60 });
}

async function start() {
  const given = new URLSearchParams(location.search);
  const { rows } = await ask("leaderboard/windows");
  const options = rows.map(({ window }) => {
    const option = element("option", WINDOWS[window] ?? window);
    option.value = window;
    return option;
  });
  if (options.length) document.getElementById("window").replaceChildren(...options);
  if (rows.some(({ window }) => window === given.get("window"))) form.elements.window.value = given.get("window");
  if (given.get("role") in ROLES) form.elements.role.value = given.get("role");
  form.elements.search.value = given.get("search") ?? "";
  await show();
  if (given.get("address")) await showPerson(given.get("address"));
}

function tellTrouble(error) {
  status.textContent = `Not available: ${error.message}`;
}

document.getElementById("person").addEventListener("close", () => {
  history.replaceState(null, "", `?${new URLSearchParams(asked())}`);
});
form.addEventListener("change", () => show());
form.addEventListener("submit", (event) => { event.preventDefault(); show(); });
more.addEventListener("click", () => show({ following: true }));
start().catch((error) => {
  tellTrouble(error);
  document.body.dataset.state = "failed";
});
