"""Secrets in plain text: what is one, and what only names where one is."""

from __future__ import annotations

import pytest

from lambdaform.check.secrets import named_like_a_secret, secret_in


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", "hunter2"),
        ("dbPassword", "hunter2"),
        ("API_TOKEN", "abcd1234"),
        ("ApiKey", "abcd1234"),
        ("KEY", "AKIAIOSFODNN7EXAMPLE"),
        ("PEM", "-----BEGIN RSA PRIVATE KEY-----\nabc"),
        ("DATABASE", "postgres://shop:hunter2@db.example/shop"),
        ("PAYMENTS", "sk_live_abcdefghijklmnopqrst"),
    ],
)
def test_a_secret_is_told_by_its_form_or_its_name(name: str, value: str) -> None:
    assert secret_in(name, value) is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DB_PASSWORD", ""),
        ("DB_PASSWORD", "/prod/db/password"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:db}}"),
        ("DB_SECRET", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db"),
        ("SECRET_NAME", "prod-db"),
        ("TOKEN_URL", "https://login.example/token"),
        ("TOKEN", "true"),
        ("PASSWORD", "<password>"),
        ("PASSWORD_LENGTH", "12"),
        ("DATABASE", "postgres://db.example/shop"),
        ("TABLE", "orders"),
    ],
)
def test_where_a_secret_is_and_what_is_none_is_no_secret(name: str, value: str) -> None:
    assert secret_in(name, value) is None


def test_a_name_is_read_by_its_words() -> None:
    assert named_like_a_secret("STRIPE_API_KEY")
    assert not named_like_a_secret("KEYSTONE")
    assert not named_like_a_secret("TOKENIZER")
