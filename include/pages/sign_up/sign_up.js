const form = document.querySelector("form");
const button = form.querySelector("button");
const answer = document.querySelector("#answer");
const FIELDS = ["first_name", "last_name", "email"];
const UNREACHABLE = "That did not work. Please try again in some minutes.";

function complain(name, text) {
  const field = form.elements[name];
  field.setAttribute("aria-invalid", text ? "true" : "false");
  document.querySelector(`#${name}_problem`).textContent = text;
}

function firstProblem() {
  const wrong = FIELDS.filter((name) => {
    const field = form.elements[name];
    const text = field.value.trim() === "" ? "Please fill this in." : field.validity.valid ? "" : "Please check this.";
    complain(name, text);
    return text !== "";
  });
  return wrong[0];
}

function say(text, isBad) {
  answer.textContent = text;
  answer.className = isBad ? "bad" : "";
}

async function send() {
  const fields = Object.fromEntries(new FormData(form));
  const response = await fetch(form.action, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(fields),
  });
  const told = await response.json();
  if (response.ok) {
    form.reset();
    say(told.message, false);
    return;
  }
  if (told.field) {
    complain(told.field, "Please check this.");
    form.elements[told.field].focus();
    return;
  }
  say(told.detail ?? UNREACHABLE, true);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  say("", false);
  const wrong = firstProblem();
  if (wrong) {
    form.elements[wrong].focus();
    return;
  }
  button.disabled = true;
  try {
    await send();
  } catch {
    say(UNREACHABLE, true);
  } finally {
    button.disabled = false;
  }
});
