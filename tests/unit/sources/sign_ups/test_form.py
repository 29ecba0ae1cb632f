"""What a person hands in, and that nothing of it is ever quoted."""

from __future__ import annotations

from typing import Any

import pytest

from regendata.exceptions import FormRefused
from regendata.sources.sign_ups.form import SignUp, is_trapped, normal_email, read_form

ADA = {"email": "ada@example.org", "first_name": "Ada", "last_name": "Lovelace"}


def test_a_sign_up() -> None:
    assert read_form(ADA) == SignUp("ada@example.org", "Ada", "Lovelace")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada@Example.ORG ", "ada@example.org"),
        ("ada+grants@example.org", "ada+grants@example.org"),
        ("JOSÉ@example.org", "josé@example.org"),
        ("jose\u0301@example.org", "josé@example.org"),
        ("ada@bücher.example.com", "ada@bücher.example.com"),
        ("o'neil@example.org", "o'neil@example.org"),
    ],
)
def test_one_address_has_one_form(typed: str, kept: str) -> None:
    assert normal_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        None, "", 7, ["a@b.c"], "ada", "ada@", "@example.org", "ada@example", "a b@example.org",
        "ada@@example.org", "ada@example..org", "ada@example.org\nbcc: eve@example.org",
        "ada@exa\x00mple.org",
        "ada@example.org, eve@example.org", "<ada@example.org>", "Ada <ada@example.org>",
        "a" * 65 + "@example.org", "ada@" + "a" * 250 + ".org", "ada@127.0.0.1", "ada@localhost",
    ],
)  # fmt: skip
def test_what_is_no_address(typed: Any) -> None:
    with pytest.raises(FormRefused, match=r"^email is (missing|not an e-mail address)$") as caught:
        normal_email(typed)
    assert (caught.value.field, caught.value.__cause__) == ("email", None)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Ada ", "Ada"),
        ("Ada  Maria", "Ada Maria"),
        ("Łukasz", "Łukasz"),
        ("李", "李"),
        ("O'Neil-Smith", "O'Neil-Smith"),
    ],
)
def test_names(typed: str, kept: str) -> None:
    assert read_form({**ADA, "first_name": typed}).first_name == kept


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        (None, "is missing"),
        ("   ", "is missing"),
        ({"a": 1}, "is missing"),
        ("x" * 81, "has more than 80 characters"),
        ("Win at https://evil.example", "holds characters that no name has"),
        ("<b>Ada</b>", "holds characters that no name has"),
        ("Ada\r\nBcc: x", "holds characters that no name has"),
        ("A\u202eda", "holds characters that no name has"),
    ],
)
def test_what_is_no_name(typed: Any, problem: str) -> None:
    """A name goes into a mail: one that is an advertisement would be sent to strangers in our name."""
    with pytest.raises(FormRefused) as caught:
        read_form({**ADA, "last_name": typed})
    assert str(caught.value) == f"last_name {problem}"


def test_nobody_is_in_a_text_form() -> None:
    assert "ada" not in repr(read_form(ADA)).lower()


@pytest.mark.parametrize(
    ("field", "trapped"), [({}, False), ({"website": ""}, False), ({"website": "x"}, True)]
)
def test_the_trap(field: dict[str, str], trapped: bool) -> None:
    assert is_trapped({**ADA, **field}) is trapped
