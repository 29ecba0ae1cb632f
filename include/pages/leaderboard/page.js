// What pages of the public API share: asking it, and making elements of what it answers.
const API = document.body.dataset.api || "../v1";

/** The answer's body; an error with the API's own words where it refuses. */
export async function ask(path, parameters = {}) {
  const asked = new URLSearchParams(parameters).toString();
  const reply = await fetch(`${API}/${path}${asked && `?${asked}`}`);
  const body = await reply.json();
  if (!reply.ok) throw new Error(body.detail ?? body.error);
  return body;
}

/** Text only ever goes in as text: names are what strangers registered. */
export function element(name, text = "", className = "") {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}
