from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aisle.errors import InputError
from aisle.records.times import DAY, iso, last_of, of_number, to_millis

START = 1_700_000_000_000
STEADY = settings(max_examples=100, deadline=None, derandomize=True)
MOMENT = 1_509_944_400_000  # 2017-11-06T05:00:00Z
AFTER_1973 = st.integers(100_000_000_000, 4_000_000_000_000)  # ms whose units can be told apart


@pytest.mark.parametrize(
    "value",
    [MOMENT, MOMENT // 1000, MOMENT * 1000, MOMENT * 1_000_000, str(MOMENT // 1000), f" {MOMENT} ", MOMENT / 1000,
     "2017-11-06T05:00:00Z", "2017-11-06T05:00:00+00:00", "2017-11-06 00:00:00-05:00", "2017-11-06 05:00",
     "2017-11-06 05:00:00 UTC", "2017/11/6 5:00", "2017-11-6 5:0:0 GMT", "2017.11.06 05:00:00", 201711060500,
     "06.11.2017 05:00", "6.11.2017, 5:00:00", "20171106050000", 20171106050000.0, datetime(2017, 11, 6, 5),
     datetime(2017, 11, 6, 6, tzinfo=timezone(timedelta(hours=1)))],
)  # fmt: skip
def test_one_moment_is_read_the_same_however_it_is_written(value: object) -> None:
    assert to_millis(value) == MOMENT


def test_a_day_begins_at_midnight() -> None:
    assert to_millis(date(1970, 1, 2)) == to_millis("1970-01-02") == DAY


def test_a_naive_time_is_a_time_of_the_shop_and_an_aware_one_is_not() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert to_millis("2017-11-06T06:00:00", berlin) == MOMENT
    assert to_millis("2017-11-06T05:00:00Z", berlin) == MOMENT
    assert to_millis("2017-07-06T06:00:00", berlin) == to_millis("2017-07-06T04:00:00Z")


@STEADY
@given(AFTER_1973)
def test_seconds_milliseconds_microseconds_and_nanoseconds_agree(millis: int) -> None:
    assert of_number(millis) == millis
    assert of_number(millis // 1000) == millis // 1000 * 1000
    assert of_number(millis * 1000) == millis
    assert of_number(millis * 1_000_000) == millis


@STEADY
@given(AFTER_1973)
def test_seconds_with_a_fraction_keep_their_millisecond(millis: int) -> None:
    assert of_number(millis / 1000) == millis


@STEADY
@given(st.datetimes(datetime(1600, 1, 1), datetime(5000, 1, 1)))
def test_a_time_goes_to_iso_and_back(moment: datetime) -> None:
    millis = to_millis(moment.replace(microsecond=0))
    assert to_millis(iso(millis)) == millis


@STEADY
@given(st.datetimes(timezones=st.timezones()))
def test_any_datetime_becomes_milliseconds_or_is_refused(moment: datetime) -> None:
    try:
        millis = to_millis(moment)
    except InputError:
        assert moment.year in (1, 9999)  # outside of what UTC can say
    else:
        assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=millis) <= moment


@pytest.mark.parametrize("text", ["0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59-05:00"])
def test_a_time_that_utc_cannot_say_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        to_millis(text)


@pytest.mark.parametrize(
    "value", ["", "yesterday", "06/11/2017", "31.13.2017", "2017-13-01", "nan", "inf", float("nan"), float("-inf"),
              10**21, True, "²", None, [], b"2017-11-06", "a" + " " * 100_000 + "b",
              "2017-11-06 05:00 " + " " * 100_000 + "UTC"],
)  # fmt: skip
def test_what_is_no_time_is_refused_with_what_was_found(value: object) -> None:
    with pytest.raises(InputError, match="ISO 8601"):
        to_millis(value)


def test_a_number_too_long_to_print_is_refused_like_any_other() -> None:
    with pytest.raises(InputError):
        to_millis(10**5000)


@STEADY
@given(st.text(max_size=30))
def test_any_text_is_a_time_or_an_input_error(text: str) -> None:
    try:
        assert isinstance(to_millis(text), int)
    except InputError as error:
        assert error.found == text


def test_a_few_lines_that_are_dated_ahead_are_no_end_of_a_log() -> None:
    times = START + np.arange(5000, dtype=np.int64) * DAY // 50
    swapped = START + np.array([150, 220, 290], np.int64) * DAY
    assert last_of(np.r_[swapped, times]) == times[-1]
    assert last_of(np.r_[times, times[-1] + 5 * DAY]) == times[-1] + 5 * DAY, "a quiet week is no mistake"
    many = START + np.arange(150, 250, dtype=np.int64) * DAY
    assert last_of(np.r_[times, many]) == many[-1], "nor is what happens often"
    assert last_of(np.zeros(0, np.int64)) == 0 and last_of(np.array([7], np.int64)) == 7
