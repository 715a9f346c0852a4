"""Money as a shop writes it: $4.99, ¥12.00, CHF 5.00."""

from collections.abc import Iterable

from aisle.records.money import to_major

SYMBOLS = {"USD": "$", "CNY": "¥", "EUR": "€", "GBP": "£", "JPY": "¥", "KRW": "₩", "INR": "₹"}


def price(minor: int | None, currency: str) -> str:
    """Minor units → text; empty where the shop gave no price."""
    if minor is None or not currency:
        return ""
    amount = f"{to_major(abs(minor), currency):,f}"
    sign = "−" if minor < 0 else ""
    symbol = SYMBOLS.get(currency)
    return f"{sign}{symbol}{amount}" if symbol else f"{sign}{currency}\u00a0{amount}"


def total(parts: Iterable[tuple[int | None, str]]) -> str:
    """The sum of (minor units, currency); one amount a currency, as different money cannot be added."""
    sums: dict[str, int] = {}
    for minor, currency in parts:
        if minor is not None and currency:
            sums[currency] = sums.get(currency, 0) + minor
    return " + ".join(price(minor, currency) for currency, minor in sums.items())
