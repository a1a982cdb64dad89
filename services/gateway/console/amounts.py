"""Amounts of money as people write and read them."""

from decimal import Decimal, InvalidOperation
from typing import Any

from shared.standards.currencies import CurrencyUnknownError, currency, in_major_units


def money(amount: Any, code: Any) -> str:
    """An amount in minor units, as people write it."""
    return f"{in_major_units(int(amount), str(code)):,.{currency(str(code)).digits}f} {code}"


def minor(text: str, code: str) -> Any:
    """What was typed in minor units; what cannot be read is left to be refused."""
    try:
        exact = Decimal(text.replace(",", "")).scaleb(currency(code).digits)
    except (InvalidOperation, CurrencyUnknownError):
        return text
    return int(exact) if exact == exact.to_integral_value() else text
