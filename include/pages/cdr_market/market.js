// Shows the carbon removal market. Every file is read through a presigned URL; nothing else is asked for.
const API = document.body.dataset.api;
const GREEN = "#0f9d58", GRAY = "#7b858c", GRID = "#e4e8eb";
const HUES = ["#0f9d58", "#2f6fb0", "#e0912f", "#8f5bb5", "#c94f4f", "#3aa6a6", "#a8a13a"];
const TOP_SUPPLIERS = HUES.length;
const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const charts = {};

async function file(name) {
  const reply = await fetch(`${API}/presigned-url?key=${encodeURIComponent(`processed/${name}*`)}`);
  const about = await reply.json();
  if (!reply.ok) throw new Error(`${name}: ${about.error}`);
  const content = await fetch(about.url);
  if (!content.ok) throw new Error(`${name}: HTTP ${content.status}`);
  return { about, rows: table(await content.text()) };
}

// Fields hold no commas; the files promise that.
function table(text) {
  const [header, ...lines] = text.trim().split("\n").map((line) => line.split(","));
  return lines.map((line) => Object.fromEntries(header.map((name, place) => [name, line[place]])));
}

const chosen = () => document.querySelector("input[name=methods]:checked").value;
const column = (rows, name) => rows.map((row) => Number(row[name]));
const day = (text) => Date.parse(text) / 86_400_000;
const show = (id, text) => { document.getElementById(id).textContent = text; };

function draw(id, config) {
  charts[id]?.destroy();
  const options = { responsive: true, maintainAspectRatio: false, animation: false, ...config.options };
  charts[id] = new Chart(document.getElementById(id), { ...config, options });
}

function line(label, color, xs, ys) {
  return {
    label, borderColor: color, backgroundColor: color, borderWidth: 2.5, pointRadius: 0, pointHitRadius: 8,
    data: xs.map((x, place) => ({ x, y: ys[place] })),
  };
}

// Days as numbers, a tick at each turn of the year.
const years = {
  type: "linear",
  grid: { display: false },
  afterBuildTicks(axis) {
    const year = (value) => new Date(value * 86_400_000).getUTCFullYear();
    const last = year(axis.max);
    axis.ticks = [];
    for (let one = year(axis.min) + 1; one <= last; one += 1) axis.ticks.push({ value: day(`${one}-01-01`) });
  },
  ticks: { callback: (value) => new Date(value * 86_400_000).getUTCFullYear(), maxRotation: 0 },
};
const amounts = { beginAtZero: true, grid: { color: GRID }, ticks: { callback: (value) => compact.format(value) } };
const dated = {
  parsing: false,
  interaction: { mode: "index", intersect: false },
  scales: { x: years, y: amounts },
  plugins: {
    legend: { position: "bottom" },
    tooltip: {
      callbacks: { title: (items) => new Date(items[0].parsed.x * 86_400_000).toISOString().slice(0, 10) },
    },
  },
};

function orders({ rows }) {
  const part = chosen() === "dac" ? "dac_" : "";
  const xs = rows.map((row) => day(row.date));
  const bought = column(rows, `${part}tons_purchased_cum`), delivered = column(rows, `${part}tons_delivered_cum`);
  draw("orders_chart", {
    type: "line",
    data: { datasets: [line("Tons purchased", GRAY, xs, bought), line("Tons delivered", GREEN, xs, delivered)] },
    options: { ...dated, scales: { x: { ...years, min: xs[0], max: xs.at(-1) }, y: amounts } },
  });
  const share = bought.at(-1) ? (100 * delivered.at(-1)) / bought.at(-1) : 0;
  show("purchased", compact.format(bought.at(-1)));
  show("delivered", share > 0 && share < 1 ? "<1%" : `${Math.round(share)}%`);
}

// Prices are private for the most part, so the total of all is the one that CDR.fyi tells.
function spent([{ rows }, total]) {
  const value = chosen() === "dac" ? Number(rows.at(-1).dac_price_usd_cum) : Number(total.rows[0].value);
  show("spent", `$${compact.format(value)}`);
}

function purchasers({ rows }) {
  const name = chosen() === "dac" ? "dac_purchasers_count_cum" : "purchasers_count_cum";
  const xs = rows.map((row) => day(row.date)), counts = column(rows, name);
  draw("purchasers_chart", {
    type: "line",
    data: { datasets: [line("Purchasers", GREEN, xs, counts)] },
    options: { ...dated, scales: { x: { ...years, min: xs[0], max: xs.at(-1) }, y: amounts } },
  });
  show("purchasers", compact.format(counts.at(-1)));
}

function suppliers({ rows }) {
  const shown = rows.filter((row) => chosen() === "all" || row.is_dac === "1");
  const total = new Map();
  for (const row of shown) total.set(row.name, (total.get(row.name) ?? 0) + Number(row.tons_sold));
  const top = [...total].sort((a, b) => b[1] - a[1]).slice(0, TOP_SUPPLIERS).map(([name]) => name);
  const labels = [...new Set(shown.map((row) => row.year))].sort();
  const bars = (label, color, belongs) => ({
    label, backgroundColor: color,
    data: labels.map((year) => shown.filter((row) => row.year === year && belongs(row.name))
      .reduce((sum, row) => sum + Number(row.tons_sold), 0)),
  });
  const datasets = top.map((name, place) => bars(name, HUES[place], (one) => one === name));
  datasets.push(bars("Others", "#c3cad0", (one) => !top.includes(one)));
  draw("suppliers_chart", {
    type: "bar",
    data: { labels, datasets },
    options: {
      scales: { x: { stacked: true, grid: { display: false } }, y: { ...amounts, stacked: true } },
      plugins: { legend: { position: "bottom", labels: { boxWidth: 10, font: { size: 11 } } } },
    },
  });
}

function pricing({ rows }) {
  const bars = { type: "bar", label: "Instruments in force", backgroundColor: "#c3cad0", data: column(rows, "countries_count"), order: 2 };
  const share = {
    type: "line", label: "% of global emissions", borderColor: GREEN, backgroundColor: GREEN, pointRadius: 0,
    data: column(rows, "global_emissions_pct"), yAxisID: "share", order: 1,
  };
  draw("pricing_chart", {
    data: { labels: rows.map((row) => row.year), datasets: [bars, share] },
    options: {
      plugins: { legend: { position: "bottom" } },
      scales: {
        x: { grid: { display: false } },
        y: amounts,
        share: { position: "right", beginAtZero: true, grid: { display: false }, ticks: { callback: (value) => `${value}%` } },
      },
    },
  });
}

function companies({ rows }) {
  draw("companies_chart", {
    type: "bar",
    data: {
      labels: rows.map((row) => row.year),
      datasets: [{ label: "Companies founded", backgroundColor: GREEN, data: column(rows, "companies") }],
    },
    options: { plugins: { legend: { display: false } }, scales: { x: { grid: { display: false } }, y: amounts } },
  });
}

// The row passes twice, so that it never runs dry; readers hear it once.
function deals({ rows }) {
  const list = document.getElementById("deals");
  for (const round of [0, 1]) {
    for (const row of rows) {
      const item = document.createElement("li"), tons = document.createElement("b");
      tons.textContent = `${compact.format(Number(row.tons_purchased))} t`;
      item.append(`${row.announcement_date} · ${row.purchaser_name} from ${row.supplier_name} · `, tons, ` ${row.method}`);
      item.ariaHidden = round ? "true" : null;
      list.append(item);
    }
  }
}

function origin({ about }) {
  show("as_of", `As of ${about.as_of.slice(0, 10)}. DAC orders without a public price are valued at the average public DAC price per ton.`);
  show("attribution", `${about.attribution} ${about.terms}`);
}

async function staleness() {
  const reply = await fetch(`${API}/cdr-market/status`);
  const { stale_since: since } = await reply.json();
  const notice = document.getElementById("stale");
  notice.hidden = !since;
  notice.textContent = since ? `These figures have not been renewed since ${since.slice(0, 10)}.` : "";
}

// What shows what: redrawn together when the choice of methods changes.
const names = ["orders_for_viz", "purchasers_for_viz", "suppliers_for_viz", "carbon_pricing", "dollars_spent", "latest_deals", "ccn_data"];
const files = Object.fromEntries(names.map((name) => [name, file(name)]));
const redrawn = [
  ["orders_chart", files.orders_for_viz, orders],
  ["spent", Promise.all([files.orders_for_viz, files.dollars_spent]), spent],
  ["purchasers_chart", files.purchasers_for_viz, purchasers],
  ["suppliers_chart", files.suppliers_for_viz, suppliers],
];
const once = [
  ["pricing_chart", files.carbon_pricing, pricing],
  ["companies_chart", files.ccn_data, companies],
  ["deals", files.latest_deals, deals],
  ["as_of", files.orders_for_viz, origin],
];

async function fill(parts) {
  const done = await Promise.allSettled(parts.map(async ([, data, shown]) => shown(await data)));
  done.forEach((one, place) => { if (one.status === "rejected") tell(parts[place][0], one.reason); });
  return done.every((one) => one.status === "fulfilled");
}

function tell(id, reason) {
  const failed = document.createElement("p");
  failed.className = "failed";
  failed.textContent = `Not available at the moment (${reason.message})`;
  document.getElementById(id).replaceWith(failed);
}

document.querySelectorAll("input[name=methods]").forEach((input) => input.addEventListener("change", () => fill(redrawn)));
const wished = new URLSearchParams(location.search).get("methods");
if (wished === "dac") document.getElementById("dac").checked = true;
const complete = (await Promise.all([fill([...redrawn, ...once]), staleness().then(() => true, () => false)])).every(Boolean);
document.body.dataset.state = complete ? "ready" : "incomplete";
