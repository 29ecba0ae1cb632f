"""The API of a Kubernetes cluster as far as Airflow asks it, whose pods are processes on this machine.

A pod gets what its spec gives it and nothing else: variables of the secrets and config maps it names, and
Airflow's configuration only where it mounts it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from sandbox.layout import HOST, REPOSITORY

NAMESPACE = "regendata"
_PODS = re.compile(rf"/api/v1/namespaces/{NAMESPACE}/pods(?:/(?P<name>[^/]+))?$")
_DISCOVERY: Mapping[str, Any] = {
    "/version": {"major": "1", "minor": "33"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {"kind": "APIGroupList", "groups": []},
    "/api/v1": {
        "kind": "APIResourceList",
        "groupVersion": "v1",
        "resources": [{"name": "pods", "kind": "Pod", "namespaced": True, "verbs": ["list", "get"]}],
    },
}
_MOST_WATCH_S = 20.0
Pod = dict[str, Any]


@dataclass
class Cluster:
    """Pods, what became of them, and what they can be given.

    :param folder: for the pods' logs.
    :param secrets: variables by name of the secret, config maps too.
    :param configuration: what a pod gets that mounts ``airflow.cfg``, by name of its config map.
    """

    folder: Path
    secrets: dict[str, dict[str, str]] = field(default_factory=dict)
    configuration: dict[str, dict[str, str]] = field(default_factory=dict)
    pods: dict[str, Pod] = field(default_factory=dict)
    created: list[Pod] = field(default_factory=list)
    events: list[tuple[str, Pod]] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def create(self, pod: Pod) -> Pod:
        with self.changed:
            pod["metadata"]["uid"] = str(uuid.uuid4())
            pod["metadata"]["creationTimestamp"] = f"{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
            self.pods[pod["metadata"]["name"]] = pod
            self.created.append(pod)
            self._tell("ADDED", pod, "Pending")
        threading.Thread(target=self._run, args=[pod], daemon=True).start()
        return pod

    def delete(self, name: str) -> Pod | None:
        with self.changed:
            pod = self.pods.pop(name, None)
            if pod is not None:
                pod["metadata"]["deletionTimestamp"] = pod["metadata"]["creationTimestamp"]
                self._tell("DELETED", pod)
        return pod

    def patch(self, name: str, change: Mapping[str, Any]) -> Pod | None:
        with self.changed:
            pod = self.pods.get(name)
            if pod is not None:
                pod["metadata"]["labels"] |= change.get("metadata", {}).get("labels", {})
                self._tell("MODIFIED", pod)
        return pod

    def _tell(self, what: str, pod: Pod, phase: str | None = None) -> None:
        if phase is not None:
            pod["status"] = {"phase": phase}
        pod["metadata"]["resourceVersion"] = str(len(self.events) + 1)
        self.events.append((what, json.loads(json.dumps(pod))))
        self.changed.notify_all()

    def _run(self, pod: Pod) -> None:
        (container,) = pod["spec"]["containers"]
        command = [*container.get("command", []), *container["args"]]
        with (self.folder / f"{pod['metadata']['name']}.log").open("wb") as log:
            variables = self._variables(pod, container)
            process = subprocess.Popen(command, env=variables, cwd=self.folder, stdout=log, stderr=log)
            with self.changed:
                self._tell("MODIFIED", pod, "Running")
            ended = process.wait()
        with self.changed:
            if pod["metadata"]["name"] in self.pods:
                self._tell("MODIFIED", pod, "Failed" if ended else "Succeeded")

    def _variables(self, pod: Pod, container: Mapping[str, Any]) -> dict[str, str]:
        found = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "HOME": str(self.folder)}
        found["PYTHONPATH"] = f"{REPOSITORY}:{REPOSITORY / 'plugins'}"
        mounted = {one["name"]: one.get("configMap", {}).get("name") for one in pod["spec"]["volumes"]}
        for mount in container["volumeMounts"]:
            if mount["mountPath"].endswith("/airflow.cfg"):
                found |= self.configuration[mounted[mount["name"]]]
        for source in container["envFrom"]:
            (reference,) = source.values()
            found |= self.secrets[reference["name"]]
        for one in container["env"]:
            reference = one.get("valueFrom", {}).get("secretKeyRef")
            found[one["name"]] = (
                self.secrets[reference["name"]][reference["key"]] if reference else one["value"]
            )
        return found

    def logs(self) -> str:
        """The end of every pod's log, for a test that fails."""
        return "\n".join(f"{path.name}\n{path.read_text()[-3_000:]}" for path in self.folder.glob("*.log"))

    def watch(self, after: int, selector: str, seconds: float) -> Iterator[tuple[str, Pod]]:
        """Events as they come, of pods that a label selector takes."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            news = self._events_after(after, until - time.monotonic())
            after += len(news)
            yield from ((what, pod) for what, pod in news if selects(selector, pod))

    def _events_after(self, after: int, seconds: float) -> list[tuple[str, Pod]]:
        """Those there are, else the next ones to come."""
        with self.changed:
            self.changed.wait_for(lambda: len(self.events) > after, max(0.0, seconds))
            return self.events[after:]


def selects(selector: str, pod: Pod) -> bool:
    """Whether a label selector such as ``a=1,b!=2,c in (x,y)`` takes a pod."""
    labels = pod["metadata"].get("labels", {})
    for part in re.split(r",(?![^(]*\))", selector) if selector else []:
        name, operator, value = re.fullmatch(r"([^=! ]+) *(!=|==|=|in) *(.*)", part).groups()  # type: ignore[union-attr]
        values = value.strip("()").split(",") if operator == "in" else [value]
        if (labels.get(name) in [one.strip() for one in values]) == (operator == "!="):
            return False
    return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cluster: Cluster

    def log_message(self, format: str, *args: Any) -> None:
        """Silence."""

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        found, selector = _PODS.fullmatch(url.path), query.get("labelSelector", "")
        if url.path in _DISCOVERY:
            self._answer(_DISCOVERY[url.path])
        elif found is None or found["name"]:
            self._answer(self.cluster.pods.get(found["name"]) if found else None)
        elif query.get("watch", "").lower() == "true":
            self._stream(int(query.get("resourceVersion", 0) or 0), selector)
        else:
            with self.cluster.changed:
                items = [pod for pod in self.cluster.pods.values() if selects(selector, pod)]
                version = {"resourceVersion": str(len(self.cluster.events))}
            self._answer({"kind": "PodList", "apiVersion": "v1", "metadata": version, "items": items})

    def do_POST(self) -> None:
        self._answer(self.cluster.create(self._body()), 201)

    def do_DELETE(self) -> None:
        self._body()
        self._answer(self.cluster.delete(self._name()))

    def do_PATCH(self) -> None:
        self._answer(self.cluster.patch(self._name(), self._body()))

    def _name(self) -> str:
        found = _PODS.fullmatch(urlsplit(self.path).path)
        return found["name"] or "" if found else ""

    def _body(self) -> dict[str, Any]:
        return dict(json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}"))

    def _answer(self, content: Any, status: int = 200) -> None:
        if content is None:
            content, status = {"kind": "Status", "status": "Failure", "code": 404, "reason": "NotFound"}, 404
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, after: int, selector: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        try:
            for what, pod in self.cluster.watch(after, selector, _MOST_WATCH_S):
                line = json.dumps({"type": what, "object": pod}).encode() + b"\n"
                self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True


@contextmanager
def running(cluster: Cluster) -> Iterator[str]:
    """Serve its API; gives the address."""
    handler = type("Handler", (_Handler,), {"cluster": cluster})
    server = ThreadingHTTPServer((HOST, 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://{HOST}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def write_kubeconfig(path: Path, address: str) -> None:
    """What a client needs to find the cluster."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "here", "cluster": {"server": address}}],
        "users": [{"name": "nobody", "user": {}}],
        "contexts": [{"name": "here", "context": {"cluster": "here", "user": "nobody"}}],
        "current-context": "here",
    }
    path.write_text(json.dumps(content), encoding="utf-8")


def provider() -> Path:
    """Folder with Airflow's provider, installed apart."""
    subprocess.run([str(REPOSITORY / "tools" / "kubernetes" / "setup.sh")], cwd=REPOSITORY, check=True)
    return REPOSITORY / ".tools" / "kubernetes"
