"""Ways to tell people, by the setting ``alert_channels``. Each gives up soon: no work waits for a mail."""

from __future__ import annotations

import json
import os
import smtplib
from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from airflow.sdk import BaseHook

from regendata.alerts.alert import Alert
from regendata.exceptions import SettingsError, SourceUnavailable
from regendata.settings import Settings

TIMEOUT_S = 10
SMTP_CONN_ID = "alerts_smtp"
WEBHOOK_CONN_ID = "alerts_webhook"
POSTMARK_CONN_ID = "postmark"
_POSTMARK = "https://api.postmarkapp.com"


def names(settings: Settings) -> list[str]:
    """Channels that are switched on.

    :raises SettingsError: one of them does not exist.
    """
    given = [name.strip() for name in settings.alert_channels.split(",") if name.strip()]
    unknown = sorted(set(given) - set(CHANNELS))
    if unknown:
        raise SettingsError(f"REGENDATA_ALERT_CHANNELS knows {', '.join(CHANNELS)}, not {', '.join(unknown)}")
    return given


def send(channel: str, alert: Alert, settings: Settings) -> None:
    """Tell by one channel.

    :raises SourceUnavailable: it did not take the message.
    """
    try:
        CHANNELS[channel](alert, settings)
    except (OSError, smtplib.SMTPException) as error:
        raise SourceUnavailable(f"alerts by {channel}: {type(error).__name__}: {error}") from error


def title(alert: Alert) -> str:
    """The message in a line."""
    return f"[regendata] {alert.key}"


def _file(alert: Alert, settings: Settings) -> None:
    """A line of JSON each; for a machine on which nobody is to get mails."""
    path = Path(settings.alert_file or Path(os.environ.get("AIRFLOW_HOME", "."), "alerts.jsonl"))
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps(_message(alert, settings)) + "\n")


def _webhook(alert: Alert, settings: Settings) -> None:
    """POST of JSON to the connection's address; ``text`` is what Slack and Mattermost show."""
    connection = BaseHook.get_connection(WEBHOOK_CONN_ID)
    headers = {"Authorization": f"Bearer {connection.password}"} if connection.password else {}
    text = f"*{title(alert)}*\n{alert.body(settings.alert_runbook)}"
    _post(str(connection.host), {**_message(alert, settings), "text": text}, headers)


def _postmark(alert: Alert, settings: Settings) -> None:
    connection = BaseHook.get_connection(POSTMARK_CONN_ID)
    mail = {
        "From": connection.login,
        "To": settings.alert_to,
        "Subject": title(alert),
        "TextBody": alert.body(settings.alert_runbook),
        "MessageStream": "outbound",
        "Tag": alert.kind.anchor,
    }
    headers = {"X-Postmark-Server-Token": str(connection.password), "Accept": "application/json"}
    _post(f"{(connection.host or _POSTMARK).rstrip('/')}/email", mail, headers)


def _smtp(alert: Alert, settings: Settings) -> None:
    connection = BaseHook.get_connection(SMTP_CONN_ID)
    extra = connection.extra_dejson
    mail = EmailMessage()
    mail["From"], mail["To"] = extra.get("from_email", connection.login), settings.alert_to
    mail["Subject"] = title(alert)
    mail.set_content(alert.body(settings.alert_runbook))
    with smtplib.SMTP(str(connection.host), connection.port or 587, timeout=TIMEOUT_S) as server:
        if not extra.get("disable_tls"):
            server.starttls()
        if connection.login and connection.password:
            server.login(connection.login, connection.password)
        server.send_message(mail)


def _message(alert: Alert, settings: Settings) -> dict[str, Any]:
    return {
        "key": alert.key,
        "kind": alert.kind.value,
        "subject": alert.subject,
        "body": alert.body(settings.alert_runbook),
        "runbook": alert.runbook(settings.alert_runbook),
        "told_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
    }


def _post(url: str, content: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    import requests

    try:
        response = requests.post(url, json=dict(content), headers=dict(headers), timeout=TIMEOUT_S)
    except requests.RequestException as error:
        # Its text holds the URL, and a webhook's URL is a secret.
        raise SourceUnavailable(f"alerts: {type(error).__name__}") from None
    if not response.ok:
        raise SourceUnavailable(f"alerts: HTTP {response.status_code}")


CHANNELS: Mapping[str, Callable[[Alert, Settings], None]] = {
    "file": _file,
    "webhook": _webhook,
    "postmark": _postmark,
    "smtp": _smtp,
}
