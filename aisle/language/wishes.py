"""What a query says beside words to look for: a price ("under $50", "200元以下"), and what is not wanted.

A number is a price where a currency is named with it, or where it ends the query after a word that asks for less
("lamp under 50"); "under 50 in" is a size, "boots over 12" may be one, and pounds are a weight. What is not wanted is
the words behind "without", up to the next comma or preposition, or the one word behind "no" that ends the query: "no
show socks" are socks.
"""

import re
from dataclasses import dataclass

from aisle.language.words import normalise

NUMBER = r"(\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?|\d+(?:[.,]\d{1,2})?)(?![\d,.]*\d)"
SIGN, UNIT = r"[$€£¥￥]", r"(?:dollars?|usd|bucks|euros?|eur|gbp|yuan|rmb|cny|元|块钱|块|人民币)"
MOST = r"(?:under|below|less than|up to|cheaper than|at most|no more than|max(?:imum)?|<)"
LEAST = r"(?:over|above|more than|at least|starting at|min(?:imum)?|>)"
MONEY = rf"(?:{SIGN}\s?{NUMBER}|{NUMBER}\s?{UNIT})"
RANGE = re.compile(
    rf"(?:between\s+|from\s+)?(?:{SIGN}\s?{NUMBER}\s?(?:-|–|~|to|and|到|至)\s?{SIGN}?\s?{NUMBER}"
    rf"|{NUMBER}\s?(?:-|–|~|to|and|到|至)\s?{NUMBER}\s?{UNIT})\s?(?:之间)?"
)
BOUNDS = (
    ("high", re.compile(rf"{MOST}\s+{MONEY}|{MONEY}\s?(?:or less|and under|or under|以下|以内|之内)")),
    ("low", re.compile(rf"{LEAST}\s+{MONEY}|{MONEY}\s?(?:or more|and up|and over|以上|起)")),
    ("high", re.compile(rf"\b{MOST}\s+{NUMBER}$")),
)
NOT = re.compile(
    r"(?:\b(?:without(?: any)?|excluding|except)\s+([a-z][a-z' -]*?)(?=,|$|\b(?:for|with|in|and|under|over|below)\b)"
    r"|\b(?:no|not)\s+([a-z]+)(?=\s*(?:,|$))|(?:不含|不要|没有)([\u4e00-\u9fff]{1,4})(?:的|$|\s))"
)
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")
MOST_WORDS = 2  # that are not wanted


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is left to look for; prices in major units, None where nothing was said; words that are not wanted."""

    text: str
    low: float | None = None
    high: float | None = None
    without: tuple[str, ...] = ()


def wishes(query: str) -> Wishes:
    """A query in its parts; one that would leave nothing to look for is left as it is."""
    text, low, high = normalise(query), None, None
    if (found := RANGE.search(text)) is not None:
        first, second = (_number(number) for number in found.groups() if number)
        low, high, text = min(first, second), max(first, second), _cut(text, found)
    for bound, pattern in BOUNDS:
        found = pattern.search(text)
        if found is not None and (low if bound == "low" else high) is None:
            value = next(_number(number) for number in found.groups() if number)
            low, high = (value, high) if bound == "low" else (low, value)
            text = _cut(text, found)
    without: list[str] = []
    for found in NOT.finditer(text):
        said = next(words for words in found.groups() if words).split()
        if len(said) <= MOST_WORDS:
            without += said
            text = text.replace(found[0], " ")
    text = " ".join(text.split())
    if not re.search(r"\w", text) or (low, high, without) == (None, None, []):
        return Wishes(query)
    return Wishes(text, low, high, tuple(without))


def _number(text: str) -> float:
    return float(text.replace(",", "") if THOUSANDS.fullmatch(text) else text.replace(",", "."))


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"
