"""A price that a query says: "under $50", "bis 30 €", "entre 20 et 40 euros", "200元以下".

English and Chinese words are read in every shop, others in shops of their language. A number is a price where a
currency is named with it, or where it ends the query after a word that asks for less ("lamp under 50") and nothing
speaks of ages or sizes; pounds are a weight.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from aisle.language.tongue import tongue
from aisle.language.words import is_han, unaccented
from aisle.records.money import as_written

# 1,299.00 or 1.299,00 or 2k or 19,90; a number that goes on is another one
NUMBER = (
    r"(?<![\d.,])((?:\d{1,3}(?:,\d{3}){1,2}(?:\.\d{1,2})?|\d{1,3}(?:\.\d{3}){1,2}(?:,\d{1,2})?|\d{1,7}(?:[.,]\d{1,2})?)"
    r"(?:k(?![a-z]))?)(?!\d|[.,]\d)"
)
# 块 before another character counts pieces (200块拼图), but for one that goes on with a price
PIECE = r"块(?![\u4e00-\u9fff])|块(?=[以之的内左])"
SIGN = r"[$€£¥￥₽₺₴]"
UNIT = (
    r"(?:(?:dollars?|usd|bucks|euros?|eur|gbp|yuan|rmb|cny|chf|franken|sek|nok|dkk|kr\.?(?!\s?\d)|kronor|kroner|pln|zł|zl|złotych|"
    rf"czk|kč|brl|reais|rub|р|руб(?:лей)?)(?!\w)|:-|元|块钱|{PIECE}|人民币|{SIGN}(?!\s?\d))"
)
# behind a number a unit of something else than money: 60寸, 500ml
BARE = r"(?![\d\s]*(?:[a-z]|[寸岁码升克米斤瓦毫厘英片支双只个件]))"
AT_MOST, AT_LEAST = "(?:低于|不超过|不高于|少于|小于|不到|最多)", "(?:不低于|不少于|高于|超过|多于|大于|至少)"
LESS = r"(?:(?<![a-z])(?:under|below|less than|cheaper than|no more than|at most)|<)"
MOST = "under|below|less than|up to|cheaper than|at most|no more than|max(?:imum|\\.)?"
MORE = r"(?:(?<![a-z])(?:above|starting at)|>)"
LEAST = "over|above|more than|at least|starting at|min(?:imum|\\.)?"
MONEY = rf"(?:(?:r(?=\$))?{SIGN}\s?{NUMBER}|{NUMBER}(?:,-)?\s?{UNIT})"
ABOUT = "around|about|approximately|roughly"
NEARLY = (0.8, 1.2)  # of a price that is said to be about so much
PLAIN = NUMBER.replace("(?<![", r"(?<![\w")  # "s23" and "140x200" are no prices
UNITS = 2  # letters of a word that may be a unit: "55 in", "60w"
TO = r"-|–|~|to|and|到|至"
SAID = re.compile(TO)
DEAR = re.compile(
    rf"{NUMBER}\s?(?:{TO})\s?{NUMBER}(?:之间|(?=的|价位))"
)  # without a currency: sizes are smaller numbers
PARTED = re.compile(rf"(?<![\w.,])(\d{{1,3}}) (\d{{3}})(?=(?:[.,]\d{{1,2}})?\s?{UNIT})")  # 1 299 €
SIZED, FAR = (32, 50), 4  # of shoes and clothes; how many times the lower price the higher one may be
FROM = 60  # smaller numbers are sizes: boots above 42, bikes between 26 and 29
YEARS = (1900, 2100)
DEAREST = 500
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


@dataclass(frozen=True, slots=True)
class Bound:
    """One way to say what a price may be at most (or, where it is low, at least); bare: it names no currency."""

    pattern: re.Pattern[str]
    low: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Prices:
    """How prices are said in one language, and in English and Chinese: from one to another, about one, a bound; span:
    two numbers without a currency that a query ends with ("boots between 100 and 150"); loose: two numbers and one
    currency, of which the first may be a size ("Wein 10 bis 20 €", "Schuhe 42 bis 80 €")."""

    ranged: re.Pattern[str]
    about: re.Pattern[str]
    span: re.Pattern[str]
    loose: re.Pattern[str] | None
    bounds: tuple[Bound, ...]

    def read(self, text: str) -> tuple[str, float | None, float | None]:
        """A normalised query without its price, and the least and the most, in major units; None for what is not
        said."""
        low: float | None = None
        high: float | None = None
        if self.loose is not None:
            text = PARTED.sub(r"\1\2", text)
        if (found := self.ranged.search(text) or self._bare(text) or self._either(text)) is not None:
            first, second = (as_written(one) for one in found.groups() if one)
            if first <= second or SAID.search(found[0]):  # "bague de 54 à 20 €" is no range
                low, high, text = min(first, second), max(first, second), _cut(text, found)
        elif (found := self.about.search(text)) is not None:
            value = next(as_written(one) for one in found.groups() if one)
            low, high, text = round(NEARLY[0] * value, 2), round(NEARLY[1] * value, 2), _cut(text, found)
        for bound in self.bounds:
            found = bound.pattern.search(text)
            if found is None or (low if bound.low else high) is not None:
                continue
            value = next(as_written(one) for one in found.groups() if one)
            if _measures(text, found, value):
                continue
            if bound.bare and (_counts(text, value) or (bound.low and _grades(text, value))):
                continue
            low, high = (value, high) if bound.low else (low, value)
            text = _cut(text, found)
        return text, low, high

    def _bare(self, text: str) -> re.Match[str] | None:
        """Two numbers without a currency that are prices: large ones, or what a query ends with."""
        for pattern in (DEAR, self.span):
            found = pattern.search(text)
            if found is not None:
                low, high = (as_written(one) for one in found.groups() if one)
                no_price = _grades(text, low) or _counts(text, low) or _years(low, high)
                if _dear(low, high) if pattern is DEAR else not no_price:
                    return found
        return None

    def _either(self, text: str) -> re.Match[str] | None:
        """Two numbers of which the first is a price, too: less than the second, not by far, and no size."""
        found = None if self.loose is None else self.loose.search(text)
        if found is None:
            return None
        low, high = (as_written(one) for one in found.groups() if one)
        return found if low < high <= FAR * low and not SIZED[0] <= low <= SIZED[1] else None


@cache
def prices(language: str = "en") -> Prices:
    """How prices are said in a language, by its code."""
    spoken = tongue(language)
    said = {name: _said(spoken.priced.get(name, ())) for name in ("most", "below", "least", "about", "between", "to")}
    for name, of in (("not least", ("least",)), ("not most", ("most", "below"))):  # "no más de", "nicht unter"
        bounding = [word for one in of for word in spoken.priced.get(one, ())]
        said[name] = _said(f"{no} {word}" for no in spoken.denying for word in bounding)
    ahead = r"(?<!\w)"

    def either(english: str, *names: str) -> str:
        return rf"(?:{ahead}(?:{'|'.join(filter(None, [english, *(said[name] for name in names)]))}))"

    linking = [word for word in sorted(spoken.linking) if len(word) > UNITS] if said["below"] else ()
    behind = "|".join(["for", "with", "without", "sizes?", *map(re.escape, linking)])
    end = rf"(?=\s*$|\s+(?:{behind})\b)" if linking else rf"(?=\s*(?:$|(?:{behind})\b))"  # "under 50 in" is a length
    between = either("between|from", "between")
    # "Größe 38 bis 35 €" is no range: a word that also says "at most" joins two prices behind "von", or behind a price
    named = rf"|{between}\s+{PLAIN}\s?(?:{UNIT})?\s(?:{said['to']})\s{NUMBER}\s?{UNIT}" if said["to"] else ""
    told = rf"|{PLAIN}\s?{UNIT}\s(?:{said['to']})\s{NUMBER}\s?{UNIT}" if said["to"] else ""
    joint = rf"\s?(?:{TO})\s?"
    ranged = re.compile(
        rf"(?:价格|价位|预算)(?:在|是)?\s?{NUMBER}\s?(?:{TO})\s?{NUMBER}(?!\s?[\d千万百kw折])\s?(?:{UNIT})?(?:之间)?|"
        rf"(?:{between}\s+)?(?:{SIGN}\s?{NUMBER}{joint}{SIGN}?\s?{NUMBER}|"
        rf"{NUMBER}\s?(?:{UNIT})?{joint}{NUMBER}\s?{UNIT})\s?(?:之间)?{named}{told}"
    )
    about = re.compile(rf"(?:{either(ABOUT, 'about')}\s+|~\s?){MONEY}|{NUMBER}\s?(?:{UNIT})?左右")
    span = re.compile(rf"{ahead}between\s+{NUMBER}\s+and\s+{NUMBER}{end}")
    or_less = "or less|and under|or under|以下|以内|之内"
    most = re.compile(
        rf"(?:{either(MOST, 'most', 'below', 'not least')}|<)\s*{MONEY}(?:\s?(?:{or_less}))?"
        rf"|{AT_MOST}\s?(?:{MONEY}|{NUMBER}{BARE})"
        rf"|{NUMBER}\s?(?:以下|以内|之内)"
        rf"|{MONEY}\s?(?:{or_less}|内(?![衣裤存胆饰]))"
    )
    least = re.compile(
        rf"(?:{either(LEAST, 'least')}|>)\s*{MONEY}|{AT_LEAST}\s?(?:{MONEY}|{NUMBER}{BARE})"
        rf"|(?:价格|价位|预算)(?:在|是)?\s?{NUMBER}\s?(?:{UNIT})?以上"
        rf"|{MONEY}\s?(?:or more|and up|and over|以上|起(?!子))"
    )
    bounds = [Bound(most), Bound(least, low=True), Bound(re.compile(rf"{LESS}\s*{NUMBER}{end}"), bare=True),
              Bound(re.compile(rf"{MORE}\s*{NUMBER}{end}"), low=True, bare=True)]  # fmt: skip
    if said["not most"]:  # before "unter" is found in "nicht unter"
        bounds.insert(0, Bound(re.compile(rf"{either('', 'not most')}\s*{MONEY}"), low=True))
    if said["below"]:
        # a smaller number behind a word of another language may be a size of anything
        large = NUMBER.replace(r"\d{1,7}(?", r"(?:[2-9]\d|\d{3,7})(?")
        less = "|".join(filter(None, [said["not least"], said["below"]]))
        bounds.append(Bound(re.compile(rf"{ahead}(?:{less})\s*{large}{end}"), bare=True))
    loose = re.compile(rf"{PLAIN}\s(?:{said['to']})\s{NUMBER}\s?{UNIT}") if said["to"] else None
    return Prices(ranged, about, span, loose, tuple(bounds))


def _said(words: Iterable[str]) -> str:
    """Words for something as alternatives, the longest first, with and without their accents."""
    forms = {form for word in words for form in (word, unaccented(word))}
    return "|".join(map(re.escape, sorted(forms, key=lambda word: (-len(word), word))))


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


def _cut(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :].removeprefix('的')}"
