"""What language a shop's titles are written in: told by its script, else by its small words."""

from collections import Counter
from collections.abc import Iterable

from aisle.language.tongue import known, tongue
from aisle.language.words import words

ENGLISH = "en"
SCRIPTS = (  # the first that a good part of titles is written in; letters that only one of several languages has
    ("ja", "\u3041", "\u30ff"), ("ko", "\uac00", "\ud7a3"), ("zh", "\u4e00", "\u9fff"), ("th", "\u0e01", "\u0e46"),
    ("ru", "\u0400", "\u04ff"), ("el", "\u0370", "\u03ff"), ("ar", "\u0600", "\u06ff"), ("he", "\u0590", "\u05ff"),
)  # fmt: skip
OFTEN = 0.5  # share of titles in a script
MORE = 2.0  # times as many small words as English has there
FEWEST = 0.05  # of these a title, at least
READ = 5000  # titles


def guessed(titles: Iterable[str]) -> str:
    """The language of most titles, ISO 639-1; English where none is clearly meant."""
    read = [title for title, _ in zip(titles, range(READ), strict=False)]
    for language, first, last in SCRIPTS:
        written = sum(any(first <= letter <= last for letter in title) for title in read)
        if read and written >= OFTEN * len(read):
            return "uk" if language == "ru" and _ukrainian(read) else language
    said = Counter(word for title in read for word in set(words(title)))
    shared = Counter(word for language in known() for word in _telling(language))
    told = {language: sum(said[word] / shared[word] ** 2 for word in _telling(language)) for language in known()}
    best = max(told, key=lambda language: told[language])
    clear = bool(read) and told[best] >= max(MORE * told[ENGLISH], FEWEST * len(read))
    return best if clear else ENGLISH


def _ukrainian(titles: list[str]) -> bool:
    text = "".join(titles).lower()
    return sum(map(text.count, "іїєґ")) > sum(map(text.count, "ыэёъ"))


def _telling(language: str) -> frozenset[str]:
    """Words of a language that say nothing by themselves. What several share tells little of each."""
    of = tongue(language)
    return frozenset(word for word in of.small | of.linking | of.denying if len(word) > 1)
