"""Prices, shared by every function of the shop."""

from decimal import Decimal

CENT = Decimal("0.01")


def total(items):
    amount = sum((Decimal(str(item["price"])) * item["quantity"] for item in items), Decimal(0))
    return amount.quantize(CENT)
