"""What a query says beside words to look for: a price ("under $50", "200元以下"), and what is not wanted.

A number is a price where a currency is named with it, or where it ends the query after a word that asks for less
("lamp under 50") and nothing speaks of ages or sizes; pounds are a weight. What is not wanted is what follows
"without" and its like: "no show" and "no iron" are names of things, "do not disturb" and "forget me not" are, too.
"""

import re
from dataclasses import dataclass

from aisle.language.glosses import available, segmenter
from aisle.language.numerals import in_digits
from aisle.language.thesaurus import FILLERS
from aisle.language.words import LONGEST, is_han, normalise, words
from aisle.records.money import as_written

# 1,299.00 or 1.299,00 or 2k or 19,90; a number that goes on is another one
NUMBER = (
    r"(?<![\d.,])((?:\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3}){1,2}(?:,\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?)"
    r"(?:k(?![a-z]))?)(?!\d|[.,]\d)"
)
# 块 before another character counts pieces (200块拼图), but for one that goes on with a price
PIECE = r"块(?![\u4e00-\u9fff])|块(?=[以之的内左])"
SIGN, UNIT = r"[$€£¥￥]", rf"(?:(?:dollars?|usd|bucks|euros?|eur|gbp|yuan|rmb|cny)(?![a-z])|元|块钱|{PIECE}|人民币)"
# behind a number a unit of something else than money: 60寸, 500ml
BARE = r"(?![\d\s]*(?:[a-z]|[寸岁码升克米斤瓦毫厘英片支双只个件]))"
AT_MOST, AT_LEAST = "(?:低于|不超过|不高于|少于|小于|不到|最多)", "(?:不低于|不少于|高于|超过|多于|大于|至少)"
LESS = r"(?:(?<![a-z])(?:under|below|less than|cheaper than|no more than|at most)|<)"
MOST = r"(?:(?<![a-z])(?:under|below|less than|up to|cheaper than|at most|no more than|max(?:imum)?)|<)"
MORE = r"(?:(?<![a-z])(?:above|starting at)|>)"
LEAST = r"(?:(?<![a-z])(?:over|above|more than|at least|starting at|min(?:imum)?)|>)"
MONEY = rf"(?:{SIGN}\s?{NUMBER}|{NUMBER}\s?{UNIT})"
ABOUT = re.compile(rf"(?:(?<![a-z])(?:around|about|approximately|roughly)\s+|~\s?){MONEY}|{NUMBER}\s?(?:{UNIT})?左右")
NEARLY = (0.8, 1.2)  # of a price that is said to be about so much
TO = r"\s?(?:-|–|~|to|and|到|至)\s?"
RANGE = re.compile(
    rf"(?:价格|价位|预算)(?:在|是)?\s?{NUMBER}{TO}{NUMBER}(?!\s?[\d千万百kw折])\s?(?:{UNIT})?(?:之间)?|"
    rf"(?:(?<![a-z])(?:between|from)\s+)?(?:{SIGN}\s?{NUMBER}{TO}{SIGN}?\s?{NUMBER}|{NUMBER}{TO}{NUMBER}\s?{UNIT})"
    r"\s?(?:之间)?"
)
DEAR = re.compile(rf"{NUMBER}{TO}{NUMBER}(?:之间|(?=的|价位))")  # without a currency: sizes are smaller numbers
# at the end of a query, without a currency: "boots between 100 and 150"
END = r"(?=\s*(?:$|(?:for|with|without|sizes?)\b))"
SPAN = re.compile(rf"(?<![a-z])between\s+{NUMBER}\s+and\s+{NUMBER}{END}")
FROM = 60  # smaller numbers are sizes: boots above 42, bikes between 26 and 29
YEARS = (1900, 2100)
DEAREST = 500
BOUNDS = (
    (
        "high",
        re.compile(
            rf"{MOST}\s*{MONEY}|{AT_MOST}\s?(?:{MONEY}|{NUMBER}{BARE})|{NUMBER}\s?(?:以下|以内|之内)"
            rf"|{MONEY}\s?(?:or less|and under|or under|以下|以内|之内|内(?![衣裤存胆饰]))"
        ),
    ),
    (
        "low",
        re.compile(
            rf"{LEAST}\s*{MONEY}|{AT_LEAST}\s?(?:{MONEY}|{NUMBER}{BARE})"
            rf"|(?:价格|价位|预算)(?:在|是)?\s?{NUMBER}\s?(?:{UNIT})?以上"
            rf"|{MONEY}\s?(?:or more|and up|and over|以上|起(?!子))"
        ),
    ),
    ("high", re.compile(rf"{LESS}\s*{NUMBER}{END}")),
    ("low", re.compile(rf"{MORE}\s*{NUMBER}{END}")),
)
BARE_BOUNDS = 2  # the last of them name no currency
SIZES = re.compile(
    r"\b(?:for|kids?|boys?|girls?|mens?|womens?|women's|men's|ages?|aged|years?|old|size|shoes?|boots?)\b"
)
CURRENCY = re.compile(rf"{SIGN}|{UNIT}")
BOUNDED = re.compile("以下|以内|之内|以上")
MEASURING = re.compile(r"(?:[a-z]|身高|体重|尺码|温度|腰围|年龄|功率|容量|像素|评分|销量)\s*$")
LEAST_PRICE = 20  # of a bound without a currency: smaller numbers count things
MEASURED = re.compile(r"\b(?:sizes?|months?|inch(?:es)?|cm|mm)\b")
# "above 400" and "between 2700 and 3000" are seldomer prices than "under 50": of these they are none
GRADED = re.compile(
    r"\b(?:spf|count|pieces?|lumens?|watts?|ages?|volts?|kelvin|grit|rpm|mah|gb|tb"
    r"|sandpaper|bulbs?|curtains?|lens|waterproof)\b"
)
# a measure that has its own number or letter: "size 42", "50 inch"
TOLD = re.compile(
    r"\bsizes?\s+(?:\d[\w./]*|x{0,4}[sml]|small|medium|large)\b|\d[\d.,/]*\s?-?(?:months?|inch(?:es)?|cm|mm)\b"
)
OLDEST = 18  # more than that is no age, nor an American size of shoes
BEFORE = (
    "do", "does", "did", "is", "are", "was", "am", "me", "or", "why", "can", "to", "if", "i'm", "shall", "shalt",
    "will", "would", "should", "could", "has", "have", "had",
)  # fmt: skip
NAMES = "".join(rf"(?<!\b{word} )" for word in BEFORE)
NOT = re.compile(
    rf"(?:\b(?:without|except(?: for)?|excluding|but not)|(?<=\w ){NAMES}\bnot)"
    r"\s+([a-z][a-z' ,-]*?)(?=$|\b(?:for|with|in|under|over|below|not|except|size)\b|\s\d)"
    r"|(?<![有要])不[含带加]([\u4e00-\u9fffa-z]{1,6}?)(?=的|\s)"
    r"|(?<![有要是])(?:不要|没有|不是)(?!太|很|那么)([\u4e00-\u9fffa-z]{1,6}?)(?=的|\s|$)"
    r"|(?<![清去扫消拆驱])除(?:了(?=[^的]{1,6}的)|(?=[^的]{1,6}外的))([\u4e00-\u9fffa-z]{1,6}?)(?:以外|之外|外)?的"
    r"|(?<=\s)无(?![线绳人印])([\u4e00-\u9fff]{1,3})(?=\s|$)"
    r"|(?<![有要])不[含带加]([\u4e00-\u9fff]+)"
    r"|[无非免](酒精|香精|香料|添加剂|硅油|色素|防腐剂|荧光剂|麸质|乳糖|咖啡因|甲醛)"
    r"|(?<![\u4e00-\u9fff])不(辣)(?=的|\s|$)"
)
COLOUR = re.compile(
    r"(?<=\w )(?<!\band )(?<!\bor )"
    r"(?:black|white|red|blue|green|brown|gr[ae]y|pink|purple|yellow|orange|beige|navy|silver|gold)\b(?!,| and\b| or\b)"
)
MOST_WISHES = 4  # things that are not wanted; a query that names more is left as it is


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is left to look for; prices in major units, None where nothing was said; things that are not wanted."""

    text: str
    low: float | None = None
    high: float | None = None
    without: tuple[str, ...] = ()


def wishes(query: str) -> Wishes:
    """A query in its parts; one that would leave nothing to look for is left as it is."""
    text, low, high = in_digits(normalise(query)[:LONGEST]), None, None
    if (found := RANGE.search(text) or _ranged(text)) is not None:
        first, second = (as_written(one) for one in found.groups() if one)
        low, high, text = min(first, second), max(first, second), _cut(text, found)
    elif (found := ABOUT.search(text)) is not None:
        value = next(as_written(one) for one in found.groups() if one)
        low, high, text = round(NEARLY[0] * value, 2), round(NEARLY[1] * value, 2), _cut(text, found)
    for place, (bound, pattern) in enumerate(BOUNDS):
        found = pattern.search(text)
        if found is None or (low if bound == "low" else high) is not None:
            continue
        value = next(as_written(one) for one in found.groups() if one)
        if _measures(text, found, value):
            continue
        if place >= len(BOUNDS) - BARE_BOUNDS and (_counts(text, value) or (bound == "low" and _grades(text, value))):
            continue
        low, high = (value, high) if bound == "low" else (low, value)
        text = _cut(text, found)
    without: list[str] = []
    for found in NOT.finditer(text):
        said, rest = _until_colour(next(filter(None, found.groups())))
        if found[6] and available():  # what stands behind it has no sign of its own: 不含糖可乐
            said, *more = segmenter().lcut(said)
            rest = "".join(more)
        without += _things(said)
        text = re.sub(rf"{re.escape(found[0])}的?", f" {rest} ", text)
    text = " ".join(text.split())
    told = (low, high) != (None, None) or without
    if not told or len(without) > MOST_WISHES or not re.search(r"\w", text):
        return Wishes(query)
    return Wishes(text, low, high, tuple(without))


def _ranged(text: str) -> re.Match[str] | None:
    """Two numbers without a currency that are prices: large ones, or what a query ends with ("between 100 and 150")."""
    for pattern in (DEAR, SPAN):
        found = pattern.search(text)
        if found is not None:
            low, high = (as_written(one) for one in found.groups() if one)
            no_price = _grades(text, low) or _counts(text, low) or _years(low, high)
            if _dear(low, high) if pattern is DEAR else not no_price:
                return found
    return None


def _counts(text: str, value: float) -> bool:
    """Is a number without a currency no price: of a measure without a number, or small beside ages and sizes."""
    measured = MEASURED.search(TOLD.sub(" ", text))
    return bool(measured) or (value <= OLDEST and SIZES.search(text) is not None)


def _grades(text: str, value: float) -> bool:
    """Is the least that is asked for of something else than money."""
    return value < FROM or GRADED.search(text) is not None


def _years(low: float, high: float) -> bool:
    return all(YEARS[0] <= one <= YEARS[1] for one in (low, high))


def _dear(low: float, high: float) -> bool:
    """Are two numbers without a currency prices, and no sizes or years."""
    return min(low, high) >= DEAREST and not _years(low, high)


def _measures(text: str, found: re.Match[str], value: float) -> bool:
    """Is a bound in Chinese that names no currency one of something else: "iphone 12以下", 身高160以下, 最多2人."""
    if not is_han(found[0]) or CURRENCY.search(found[0]):
        return False
    behind = text[found.end() :]
    told = BOUNDED.search(found[0]) is not None or re.match(r"\s|$|的", behind)
    return value < LEAST_PRICE or not told or bool(MEASURING.search(text[: found.start()]))


def _until_colour(said: str) -> tuple[str, str]:
    """ "leather brown" is no leather, and brown; "brown leather" is one thing."""
    found = COLOUR.search(said)
    return (said, "") if found is None else (said[: found.start()].strip(), said[found.start() :].strip())


def _things(said: str) -> list[str]:
    """ "a straw, or corn and soy" is three things; each as its words."""
    if is_han(said):
        return [said]
    parts = (" ".join(w for w in words(part) if w not in FILLERS) for part in re.split(r",|\band\b|\bor\b", said))
    return [part for part in parts if part]


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :].removeprefix('的')}"
