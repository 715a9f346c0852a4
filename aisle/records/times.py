"""Times as UTC milliseconds since 1970. Numbers are read by magnitude; naive times take the shop's timezone."""

from datetime import UTC, date, datetime, tzinfo

from aisle.errors import InputError

DAY = 86_400_000
EXPECTED = "an ISO 8601 time, or seconds, milliseconds, microseconds or nanoseconds since 1970"
# 1e11 seconds is the year 5138 and 1e11 milliseconds is 1973, so each unit owns three decades of magnitude.
UNITS = ((1e11, 1000.0), (1e14, 1.0), (1e17, 1e-3), (1e20, 1e-6))


def to_millis(value: object, zone: tzinfo = UTC) -> int:
    """Any time that shops export → UTC milliseconds. Raises InputError where it cannot be read."""
    if isinstance(value, datetime):
        return of_datetime(value, zone)
    if isinstance(value, date):
        return of_datetime(datetime(value.year, value.month, value.day), zone)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return of_number(value)
    text = str(value).strip()
    try:
        return of_number(int(text) if text.lstrip("+-").isdigit() else float(text))
    except ValueError:
        pass
    try:
        return of_datetime(datetime.fromisoformat(text), zone)
    except ValueError:
        raise InputError("timestamp", value, EXPECTED) from None


def of_datetime(value: datetime, zone: tzinfo = UTC) -> int:
    """An aware or naive datetime → UTC milliseconds; a naive one is a time of `zone`."""
    aware = value if value.tzinfo else value.replace(tzinfo=zone)
    delta = aware.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * DAY + delta.seconds * 1000 + delta.microseconds // 1000


def of_number(value: float) -> int:
    """Seconds, milliseconds, microseconds or nanoseconds, told apart by magnitude → milliseconds."""
    for limit, factor in UNITS:
        if abs(value) < limit:
            return int(value * factor) if factor != 1.0 else int(value)
    raise InputError("timestamp", value, EXPECTED)


def iso(millis: int) -> str:
    """UTC milliseconds → `2017-11-06T05:00:00+00:00`."""
    return datetime.fromtimestamp(millis / 1000, UTC).isoformat(timespec="seconds")
