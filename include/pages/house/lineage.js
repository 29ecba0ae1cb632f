"use strict";

const svg = document.getElementById("graph");
const whole = svg.getAttribute("viewBox").split(" ").map(Number);
const LARGEST = 2.2;
const STEP = 1.25;
/** Text smaller than this, in pixels, is not read. */
const LEGIBLE = 9;
const pointers = new Map();
let view = [...whole];
let moved = false;

function show(next) {
  view = next;
  svg.setAttribute("viewBox", view.join(" "));
}

/** Pixels per unit of the drawing. */
const scale = () => Math.min(svg.clientWidth / view[2], svg.clientHeight / view[3]);

/** Change the size around a point of the screen. */
function zoom(factor, x = svg.clientWidth / 2, y = svg.clientHeight / 2) {
  const limited = Math.min(Math.max(scale() * factor, svg.clientWidth / whole[2] / 2), LARGEST) / scale();
  const [left, top] = at(x, y);
  const width = view[2] / limited;
  const height = view[3] / limited;
  const before = view;
  show([left - ((left - before[0]) * width) / before[2], top - ((top - before[1]) * height) / before[3], width, height]);
}

/** Point of the drawing under a point of the element; the drawing is centred in it. */
function at(x, y) {
  const size = scale();
  return [
    view[0] + (x - (svg.clientWidth - view[2] * size) / 2) / size,
    view[1] + (y - (svg.clientHeight - view[3] * size) / 2) / size,
  ];
}

function move(x, y) {
  show([view[0] - x / scale(), view[1] - y / scale(), view[2], view[3]]);
}

/** The picture as large as it is read, around the chosen box or from the first source on. */
function legible() {
  const text = 12;
  if (scale() * text >= LEGIBLE) return;
  const size = LEGIBLE / text;
  const width = svg.clientWidth / size;
  const height = svg.clientHeight / size;
  const box = svg.querySelector("a.chosen rect")?.getBBox();
  const left = box ? box.x + box.width / 2 - width / 2 : whole[0];
  const top = box ? box.y + box.height / 2 - height / 2 : whole[1] + (whole[3] - height) / 2;
  show([left, top, width, height]);
}

/** Another box is chosen: its panel and colours come from the server, the view stays where it is. */
async function choose(address) {
  const reply = await fetch(address);
  if (!reply.ok) return location.assign(address);
  const fresh = new DOMParser().parseFromString(await reply.text(), "text/html");
  for (const id of ["edges", "boxes", "panel"]) {
    document.getElementById(id).replaceChildren(...fresh.getElementById(id).childNodes);
  }
  document.querySelector("input[name=at]").value = new URL(address).searchParams.get("at");
  history.replaceState(null, "", address);
  return svg.querySelector("a.chosen")?.focus({ preventScroll: true });
}

const KEYS = {
  "+": () => zoom(STEP),
  "=": () => zoom(STEP),
  "-": () => zoom(1 / STEP),
  0: () => show([...whole]),
  ArrowLeft: () => move(60, 0),
  ArrowRight: () => move(-60, 0),
  ArrowUp: () => move(0, 60),
  ArrowDown: () => move(0, -60),
};

svg.addEventListener("keydown", (event) => {
  const act = KEYS[event.key];
  if (!act || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  act();
});

svg.addEventListener(
  "wheel",
  (event) => {
    event.preventDefault();
    const place = svg.getBoundingClientRect();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX - place.left, event.clientY - place.top);
  },
  { passive: false },
);

svg.addEventListener("pointerdown", (event) => {
  pointers.set(event.pointerId, [event.clientX, event.clientY]);
  moved = false;
});

svg.addEventListener("pointermove", (event) => {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const others = [...pointers].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
  const now = [event.clientX, event.clientY];
  if (Math.hypot(now[0] - before[0], now[1] - before[1]) > 2) moved = true;
  if (others.length) {
    const place = svg.getBoundingClientRect();
    const far = (point) => Math.hypot(point[0] - others[0][0], point[1] - others[0][1]);
    zoom(far(now) / Math.max(far(before), 1), others[0][0] - place.left, others[0][1] - place.top);
  } else if (moved) {
    move(now[0] - before[0], now[1] - before[1]);
  }
  if (moved) pointers.set(event.pointerId, now);
});

for (const name of ["pointerup", "pointercancel", "pointerleave"]) {
  svg.addEventListener(name, (event) => pointers.delete(event.pointerId));
}

svg.addEventListener("dragstart", (event) => event.preventDefault());

svg.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  if (!moved) choose(link.href.baseVal ? new URL(link.href.baseVal, location).href : link.href);
});

document.getElementById("panel").addEventListener("click", (event) => {
  const link = event.target.closest("a[href*='/lineage?']");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  choose(link.href);
});

for (const button of document.querySelectorAll("[data-zoom]")) {
  button.addEventListener("click", () => {
    if (button.dataset.zoom === "fit") show([...whole]);
    else zoom(button.dataset.zoom === "in" ? STEP : 1 / STEP);
  });
}

legible();
