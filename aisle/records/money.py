"""Money in int64 minor units of its ISO 4217 currency: 1.50 USD is 150, 150 JPY is 150, 1.5 KWD is 1500."""

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from functools import lru_cache

from aisle.errors import InputError

LARGEST = 2**63 - 1
# by the mark between thousands
THOUSANDS = {",": re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"), ".": re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")}
DIGITS = 20  # an amount of more digits fits no 64 bits


@lru_cache(maxsize=512)
def exponent(currency: str) -> int:
    """Decimal places of an ISO 4217 currency (USD 2, JPY 0, KWD 3). Raises InputError for an unknown code."""
    from iso4217 import Currency

    try:
        return int(Currency(currency).exponent or 0)
    except ValueError:
        raise InputError("currency", currency, "an ISO 4217 code such as USD, JPY or KWD") from None


def to_minor(amount: Decimal | float | str, currency: str) -> int:
    """Major units (`"19.99"`) → minor units (`1999`); halves of a minor unit round to even."""
    try:
        said = Decimal(str(amount))
        if said.is_finite() and said.adjusted() > DIGITS:  # 1e999999 would take half a minute to write out
            raise OverflowError
        minor = int(said.scaleb(exponent(currency)).to_integral_value(rounding=ROUND_HALF_EVEN))
    except (InvalidOperation, OverflowError, ValueError):
        raise InputError("price", amount, "a decimal number in major units, such as 19.99") from None
    if abs(minor) > LARGEST:
        raise InputError("price", amount, "an amount that fits in 64 bits of minor units")
    return minor


def to_major(minor: int, currency: str) -> Decimal:
    """Minor units (`1999`) → major units (`Decimal("19.99")`), exactly."""
    return Decimal(minor).scaleb(-exponent(currency))


def as_written(text: str) -> float:
    """An amount as a shopper types it: 1,299 or 1.299,00 or 2k or 19,90. Raises ValueError."""
    said = text.strip().lower()
    plain = said.removesuffix("k")
    for mark, written in THOUSANDS.items():
        if written.fullmatch(plain):
            plain = plain.replace(mark, "")
    return float(plain.replace(",", ".")) * (1000 if said.endswith("k") else 1)
