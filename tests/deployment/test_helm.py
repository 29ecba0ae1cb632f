"""Values for the official chart agree with Airflow, the image, and the pods of MEV-Boost."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml

from regendata import paths
from regendata.settings import PREFIX, Settings

FOLDER = paths.REPOSITORY / "infra" / "helm"
#: Sections of providers that only the image has.
FOREIGN = {"kubernetes_executor"}


@pytest.fixture(scope="module")
def values() -> dict[str, Any]:
    return dict(yaml.safe_load((FOLDER / "values.yaml").read_text(encoding="utf-8")))


def test_every_option_is_one_of_airflow(values: dict[str, Any]) -> None:
    from airflow.configuration import conf

    known = conf.configuration_description
    unknown = [
        f"{section}.{option}"
        for section, options in values["config"].items()
        for option in options
        if section not in FOREIGN and option not in known.get(section, {"options": {}})["options"]
    ]
    assert unknown == []


def test_the_version_is_the_one_that_was_tested(values: dict[str, Any]) -> None:
    lock = (paths.REPOSITORY / "requirements-server.txt").read_text(encoding="utf-8")
    assert f"\napache-airflow=={values['airflowVersion']} " in lock


def test_folders_and_user_are_those_of_the_image(values: dict[str, Any]) -> None:
    dockerfile = (paths.REPOSITORY / "Dockerfile").read_text(encoding="utf-8")
    assert f"AIRFLOW__CORE__DAGS_FOLDER={values['config']['core']['dags_folder']} " in dockerfile
    assert f"AIRFLOW__CORE__PLUGINS_FOLDER={values['config']['core']['plugins_folder']} " in dockerfile
    assert f"USER {values['uid']}\n" in dockerfile


def test_pods_of_mev_boost_use_the_same_image_and_secrets(values: dict[str, Any]) -> None:
    pod = yaml.safe_load((FOLDER / "mev_boost" / "pod_template.yaml").read_text(encoding="utf-8"))
    (container,) = pod["spec"]["containers"]
    assert container["image"] == f"{values['defaultAirflowRepository']}:{values['defaultAirflowTag']}"
    assert yaml.safe_load(values["extraEnvFrom"]) == container["envFrom"]
    assert values["fernetKeySecretName"] in str(container["env"])


def test_pods_of_mev_boost_read_the_configuration_that_the_chart_writes() -> None:
    """Without it a task does not know where to report, nor where its log goes."""
    pod = yaml.safe_load((FOLDER / "mev_boost" / "pod_template.yaml").read_text(encoding="utf-8"))
    release = "regendata"
    (volume,) = [one["name"] for one in pod["spec"]["volumes"] if "configMap" in one]
    maps = {one["name"]: one["configMap"]["name"] for one in pod["spec"]["volumes"] if "configMap" in one}
    (mount,) = [one for one in pod["spec"]["containers"][0]["volumeMounts"] if one["name"] == volume]
    assert maps == {volume: f"{release}-config"}
    assert (mount["mountPath"], mount["subPath"]) == ("/opt/airflow/airflow.cfg", "airflow.cfg")
    guide = (paths.REPOSITORY / "docs" / "deployment.md").read_text(encoding="utf-8")
    assert f"helm upgrade --install {release} apache-airflow/airflow" in guide


def test_settings_are_made_as_the_guide_says(values: dict[str, Any]) -> None:
    guide = (paths.REPOSITORY / "docs" / "deployment.md").read_text(encoding="utf-8")
    made = re.findall(r"create configmap (\S+) --from-literal=(\w+)", guide)
    sources = yaml.safe_load(values["extraEnvFrom"])
    named = {one["configMapRef"]["name"] for one in sources if "configMapRef" in one}
    assert {name for name, _ in made} == named
    assert {setting for _, setting in made} <= {PREFIX + name.upper() for name in vars(Settings())}


def test_secrets_are_made_as_the_guide_says(values: dict[str, Any]) -> None:
    guide = (paths.REPOSITORY / "docs" / "deployment.md").read_text(encoding="utf-8")
    made = set(re.findall(r"create secret generic (\S+)", guide))
    named = {values["data"]["metadataSecretName"]}
    named |= {text for name, text in values.items() if name.endswith(("SecretName", "jwtSecretName"))}
    sources = yaml.safe_load(values["extraEnvFrom"])
    named |= {one["secretRef"]["name"] for one in sources if "secretRef" in one}
    assert named == made
