"""What a person hands in, cleaned; nothing here is ever quoted in an error."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from regendata.exceptions import FormRefused

LONGEST_NAME = 80
#: A field no person sees; whoever fills it in is a program.
TRAP = "website"


@dataclass(frozen=True, repr=False)
class SignUp:
    """A person who asks for an account. Has no text form, so that no log can show one."""

    email: str
    first_name: str
    last_name: str


def read_form(given: Mapping[str, object]) -> SignUp:
    """A sign-up from the fields ``email``, ``first_name`` and ``last_name``.

    :raises FormRefused: naming the field and what is wrong with it, without what was typed.
    """
    return SignUp(
        normal_email(given.get("email")),
        _name(given.get("first_name"), "first_name"),
        _name(given.get("last_name"), "last_name"),
    )


def is_trapped(given: Mapping[str, object]) -> bool:
    """Whether a program filled in the form."""
    return bool(given.get(TRAP))


def normal_email(given: object) -> str:
    """The address in the one form it is compared and kept in: lower case, composed characters.

    Metabase keeps addresses in lower case, so that capitals before the @ are not two people either.

    :raises FormRefused: it is no address.
    """
    from email_validator import EmailNotValidError, validate_email

    if not isinstance(given, str):
        raise FormRefused("email", "is missing")
    try:
        found = validate_email(given.strip(), check_deliverability=False, strict=True)
    except EmailNotValidError:
        raise FormRefused("email", "is not an e-mail address") from None
    return found.normalized.lower()


def _name(given: object, field: str) -> str:
    """Spaces folded; characters that are no text, such as line ends and direction marks, are refused."""
    if not isinstance(given, str) or not given.strip():
        raise FormRefused(field, "is missing")
    name = re.sub(" +", " ", unicodedata.normalize("NFC", given)).strip(" ")
    if len(name) > LONGEST_NAME:
        raise FormRefused(field, f"has more than {LONGEST_NAME} characters")
    if any(unicodedata.category(one).startswith("C") for one in name) or "://" in name or "<" in name:
        raise FormRefused(field, "holds characters that no name has")
    return name
