"use strict";

const root = document.documentElement;
const framed = window.parent !== window;

/** Airflow's page around this one; undefined where there is none of our own origin. */
function airflowPage() {
  try {
    return framed ? window.parent.document : undefined;
  } catch {
    return undefined;
  }
}

/** As Airflow shows itself: the class of its page, else the choice it keeps, else the system's. */
function isDark() {
  const around = airflowPage()?.documentElement.classList;
  if (around?.contains("dark") || around?.contains("light")) return around.contains("dark");
  const chosen = localStorage.getItem("theme");
  return chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
}

function paint() {
  root.classList.toggle("dark", isDark());
}

function followTheme() {
  paint();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  window.addEventListener("storage", paint);
  const around = airflowPage();
  if (around) new MutationObserver(paint).observe(around.documentElement, { attributeFilter: ["class"] });
}

/** Airflow's frame may not navigate the page around it, but a link that stands in that page may. */
function leaveFrame(event) {
  const link = event.target.closest?.("a[data-airflow]");
  const around = airflowPage();
  if (!link || !around || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const outside = around.createElement("a");
  outside.href = link.href;
  outside.hidden = true;
  around.body.append(outside);
  outside.click();
  outside.remove();
}

async function asked(address, options) {
  const reply = await fetch(document.body.dataset.airflow + address, options);
  const body = await reply.json().catch(() => ({}));
  if (reply.ok) return body;
  const told = typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail ?? reply.statusText);
  throw new Error(reply.status === 403 ? "Your role in Airflow may not do this." : told);
}

/** One field from a parameter of the DAG. */
function field(name, parameter, given) {
  const schema = parameter.schema ?? {};
  const types = [].concat(schema.type ?? "string");
  const label = document.createElement("label");
  const input = document.createElement(schema.enum ? "select" : "input");
  for (const value of schema.enum ?? []) input.append(new Option(value, value));
  const value = given ?? parameter.value;
  if (types.includes("boolean")) {
    input.type = "checkbox";
    input.checked = value === true || value === "true";
    label.className = "tick";
  } else {
    if (types.includes("integer") || types.includes("number")) input.type = "number";
    if (schema.minimum !== undefined) input.min = schema.minimum;
    if (schema.pattern) input.pattern = schema.pattern;
    if (schema.minLength) input.minLength = schema.minLength;
    const structured = types.includes("array") || types.includes("object");
    input.value = structured && typeof value !== "string" ? JSON.stringify(value) : (value ?? "");
    input.required = !types.includes("null") && !structured;
  }
  input.name = name;
  input.dataset.types = types.join(" ");
  const title = document.createElement("span");
  title.textContent = schema.title ?? name;
  const about = document.createElement("small");
  about.textContent = parameter.description ?? schema.description_md ?? "";
  label.append(...(input.type === "checkbox" ? [input, title] : [title, input]));
  if (about.textContent) label.append(about);
  return label;
}

function valueOf(input) {
  const types = input.dataset.types.split(" ");
  if (types.includes("boolean")) return input.checked;
  if (input.value === "" && types.includes("null")) return null;
  if (types.includes("integer") || types.includes("number")) return Number(input.value);
  if (types.includes("array") || types.includes("object")) return JSON.parse(input.value || "[]");
  return input.value;
}

async function start(form, said) {
  const id = encodeURIComponent(form.dataset.dag);
  const inputs = [...form.querySelectorAll("[data-types]")];
  const conf = Object.fromEntries(inputs.map((input) => [input.name, valueOf(input)]));
  const run = await asked(`/api/v2/dags/${id}/dagRuns`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ logical_date: null, conf }),
  });
  const link = document.createElement("a");
  link.dataset.airflow = "";
  link.href = `${document.body.dataset.airflow}/dags/${id}/runs/${encodeURIComponent(run.dag_run_id)}`;
  link.textContent = run.dag_run_id;
  said.className = "done";
  said.replaceChildren("Started: ", link);
}

function report(said, error) {
  said.className = "failed";
  said.textContent = error.message;
}

async function fillForm(form) {
  const given = JSON.parse(form.dataset.values);
  const about = await asked(`/api/v2/dags/${encodeURIComponent(form.dataset.dag)}/details`);
  const button = document.createElement("button");
  button.className = "primary";
  button.textContent = "Start the run";
  const said = document.createElement("output");
  const fields = Object.entries(about.params ?? {}).map(([name, parameter]) => field(name, parameter, given[name]));
  form.replaceChildren(...fields, button, said);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    await start(form, said).catch((error) => report(said, error));
    button.disabled = said.className === "done";
  });
}

followTheme();
document.addEventListener("click", leaveFrame);
const form = document.getElementById("run");
if (form) fillForm(form).catch((error) => report(form.querySelector("[role=status]"), error));
for (const select of document.querySelectorAll(".pick select")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}
