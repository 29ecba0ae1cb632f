"""Settings from the environment."""

from __future__ import annotations

from dataclasses import fields

import pytest

from regendata.exceptions import FinalError, SettingsError
from regendata.settings import PREFIX, Settings, load


def test_defaults_without_an_environment() -> None:
    assert load({}) == Settings()


def test_a_variable_wins_and_has_its_type() -> None:
    found = load({"REGENDATA_KEEP_BUILDS": "7", "REGENDATA_SPACES_BUCKET": "other", "KEEP_BUILDS": "9"})
    assert (found.keep_builds, found.spaces_bucket) == (7, "other")
    assert found.publish_lock_ms == Settings().publish_lock_ms


def test_empty_means_default() -> None:
    assert load({"REGENDATA_KEEP_BUILDS": "", "REGENDATA_SPACES_BUCKET": ""}) == Settings()


@pytest.mark.parametrize("value", ["three", "3.5", "3s", "0x10", "-1"])
def test_a_wrong_value_names_its_variable(value: str) -> None:
    with pytest.raises(
        SettingsError, match=f"REGENDATA_DUNE_MAX_AGE_HOURS must be a whole number from 0 up, not '{value}'"
    ):
        load({"REGENDATA_DUNE_MAX_AGE_HOURS": value})
    assert issubclass(SettingsError, FinalError)


def test_a_build_is_kept_in_any_case() -> None:
    with pytest.raises(
        SettingsError, match="REGENDATA_KEEP_BUILDS must be a whole number from 1 up, not '0'"
    ):
        load({"REGENDATA_KEEP_BUILDS": "0"})


def test_nobody_may_think_for_longer_than_airflow_lets_a_run_go_on() -> None:
    assert load({"REGENDATA_APPROVAL_LIMIT_S": "72000"}).approval_limit_s == 72_000
    with pytest.raises(
        SettingsError, match="REGENDATA_APPROVAL_LIMIT_S must be a whole number from 0 to 72000, not '72001'"
    ):
        load({"REGENDATA_APPROVAL_LIMIT_S": "72001"})


def test_the_process_environment_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGENDATA_BUILD_WORK_MEM", "1GB")
    assert load().build_work_mem == "1GB"


def test_every_setting_can_be_given() -> None:
    given = {PREFIX + field.name.upper(): "11" for field in fields(Settings)}
    assert all(str(value) == "11" for value in vars(load(given)).values())
