from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.records.money import LARGEST, exponent, to_major, to_minor

CURRENCIES = st.sampled_from(["USD", "EUR", "JPY", "KWD", "CLF", "CNY"])
STEADY = settings(max_examples=100, deadline=None, derandomize=True)


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [("1.50", "USD", 150), (150, "JPY", 150), ("1.5", "KWD", 1500), (19.99, "EUR", 1999), ("-3", "USD", -300),
     (" 5 ", "USD", 500), ("0", "USD", 0), (Decimal("0.001"), "KWD", 1)],
)  # fmt: skip
def test_an_amount_becomes_minor_units_of_its_currency(
    amount: Decimal | float | str, currency: str, minor: int
) -> None:
    assert to_minor(amount, currency) == minor


@STEADY
@given(st.integers(-LARGEST, LARGEST), CURRENCIES)
def test_minor_to_major_and_back_is_exact(minor: int, currency: str) -> None:
    assert to_minor(to_major(minor, currency), currency) == minor
    assert to_minor(str(to_major(minor, currency)), currency) == minor


@STEADY
@given(st.integers(0, 10**9))
def test_a_float_that_was_written_with_two_decimals_is_read_as_written(cents: int) -> None:
    assert to_minor(cents / 100, "USD") == cents


@pytest.mark.parametrize(("amount", "minor"), [("0.005", 0), ("0.015", 2), ("0.025", 2), ("0.0151", 2), ("2.675", 268)])
def test_half_a_cent_rounds_to_even(amount: str, minor: int) -> None:
    assert to_minor(amount, "USD") == minor


@pytest.mark.parametrize("code", ["", "US", "usd", "USDX", "FOO", "BTC", "$", "\0"])
def test_an_unknown_currency_is_refused_by_name(code: str) -> None:
    with pytest.raises(InputError) as caught:
        exponent(code)
    assert caught.value.found == code
    assert "ISO 4217" in str(caught.value)


@pytest.mark.parametrize("amount", ["", "free", "1,299.00", "NaN", "sNaN", "inf", "-Infinity", "1.2.3", "12 USD"])
def test_what_is_no_finite_number_is_refused(amount: str) -> None:
    with pytest.raises(InputError, match="price"):
        to_minor(amount, "USD")


def test_the_largest_amount_fits_and_one_more_does_not() -> None:
    assert to_minor(LARGEST, "JPY") == LARGEST
    with pytest.raises(InputError, match="64 bits"):
        to_minor(LARGEST + 1, "JPY")


@pytest.mark.parametrize("amount", ["1e40", "1e9999", "-1e99999", "1e999999"])
def test_an_astronomical_amount_is_refused_and_not_computed(amount: str) -> None:
    with pytest.raises(InputError):
        to_minor(amount, "USD")


def test_a_vanishing_amount_is_zero() -> None:
    assert to_minor("1e-999999", "USD") == 0


def test_an_integer_too_long_to_print_is_refused_like_any_other() -> None:
    with pytest.raises(InputError):
        to_minor(10**5000, "USD")
