"""Chinese in English words: what CC-CEDICT says of each word that jieba finds.

The English encoder cannot read Han characters; it can read this, so that a Chinese text gets a vector in the same space
as an English one, and 运动鞋 finds sneakers. Both packages are optional (`aisle[zh]`); without them Chinese is found by
its characters alone.
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

from aisle.language import cedict
from aisle.language.cedict import dictionary
from aisle.language.tongue import tongue
from aisle.language.words import HAN, is_han, normalise

SENSES = 2  # of a word that are read
LONGEST = 3  # English words of a sense; longer ones explain rather than translate
# what a dictionary says beside the meaning: measure words, variants, names, remarks in parentheses or brackets
REMARK = re.compile(
    r"\([^)]*\)|\[[^\]]*\]|\b(?:CL|abbr|variant of|see also|see|surname|old|also pr)\b.*", re.IGNORECASE
)
PARTICLES = frozenset("的了着过地得之与和及在是等把被给")  # grammar, which a dictionary explains at length
SMALL = tongue("zh").small  # words of a query that ask for nothing
BUY = "买"
KANA = re.compile("[\u3041-\u30ff]")
RUNS = re.compile(rf"[{HAN}]+|[^{HAN}]+")


@cache
def available() -> bool:
    """Are dictionary and segmentation installed."""
    return bool(find_spec("jieba")) and cedict.available()


def cuts(language: str) -> bool:
    """Are Chinese texts cut into words in a shop that speaks this language."""
    return available() and language in ("en", "zh")


@lru_cache(maxsize=1 << 16)
def english(text: str) -> str:
    """A text with its Chinese in English words; words that the dictionary lacks are left out."""
    if not is_han(text):
        return text
    said: list[str] = []
    for run in RUNS.findall(_mixed().sub(lambda found: f" {_of_word(found[0])} ", normalise(text))):
        if is_han(run):
            said += [_of_word(word) for word in _words(run) if word not in PARTICLES]
        else:
            said.append(run.strip(" .,;、，。"))
    return " ".join(part for part in said if part)


def simplified(text: str) -> str:
    """Traditional Chinese characters as simplified ones, one for one: 電話 and 电话 are one word. Not for Japanese,
    where 機 is a machine and 机 a desk."""
    return text if text.isascii() or not is_han(text) else text.translate(cedict.simpler())


def apart(text: str) -> str:
    """A Chinese text with spaces between its words, without those that ask for nothing: 女童连衣裙 asks for 女童 and
    连衣裙, for no 童连. Japanese stays as it is."""
    if not is_han(text) or KANA.search(text):
        return text
    said: list[str] = []
    for run in RUNS.findall(text):
        said += segmenter().lcut(run) if is_han(run) else run.split()
    return " ".join(_asking(said) or said) or text


def _asking(said: Sequence[str]) -> list[str]:
    """Without the words that ask for nothing, also where they were cut apart (有 没有, 多少 钱)."""
    kept: list[str] = []
    at = 0
    while at < len(said):
        size = next((n for n in (3, 2, 1) if at + n <= len(said) and "".join(said[at : at + n]) in SMALL), 0)
        kept += [] if size else [_wanted(said[at])]
        at += size or 1
    return kept


def _wanted(word: str) -> str:
    """买手机 is one word to jieba."""
    return word[1:] if word[0] == BUY and len(word) > 2 else word


def _words(run: str) -> list[str]:
    """A run of Han characters as words, each as long as the dictionary knows it."""
    found: list[str] = []
    for word in segmenter().lcut(run):
        found += [word] if _senses(word) or len(word) == 1 else _known_parts(word)
    return found


def _known_parts(word: str) -> list[str]:
    """A word that the dictionary lacks, as the longest parts that it knows, from the left."""
    parts: list[str] = []
    while word:
        size = next((n for n in range(len(word), 1, -1) if _senses(word[:n])), 1)
        parts.append(word[:size])
        word = word[size:]
    return parts


def _of_word(word: str) -> str:
    senses = _senses(word)
    return " ".join(dict.fromkeys(" ".join(senses).split()))


@lru_cache(maxsize=1 << 16)
def _senses(word: str) -> tuple[str, ...]:
    """What a word means, the first senses that translate it."""
    told = dictionary().get(word) or dictionary().get(word.upper(), ())  # T恤
    clean = (REMARK.sub("", sense).strip(" ;,").removeprefix("to ") for sense in told)
    translating = (sense for sense in clean if sense and not is_han(sense))  # none is "used in 豆蔻"
    return tuple(sense for sense in translating if len(sense.split()) <= LONGEST)[:SENSES]


@cache
def _mixed() -> re.Pattern[str]:
    """Words in which Latin and Chinese are one, the longest first: t恤, u盘."""
    mixed = (word for word in dictionary() if is_han(word) and re.search("[a-z]", word, re.IGNORECASE))
    found = {word.lower() for word in mixed if _of_word(word.lower())}
    return re.compile("|".join(rf"(?<![a-z\d]){re.escape(word)}" for word in sorted(found, key=lambda w: (-len(w), w))))


@cache
def segmenter() -> Any:
    """jieba, which says nothing of its own loading."""
    import jieba

    jieba.setLogLevel(60)
    return jieba
