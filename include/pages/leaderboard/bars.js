// Horizontal bars as SVG, one line per name. Widths follow the element, so text keeps its size on a phone.
const SVG = "http://www.w3.org/2000/svg";
const ROW = 30;

function node(name, attributes, text = "") {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}

/** Who is drawn anew when its width changes. */
const watchers = new WeakMap();

/**
 * @param {Element} host its width decides that of the picture.
 * @param {{name: string, parts: number[], told: string}[]} rows parts are stacked, first one first.
 * @param {{label: string, names?: number}} given what the picture shows, and room for names in pixels.
 */
export function draw(host, rows, given) {
  let drawn = 0;
  const fit = () => {
    if (host.clientWidth === drawn || !host.isConnected) return;
    drawn = host.clientWidth;
    host.replaceChildren(bars(rows, { ...given, width: Math.max(240, drawn) }));
  };
  watchers.get(host)?.disconnect();
  watchers.set(host, new ResizeObserver(fit));
  watchers.get(host).observe(host);
  fit();
}

function bars(rows, { label, width, names = 130 }) {
  const room = Math.min(names, width * 0.36);
  const values = 78;
  const most = Math.max(1e-9, ...rows.map((row) => row.parts.reduce((sum, part) => sum + part, 0)));
  const scale = (width - room - values) / most;
  const letters = Math.floor(room / 8.6);
  const svg = node("svg", { viewBox: `0 0 ${width} ${Math.max(1, rows.length) * ROW}`, role: "img", "aria-label": `${label}: ${rows.map((row) => `${row.name} ${row.told}`).join(", ")}` });
  rows.forEach((row, place) => {
    const middle = place * ROW + ROW / 2;
    const name = row.name.length > letters ? `${row.name.slice(0, letters - 1)}…` : row.name;
    svg.append(node("text", { x: 0, y: middle, "dominant-baseline": "central" }, name));
    let x = room;
    row.parts.forEach((part, kind) => {
      const wide = Math.max(part > 0 ? 1 : 0, part * scale);
      svg.append(node("rect", { x, y: place * ROW + 5, width: wide, height: ROW - 10, class: `part${kind}`, rx: 2 }));
      x += wide;
    });
    svg.append(node("text", { x: x + 6, y: middle, "dominant-baseline": "central", class: "value" }, row.told));
  });
  return svg;
}
