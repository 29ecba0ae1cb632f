"""The page with the form in a browser: it hands in, thanks, and says what is wrong."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from regendata.api import sign_ups
from regendata.api.app import build
from regendata.settings import Settings
from regendata.sources.sign_ups.form import SignUp
from sandbox.state import choose_port
from tests.support import browser

pytestmark = pytest.mark.skipif(browser.BINARY is None, reason="needs Chromium")

#: Fills in the form in a frame, as a person does, and shows what the page then says.
PERSON = """<!doctype html><html><body><iframe src="/sign-up/" width="{width}" height="900"></iframe>
<pre></pre><script type="module">
const frame = document.querySelector("iframe"), told = document.querySelector("pre");
const wait = (ms) => new Promise((done) => setTimeout(done, ms));
await new Promise((done) => frame.addEventListener("load", done));
const page = frame.contentDocument, form = page.querySelector("form");
const say = (name, text) => {{ told.textContent += `${{name}}: ${{text}}\\n`; }};
form.requestSubmit();
say("empty", page.querySelector("#email_problem").textContent);
say("focus", page.activeElement.id);
for (const [name, text] of [["first_name", "Ada"], ["last_name", "<b>"], ["email", "ada@example.org"]]) {{
  form.elements[name].value = text;
}}
form.requestSubmit();
await wait(1500);
say("refused", `${{page.activeElement.id}} ${{page.querySelector("#last_name_problem").textContent}}`);
form.elements.last_name.value = "Lovelace";
form.requestSubmit();
await wait(1500);
say("answer", page.querySelector("#answer").textContent);
say("left", form.elements.email.value);
say("wider", page.documentElement.scrollWidth > {width});
</script></body></html>"""


@pytest.fixture
def handed_in(monkeypatch: pytest.MonkeyPatch) -> list[SignUp]:
    """Who came as far as the queue."""
    people: list[SignUp] = []
    monkeypatch.setattr(sign_ups, "_hand_in", lambda _, person: people.append(person))
    return people


@pytest.fixture
def address() -> Iterator[str]:
    """The application with a page that plays a person."""
    app, port = build(Settings()), choose_port(set())
    _play(app)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(20)


def _play(app: FastAPI) -> None:
    def person(width: int) -> HTMLResponse:
        return HTMLResponse(PERSON.format(width=width))

    app.add_api_route("/person/{width}", person)


def test_a_person_signs_up_on_a_phone(address: str, handed_in: list[SignUp], tmp_path: Path) -> None:
    page = browser.dom(f"{address}/person/390", tmp_path)
    told = dict(re.findall(r"^(?:.*<pre>)?(\w+): (.*)$", page, re.MULTILINE))
    assert told == {
        "empty": "Please fill this in.",
        "focus": "first_name",
        "refused": "last_name Please check this.",
        "answer": sign_ups.RECEIVED,
        "left": "",
        "wider": "false",
    }
    assert handed_in == [SignUp("ada@example.org", "Ada", "Lovelace")]
