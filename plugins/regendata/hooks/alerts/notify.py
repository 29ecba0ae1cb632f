"""Telling people: once per alert, by every channel, and never at the cost of the work that is reported on."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import ExitStack

import psycopg

from regendata import settings
from regendata.alerts.alert import Alert
from regendata.exceptions import RegendataError
from regendata.hooks.alerts import channels, state
from regendata.hooks.postgres import PgConnection, connect
from regendata.settings import Settings

log = logging.getLogger(__name__)


def tell(alerts: Iterable[Alert]) -> list[str]:
    """Tell what was not told lately; returns the keys that went out. What goes wrong here is only logged.

    When the warehouse cannot be asked what was told already, everything is told: better twice than never.
    """
    try:
        options = settings.load()
        switched_on = channels.names(options)
    except RegendataError as error:
        log.error("nobody is told: %s", error)
        return []
    with ExitStack() as stack:
        conn = _memory(stack)
        return [alert.key for alert in alerts if _tell(alert, switched_on, options, conn)]


def _memory(stack: ExitStack) -> PgConnection | None:
    try:
        conn = stack.enter_context(connect())
        conn.execute("SET statement_timeout = '10s'; SET lock_timeout = '5s'")
        state.ensure(conn)
    except (RegendataError, psycopg.Error) as error:
        log.warning("what was told already is not known: %s", type(error).__name__)
        return None
    return conn


def _tell(alert: Alert, switched_on: list[str], options: Settings, conn: PgConnection | None) -> bool:
    log.warning("%s: %s", alert.key, alert.text)
    try:
        if conn is not None:
            body = alert.body(options.alert_runbook)
            if not state.claim(conn, alert, body, options.alert_repeat_hours):
                return False
        sent = [channel for channel in switched_on if _sent(channel, alert, options)]
        if conn is not None and switched_on and not sent:
            state.release(conn, alert)
    except psycopg.Error as error:
        log.error("%s: %s", alert.key, type(error).__name__)
        return False
    return bool(sent)


def _sent(channel: str, alert: Alert, options: Settings) -> bool:
    from airflow.sdk.exceptions import AirflowException

    try:
        channels.send(channel, alert, options)
    except (RegendataError, AirflowException) as error:
        log.error("%s was not told by %s: %s", alert.key, channel, error)
        return False
    return True
