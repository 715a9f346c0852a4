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
DIFFERENT = 3  # small words of a language that titles must hold
OWN, EVERY = 0.05, 0.4  # of them a title: of those that only it has, and of any
ENGLISH_TOO = 3.7  # Zipf frequency from which a word is said in English, too
READ = 5000  # titles


def guessed(titles: Iterable[str]) -> str:
    """The language of most titles, ISO 639-1; English where none is clearly meant."""
    read = [title for title, _ in zip(titles, range(READ), strict=False)]
    for language, first, last in SCRIPTS:
        written = sum(any(first <= letter <= last for letter in title) for title in read)
        if read and written >= OFTEN * len(read):
            return "uk" if language == "ru" and _ukrainian(read) else language
    said = Counter(word for title in read for word in set(words(title)))
    told = {language: _told(language, said) for language in known() if language != ENGLISH}
    best = max(told, key=lambda language: told[language])
    own, every = told[best]
    clear = own > OWN * len(read) or every > EVERY * len(read)
    return best if clear else ENGLISH


def _told(language: str, said: Counter[str]) -> tuple[int, int]:
    """How often titles hold words of a language that English does not know, and any that are no small words of English;
    nothing where they hold but one or two of these: a lingerie shop is not Swedish for its "bra", nor a perfumery
    French for "eau de parfum"."""
    from wordfreq import zipf_frequency

    english, of = tongue(ENGLISH), tongue(language)
    telling = [word for word in of.small | of.linking | of.denying if word in said and len(word) > 1]
    every = [word for word in telling if word not in english.small | english.linking | english.denying]
    own = [word for word in every if zipf_frequency(word, ENGLISH) < ENGLISH_TOO]
    first, second = (sum(said[word] for word in some) if len(some) >= DIFFERENT else 0 for some in (own, every))
    return first, second


def _ukrainian(titles: list[str]) -> bool:
    text = "".join(titles).lower()
    return sum(map(text.count, "іїєґ")) > sum(map(text.count, "ыэёъ"))
