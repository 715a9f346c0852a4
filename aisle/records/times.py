"""Times as UTC milliseconds since 1970. Numbers are read by magnitude, digits that are a day, or a day and its minute,
as that; naive times take the shop's timezone."""

import re
from datetime import UTC, date, datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from aisle.errors import InputError, shorten

DAY = 86_400_000
ONLINE = 631_152_000_000  # the beginning of 1990, before which no shop had a log
DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
UNIVERSAL = (" UTC", " GMT")
LONGEST = 64  # characters of a time
HAN = str.maketrans({"年": "-", "月": "-", "日": " ", "号": " ", "时": ":", "点": ":", "分": ":", "秒": ""})
LOOSE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ]+(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?)?")
# the day first, as it is written with points: 31.12.2025 14:05
POINTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:,?[T ]+(\d{1,2}):(\d{1,2})(?::(\d{1,2}))?)?")
THIN, ODD, AHEAD = 0.05, 0.01, 28 * DAY  # of a usual week, of all times, and how far ahead
EXPECTED = "an ISO 8601 time, or seconds, milliseconds, microseconds or nanoseconds since 1970"
# 1e11 seconds is the year 5138 and 1e11 milliseconds is 1973, so each unit owns three decades of magnitude.
# (limit, units a millisecond as a fraction); integers stay exact: nanoseconds do not fit a float.
UNITS = ((10**11, 1000, 1), (10**14, 1, 1), (10**17, 1, 1000), (10**20, 1, 1_000_000))


def to_millis(value: object, zone: tzinfo = UTC) -> int:
    """Any time that shops export → UTC milliseconds. Raises InputError where it cannot be read."""
    if isinstance(value, datetime):
        return of_datetime(value, zone)
    if isinstance(value, date):
        return of_datetime(datetime(value.year, value.month, value.day), zone)
    if isinstance(value, int | float) and not isinstance(value, bool):
        moment = _digits(f"{value:.0f}") if 0 < value < 10**14 else None
        return of_number(value) if moment is None else of_datetime(moment, zone)
    text = str(value).strip()
    if len(text) > LONGEST:
        raise InputError("timestamp", shorten(text), EXPECTED)
    if (moment := _digits(text)) is not None:
        return of_datetime(moment, zone)
    try:
        return of_number(int(text) if text.lstrip("+-").isdigit() else float(text))
    except InputError:  # "inf": what was found is the text, as it stands in the file
        raise InputError("timestamp", value, EXPECTED) from None
    except ValueError:
        pass
    universal = text.endswith(UNIVERSAL)  # as BigQuery and many exports end their times
    try:
        return of_datetime(_written(text[:-3].rstrip() if universal else text), UTC if universal else zone)
    except ValueError:
        raise InputError("timestamp", value, EXPECTED) from None


def _digits(text: str) -> datetime | None:
    """20240115, as GA4 writes a day, 202401151230 or 20240115123059; read as numbers these lie in August 1970, in 1976
    or in the year 2611, when no shop had a log."""
    written = DIGITS.get(len(text))
    if written is None or not text.startswith(("19", "20") if len(text) == 8 else "20") or not text.isdecimal():
        return None
    try:
        return datetime.strptime(text, written)
    except ValueError:
        return None


def _written(text: str) -> datetime:
    """ISO 8601, or with other marks and without leading zeros, the year first: 2017/11/25 1:21, 2017年11月25日; with
    points the day may be first: 25.11.2017. Raises ValueError."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        if (found := POINTED.fullmatch(text)) is not None:
            day, month, year, hour, minute, second = map(int, found.groups(default="0"))
            return datetime(year, month, day, hour, minute, second)
        if (found := LOOSE.fullmatch(text.translate(HAN).rstrip(": "))) is None:
            raise
    year, month, day, hour, minute, second = map(int, found.groups(default="0"))
    return datetime(year, month, day, hour, minute, second)


def of_datetime(value: datetime, zone: tzinfo = UTC) -> int:
    """An aware or naive datetime → UTC milliseconds; a naive one is a time of `zone`."""
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    try:
        delta = aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    except OverflowError:  # the first or last day of the calendar
        raise InputError("timestamp", value, EXPECTED) from None
    return delta.days * DAY + delta.seconds * 1000 + delta.microseconds // 1000


def of_number(value: float) -> int:
    """Seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude → milliseconds."""
    for limit, times, per in UNITS:
        if abs(value) < limit:
            return value * times // per if isinstance(value, int) else round(value * times / per)
    raise InputError("timestamp", value, EXPECTED)


def iso(millis: int) -> str:
    """UTC milliseconds → `2017-11-06T05:00:00+00:00`."""
    return datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="seconds")


def last_of(times: NDArray[np.int64]) -> int:
    """The last of some times (int64 (n,), UTC ms; 0 of none), but for a few that are dated ahead, day for month: up to
    ODD of all, in weeks that have less than THIN of a usual one, the latest more than AHEAD behind the others."""
    if not len(times):
        return 0
    weeks = (times - times.min()) // (7 * DAY)
    counts = np.bincount(weeks)
    usual = float(np.median(counts[weeks]))  # of the week in which the median event lies
    inside = times[weeks <= int(np.flatnonzero(counts >= THIN * usual)[-1])]
    few = len(times) - len(inside) <= ODD * len(times)
    return int(inside.max() if few and times.max() - inside.max() > AHEAD else times.max())
