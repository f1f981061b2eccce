"""Left out of the package by `exclude`."""

from digest import handler


def test_no_orders_are_worth_nothing():
    assert handler({"body": "[]"}, None)["statusCode"] == 200
