"""docker-compose.yaml says what the code, the image and the droplet ask for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import hcl2
import pytest

from regendata import paths
from regendata.settings import PREFIX, Settings
from tests.support.deployment import made_secrets

AIRFLOW_SERVICES = {"api-server", "scheduler", "dag-processor", "triggerer", "migrate", "worker"}
PROFILES = {"broker": ["celery"], "worker": ["celery"], "s3": ["dev"]}
#: Sections of providers that only the image has; the rest is looked up in Airflow's own list.
FOREIGN = {("fab", "enable_proxy_fix"), ("celery", "broker_url")}
_MEMORY = {"m": 1, "g": 1024}


def _targets(service: dict[str, Any]) -> dict[str, str]:
    """Name inside the container -> secret."""
    found = {}
    for one in service.get("secrets", []):
        source, target = (one, one) if isinstance(one, str) else (one["source"], one["target"])
        found[target] = source
    return found


def _variables(service: dict[str, Any]) -> set[str]:
    given = set(service.get("environment", {})) | set(_targets(service))
    return {name for name in given if name.startswith(("AIRFLOW__", PREFIX))}


def test_these_services_run_and_nothing_else(services: dict[str, dict[str, Any]]) -> None:
    others = {"postgres", "public-api", "metabase", "nginx", "broker", "s3"}
    assert set(services) == AIRFLOW_SERVICES | others
    assert {name: one["profiles"] for name, one in services.items() if "profiles" in one} == PROFILES


def test_every_variable_is_one_that_is_read(services: dict[str, dict[str, Any]]) -> None:
    from airflow.configuration import conf

    known = {
        (section, option)
        for section, about in conf.configuration_description.items()
        for option in about["options"]
    } | FOREIGN
    settings = {PREFIX + name.upper() for name in vars(Settings())}
    checked = set()
    for service in services.values():
        for name in _variables(service):
            if name.startswith(PREFIX):
                assert name in settings, name
            else:
                _, section, option = name.lower().split("__")
                assert (section, option) in known, name
            checked.add(name)
    assert len(checked) >= 15


def test_secrets_come_from_files_that_the_script_makes(
    compose: dict[str, Any], services: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    made = made_secrets(tmp_path / "secrets")
    files = {Path(one["file"]).name for one in compose["secrets"].values()}
    assert files == set(made)
    used = {source for service in services.values() for source in _targets(service).values()}
    assert used == set(compose["secrets"])
    for service in services.values():
        environment = service.get("environment", {})
        for name, value in environment.items():
            if re.search(r"PASS|SECRET_KEY|FERNET|JWT", name):
                assert name.endswith("_FILE"), f"{name}={value}"


def test_the_public_api_gets_no_key_of_airflow(services: dict[str, dict[str, Any]]) -> None:
    assert _targets(services["public-api"]) == {"connections.env": "public_api_connections"}


def test_only_nginx_is_believed_about_who_asks(services: dict[str, dict[str, Any]]) -> None:
    address = services["nginx"]["networks"]["default"]["ipv4_address"]
    assert services["api-server"]["environment"]["FORWARDED_ALLOW_IPS"] == address
    assert "--proxy-headers" in services["api-server"]["command"]
    assert services["public-api"]["environment"]["REGENDATA_PUBLIC_API_TRUSTED_PROXIES"] == address


def test_the_public_api_gets_the_connections_it_uses(tmp_path: Path) -> None:
    lines = made_secrets(tmp_path / "secrets")["public_api_connections.env"].splitlines()
    given = {line.split("=", 1)[0].removeprefix("AIRFLOW_CONN_").lower() for line in lines}
    sources = (paths.REPOSITORY / "plugins/regendata/api").rglob("*.py")
    used = set(
        re.findall(r'CONN_ID = "(\w+)"', "".join(path.read_text(encoding="utf-8") for path in sources))
    )
    assert len(used) >= 3
    assert used | {"cdr_market_test", "cdr_market_prod"} == given


def test_only_nginx_is_published_beyond_the_droplet(services: dict[str, dict[str, Any]]) -> None:
    wide = {
        name: port
        for name, service in services.items()
        for port in service.get("ports", [])
        if not re.match(r"(\$\{\w+:-)?127\.0\.0\.1:", port)
    }
    assert set(wide) == {"nginx"}


@pytest.mark.parametrize("key", ["healthcheck", "deploy", "logging", "restart", "security_opt"])
def test_every_service_is_watched_limited_and_started_again(
    services: dict[str, dict[str, Any]], key: str
) -> None:
    missing = {name for name, service in services.items() if key not in service}
    # The job ends by itself; whoever needs it waits for its success.
    assert missing == ({"migrate"} if key == "healthcheck" else set())
    if key == "logging":
        assert all(one["logging"]["options"]["max-size"] for one in services.values())


def test_memory_fits_the_droplet(services: dict[str, dict[str, Any]]) -> None:
    usual = [one for name, one in services.items() if "profiles" not in one and name != "migrate"]
    limits = [str(one["deploy"]["resources"]["limits"]["memory"]) for one in usual]
    total = sum(int(limit[:-1]) * _MEMORY[limit[-1]] for limit in limits)
    with (paths.REPOSITORY / "infra/terraform/droplet/variables.tf").open(encoding="utf-8") as file:
        variables = hcl2.load(file)["variable"]
    size = next(str(one.get("size") or one.get('"size"')) for one in variables if "size" in str(list(one)))
    gigabytes = int(re.search(r"(\d+)gb", size)[1])  # type: ignore[index]
    assert 12 * 1024 < total < (gigabytes - 1) * 1024


def test_every_mounted_file_is_there(services: dict[str, dict[str, Any]]) -> None:
    mounted = {
        volume.split(":")[0]
        for service in services.values()
        for volume in service.get("volumes", [])
        if volume.startswith("./")
    }
    assert len(mounted) >= 4
    assert [name for name in mounted if not (paths.REPOSITORY / name).exists()] == []


def test_scripts_of_the_image_are_there(services: dict[str, dict[str, Any]]) -> None:
    commands = re.findall(r"/opt/regendata/bin/([\w.]+)", str(services))
    assert {"healthcheck.py", "migrate.sh"} <= set(commands)
    for name in set(commands):
        assert (paths.REPOSITORY / "infra/docker" / name).exists(), name


def test_commands_of_the_guides_get_their_secrets() -> None:
    """What `docker compose exec` starts stands beside the service, and did not pass its entrypoint."""
    folder = paths.REPOSITORY / "docs"
    guides = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
    commands = re.findall(r"docker compose exec [\w-]+ (.*airflow .*)", guides)
    assert len(commands) >= 3
    assert [one for one in commands if not one.startswith("entrypoint.sh ")] == []


def test_every_tag_is_a_version(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        image = service["image"]
        assert image.startswith("${IMAGE:-") or re.search(r":v?\d+(\.\d+)*(-\w+)?$", image), image
