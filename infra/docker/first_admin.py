"""Create the first administrator of Airflow's pages, once.

`airflow users create` wants the password as an argument; here it comes from ``AIRFLOW_ADMIN_PASSWORD``,
and the name from ``AIRFLOW_ADMIN_USER``. A user that exists is left alone: its password is changed in
the pages.
"""

from __future__ import annotations

import os
import sys
from typing import Any


def create(security: Any, user: str, password: str) -> bool:
    """Whether the user had to be made.

    :param security: Flask-AppBuilder's security manager.
    """
    if security.find_user(username=user):
        return False
    role = security.find_role("Admin")
    return bool(security.add_user(user, user, "administrator", f"{user}@localhost", role, password=password))


def main() -> int:
    """0 when there is an administrator, 78 when no password was given."""
    user, password = os.environ.get("AIRFLOW_ADMIN_USER", "admin"), os.environ.get("AIRFLOW_ADMIN_PASSWORD")
    if not password:
        print("first_admin: AIRFLOW_ADMIN_PASSWORD is not set", file=sys.stderr)
        return 78
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        made = create(builder.sm, user, password)
    print(f"first_admin: {user} {'was made' if made else 'is there'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
