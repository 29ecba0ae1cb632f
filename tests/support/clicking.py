"""A browser that is clicked and typed in as a person does it, over Chromium's own debugging protocol."""

from __future__ import annotations

import base64
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import requests
from websockets.sync.client import ClientConnection, connect

from tests.support.browser import BINARY, QUIET

SECONDS = 60
_CENTRE = """(() => {{
  const found = document.querySelector({selector});
  if (!found) return null;
  found.scrollIntoView({{ block: "center", inline: "center" }});
  const {{ x, y, width, height }} = found.getBoundingClientRect();
  return [x + width / 2, y + height / 2];
}})()"""


@dataclass
class Page:
    """One tab.

    :param requested: address of every request so far, those of scripts and styles too.
    :param troubles: what scripts of pages threw, and what the content security policy refused.
    """

    socket: ClientConnection
    requested: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=count)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command; events that come meanwhile are kept."""
        number = next(self._ids)
        self.socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self.socket.recv(timeout=SECONDS))
            if told.get("id") == number:
                return dict(told.get("result", {}))
            self._note(told)

    def _note(self, told: Mapping[str, Any]) -> None:
        about = told.get("params", {})
        if told.get("method") == "Network.requestWillBeSent":
            self.requested.append(about["request"]["url"])
        elif told.get("method") == "Runtime.exceptionThrown":
            self.troubles.append(json.dumps(about["exceptionDetails"]))
        elif told.get("method") == "Log.entryAdded" and about["entry"]["level"] == "error":
            self.troubles.append(about["entry"]["text"])

    def size(self, width: int, height: int) -> None:
        """The window, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def go(self, url: str) -> None:
        self.call("Page.navigate", url=url)
        self.wait_for(f"location.href.startsWith({json.dumps(url)}) && document.readyState === 'complete'")

    def evaluate(self, script: str) -> Any:
        """Value of an expression in the page; None while it is being replaced by another."""
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait_for(self, script: str) -> None:
        """Until the expression is true; TimeoutError names it otherwise."""
        deadline = time.monotonic() + SECONDS
        while self.evaluate(script) is not True:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{script} at {self.evaluate('location.href')}")
            time.sleep(0.05)

    def click(self, selector: str) -> None:
        """Press the left button over the middle of the first such element."""
        place = self.evaluate(_CENTRE.format(selector=json.dumps(selector)))
        if place is None:
            raise LookupError(f"{selector} at {self.evaluate('location.href')}")
        for kind in ("mousePressed", "mouseReleased"):
            self.call(
                "Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1
            )

    def press(self, key: str, code: int, text: str = "") -> None:
        """One key, down and up."""
        given = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **given)
        self.call("Input.dispatchKeyEvent", type="keyUp", **given)

    def picture(self, path: Path) -> None:
        """The whole page, down to its end."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def opened(folder: Path, headers: Mapping[str, str]) -> Iterator[Page]:
    """A browser with one tab.

    :param headers: sent with every request, such as the login.
    """
    profile = folder / "clicking"
    command = [str(BINARY), *QUIET, f"--user-data-dir={profile}", "--remote-debugging-port=0", "about:blank"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            with connect(_address(profile / "DevToolsActivePort"), max_size=None) as socket:
                page = Page(socket)
                for domain in ("Page", "Network", "Runtime", "Log"):
                    page.call(f"{domain}.enable")
                page.call("Network.setExtraHTTPHeaders", headers=dict(headers))
                yield page
        finally:
            process.terminate()


def _address(port_file: Path) -> str:
    """Of the tab's socket, once the browser has written down where it listens."""
    deadline = time.monotonic() + SECONDS
    while time.monotonic() < deadline:
        if port_file.exists() and port_file.read_text().count("\n"):
            port = port_file.read_text().splitlines()[0]
            tabs = requests.get(f"http://127.0.0.1:{port}/json/list", timeout=SECONDS).json()
            if found := [tab["webSocketDebuggerUrl"] for tab in tabs if tab["type"] == "page"]:
                return str(found[0])
        time.sleep(0.05)
    raise TimeoutError("the browser did not come up")
