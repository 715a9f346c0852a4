"""Single values as shops write them: texts, times, prices, paths, stock, attributes. pydantic calls these first."""

import ast
import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationInfo
from pydantic_core import PydanticCustomError

from aisle.errors import AisleError
from aisle.records.sound import LARGEST, MOST
from aisle.records.text import as_text
from aisle.records.times import DAY, to_millis
from aisle.sources import markup

AHEAD = DAY  # clocks of shoppers' devices run ahead; more than a day is a mistake
STOCK = {"instock": True, "limitedavailability": True, "onlineonly": True, "preorder": True, "presale": True,
         "backorder": True, "onbackorder": True, "outofstock": False, "soldout": False,
         "discontinued": False, "有货": True, "现货": True, "上架": True, "是": True,
         "缺货": False, "无货": False, "售罄": False, "下架": False, "否": False}  # fmt: skip
# the same in languages of Europe, without spaces
IS_THERE = (
    "ja wahr auflager vorrätig lagernd lieferbar sofortlieferbar verfügbar oui vrai enstock disponible sí si "
    "enexistencia sim disponível emestoque sì disponibile opvoorraad leverbaar ilager pålager finns tak dostępny да"
)
IS_GONE = (
    "nein falsch ausverkauft vergriffen nichtauflager nichtvorrätig nichtlieferbar nichtverfügbar non faux épuisé "
    "rupturedestock enrupturedestock indisponible agotado nodisponible sinexistencias não esgotado indisponível "
    "esaurito nondisponibile nee uitverkocht nietopvoorraad slutsåld nej udsolgt utsolgt nei nie "
    "niedostępny wyprzedany нет"
)
STOCK |= {**dict.fromkeys(IS_THERE.split(), True), **dict.fromkeys(IS_GONE.split(), False)}
# how databases and trackers write that there is nothing
NULLS = frozenset(
    {"NA", "N/A", "<NA>", "NULL", "null", "(null)", "\\N", "NaN", "nan", "None", "undefined", "(not set)"}
)
SIGNS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₩": "KRW", "₽": "RUB", "₺": "TRY", "₫": "VND", "฿": "THB", "₴": "UAH",
    "₦": "NGN", "₱": "PHP", "₪": "ILS", "zł": "PLN", "Kč": "CZK", "Ft": "HUF", "Rs": "INR", "Rs.": "INR",
    "US$": "USD", "C$": "CAD", "CA$": "CAD", "A$": "AUD", "AU$": "AUD", "NZ$": "NZD", "HK$": "HKD", "S$": "SGD",
    "人民币": "CNY", "NT$": "TWD", "R$": "BRL", "MX$": "MXN",
}  # fmt: skip
# signs of several currencies: a price that bears one is in the shop's, if that is one of these
SHARED = {
    "$": ["USD", "CAD", "AUD", "NZD", "HKD", "SGD", "TWD", "MXN", "ARS", "CLP", "COP", "UYU", "DOP", "BND", "FJD",
          "JMD", "TTD", "BBD", "BSD", "BZD", "XCD", "NAD", "LRD", "GYD", "SRD"],
    "元": ["CNY", "TWD", "HKD", "SGD", "MOP"], "块": ["CNY", "TWD", "HKD", "SGD", "MOP"],
    "¥": ["JPY", "CNY"], "￥": ["JPY", "CNY"], "kr": ["SEK", "NOK", "DKK", "ISK"], "kr.": ["SEK", "NOK", "DKK", "ISK"],
}  # fmt: skip
MARK = "|".join(["[A-Za-z]{3}", *map(re.escape, sorted([*SIGNS, *SHARED], key=len, reverse=True))])
PRICE = re.compile(rf"({MARK})?\s*([+-]?[\d.,]+)\s*({MARK})?")
PLAIN = re.compile(r"[+-]?\d+(\.\d+)?")
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?")  # 1,299.00
POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})+,\d*")  # 1.299,00
DOUBTFUL = re.compile(r"\d{1,3}(\.\d{3})+")  # 1.299
COMMA = re.compile(r"[+-]?\d+,\d{1,2}")  # 19,99
PARTED = (re.compile(r"\s*>\s*"), re.compile(r"\s*\|\s*"))  # the levels of a path, as one feed or another parts them


@dataclass(frozen=True, slots=True)
class Reading:
    """What the shop says about its files: the currency and language of rows that name none, the zone of naive
    times, the time after which an event lies in the future (ms), and how a user's id is stored."""

    currency: str = "USD"
    language: str = ""
    zone: tzinfo = UTC
    now: int | None = None
    pseudonym: Callable[[str], str] = str


def _text(value: Any) -> str:
    """An id or a text, however it comes."""
    try:
        return as_text(value)
    except ValueError as error:
        raise PydanticCustomError("text", "{expected}", {"expected": str(error)}) from None


def _prose(value: Any) -> str:
    """What a shopper reads: feeds escape it for a page, or carry the page."""
    return markup.read(_text(value))


def _all(value: Any) -> str:
    """Of several texts all."""
    return " ".join(map(_prose, value)) if isinstance(value, list | tuple) else _prose(value)


def _first(value: Any) -> Any:
    """Of several texts the first."""
    return _text(next(iter(value), "") if isinstance(value, list | tuple) else value)


def _said(value: Any) -> Any:
    """A value, None for one that says that there is none."""
    return None if isinstance(value, str) and value.strip() in NULLS else value


def _name(value: Any) -> Any:
    """Who or what, as text; empty for nobody."""
    return "" if _said(value) is None else _text(value)


def _time(value: Any, info: ValidationInfo) -> int:
    reading: Any = info.context
    try:
        millis = to_millis(value.to_pydatetime(warn=False) if hasattr(value, "to_pydatetime") else value, reading.zone)
    except AisleError as error:
        raise PydanticCustomError("time", "{expected}", {"expected": error.expected}) from None
    if info.field_name == "timestamp" and reading.now is not None and millis > reading.now + AHEAD:
        raise PydanticCustomError("future", "a time that is not more than a day in the future")
    return millis


def currencies(value: Any) -> list[str]:
    """What a price says of its currency: 15.00 USD, EUR 15, £15, kr 15; a sign of several currencies as it stands."""
    if not isinstance(value, str) or PLAIN.fullmatch(value):
        return []
    found = PRICE.fullmatch(value.strip())
    marks = [mark for mark in (found[1], found[3]) if mark] if found else value.split()[1:]
    return [mark if mark in SHARED else SIGNS.get(mark, mark.upper()) for mark in marks]


def _price(value: Any) -> Any:
    """A price without its currency, which `currencies` tells: "$1,299.00", "19,99 €". A point is never a mark of
    thousands by itself: 1.299 is a little more than one, and 1.299 € nobody knows."""
    if not isinstance(value, str) or PLAIN.fullmatch(value):
        return value
    found = PRICE.fullmatch(value.strip())
    if not found:
        return value.split()[0] if value.split() else value
    amount, signed = found[2], any(mark in SIGNS or mark in SHARED for mark in (found[1], found[3]) if mark)
    if THOUSANDS.fullmatch(amount):
        return amount.replace(",", "")
    if POINTS.fullmatch(amount) or COMMA.fullmatch(amount):
        return amount.replace(".", "").replace(",", ".")
    return value if signed and DOUBTFUL.fullmatch(amount) else amount


def _path(value: Any) -> Any:
    """The levels of a category; of several paths the longest."""
    parts = _levels(value.strip()) if isinstance(value, str) else value
    if not isinstance(parts, Sequence) or isinstance(parts, bytes):
        raise PydanticCustomError("category", "a path such as 'A > B > C', or a list")
    if any(isinstance(part, list | tuple) for part in parts):
        parts = max((part if isinstance(part, list | tuple) else [part] for part in parts), key=len)
    return tuple(markup.read(str(part)).strip() for part in parts if part is not None and str(part).strip())


def _levels(text: str) -> Any:
    """A path as one text; a list that was written as one, as tables do."""
    if text[:1] == "[" and text[-1:] == "]":
        try:
            return ast.literal_eval(text)
        except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
            pass
    read = markup.read(text)
    return (PARTED[0] if ">" in read or "|" not in read else PARTED[1]).split(read)


def _stock(value: Any) -> Any:
    """In stock or not, as Merchant Center, schema.org, Shopify and WooCommerce say it."""
    if not isinstance(value, str):
        return value
    said = re.sub(r"[\s_-]", "", unicodedata.normalize("NFC", value.strip().rpartition("/")[2].lower()))
    return STOCK.get(said, _said(value))


def _attributes(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise PydanticCustomError("attributes", "a JSON mapping or list") from None
    if isinstance(value, Mapping):
        return {str(name): values_of(v) for name, v in value.items() if v not in (None, "", [])}
    return {"attributes": values_of(value)}


def values_of(value: Any) -> tuple[str, ...]:
    """What an attribute says, one value or several, as texts."""
    many = value if isinstance(value, list | tuple | set) else [value]
    return tuple(markup.read(str(v)) for v in many if v is not None and str(v))


Text = Annotated[str, BeforeValidator(_text)]
First = Annotated[str, BeforeValidator(_first)]
Name = Annotated[str, BeforeValidator(_name)]
Texts = Annotated[str, BeforeValidator(_all)]
Prose = Annotated[str, BeforeValidator(_prose)]
Number = Annotated[Annotated[float, Field(ge=-MOST, le=MOST, allow_inf_nan=False)] | None, BeforeValidator(_said)]
Whole = Annotated[Annotated[int, Field(ge=-LARGEST, le=LARGEST)] | None, BeforeValidator(_said)]
Time = Annotated[Annotated[int, BeforeValidator(_time)] | None, BeforeValidator(_said)]
Money = Annotated[Annotated[Decimal, BeforeValidator(_price)] | None, BeforeValidator(_said)]
Path = Annotated[tuple[str, ...], BeforeValidator(_path)]
Stock = Annotated[bool | None, BeforeValidator(_stock)]
Attributes = Annotated[dict[str, tuple[str, ...]], BeforeValidator(_attributes)]
