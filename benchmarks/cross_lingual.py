"""Across languages: Chinese names find English ones, and English ones Chinese, each among all.

    python -m benchmarks.cross_lingual [--json] [--show]

The pairs are the Chinese and English names that Unicode's CLDR gives to things (救护车, ambulance), by way of the
package `emoji` (pip install 'aisle[bench]'): a source that no part of ours was made from. Names of faces, people,
gestures, flags, times and signs are left out, which no shop sells. Hit@1 and hit@10: is the right name the first, among
the first ten. aisle: a shop whose products have these names, asked through `search`; beside it the glosses of all words
and MiniLM, without a shop around them, and MiniLM as it is, which knows no Chinese. Interval: bootstrap over names.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from aisle import Shop
from aisle.encoders.glossed import Glossed
from aisle.evaluation.bootstrap import interval
from aisle.language.glosses import english
from aisle.language.words import is_han
from benchmarks.rows import Row, show

NOT_SOLD = re.compile(
    r"flag|button|clock|face|symbol|keycap|arrow|sign|person|man|woman|boy|girl|people|hand|square|circle|diamond|thirty"
)
PLACES = (1, 10)


def names() -> list[tuple[str, str]]:
    """(Chinese, English), each name once."""
    try:
        import emoji
    except ImportError:
        raise SystemExit("this benchmark needs the package emoji: pip install 'aisle[bench]'") from None
    folder = Path(str(emoji.__file__)).parent / "unicode_codes"
    chinese = json.loads((folder / "emoji_zh.json").read_text("utf-8"))
    found: dict[str, str] = {}
    for sign, facts in json.loads((folder / "emoji.json").read_text("utf-8")).items():
        there, here = (name.strip(":").replace("_", " ") for name in (chinese.get(sign, ""), facts["en"]))
        # one character: not a sequence with a skin tone, nor a flag of two letters
        plain = len(sign.replace("\ufe0f", "")) == 1
        if plain and is_han(there) and not NOT_SOLD.search(here) and here not in found.values():
            found.setdefault(there, here)
    return list(found.items())


def places(lists: Sequence[Sequence[str]]) -> list[int]:
    """Where the right one stands in each list, from 0; far behind where it does not."""
    return [found.index(str(at)) if str(at) in found else 10**6 for at, found in enumerate(lists)]


def asked(titles: Sequence[str], queries: Sequence[str], language: str) -> list[int]:
    """A shop of these titles, and these queries."""
    with tempfile.TemporaryDirectory() as folder:
        toml = f'[shop]\nlanguage = "{language}"\n[serve]\nrecord_slates = false\ndeadline_ms = 5000\n'
        (Path(folder) / "shop.toml").write_text(toml)
        with Shop(folder) as shop:
            shop.load(products=[{"id": str(k), "title": title} for k, title in enumerate(titles)])
            shop.train()
            return places([shop.search(query, size=max(PLACES)).ids for query in queries])


def encoder_of(titles: Sequence[str]) -> Any:
    """The encoder of a shop, as it serves."""
    with tempfile.TemporaryDirectory() as folder, Shop(folder) as shop:
        shop.load(products=[{"id": str(k), "title": title} for k, title in enumerate(titles)])
        shop.train()
        made = shop._live.served().parts.content.encoder
    return made.encoder if isinstance(made, Glossed) else made


def nearest(encode: Callable[[Sequence[str]], Any], queries: Sequence[str], titles: Sequence[str]) -> list[int]:
    """Where the right title stands by cosine."""
    cosines = encode(queries) @ encode(titles).T
    return [int(place) for place in (cosines > np.diag(cosines)[:, None] + 1e-6).sum(axis=1)]


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", action="store_true", help="print the names that are not among the first ten")
    options = parser.parse_args()
    there, here = (list(names_) for names_ in zip(*names(), strict=True))
    model = encoder_of(here)
    ways = {"Chinese → English": (there, here, "en"), "English → Chinese": (here, there, "zh")}
    rows = []
    for way, (queries, titles, language) in ways.items():
        found = {
            "aisle": asked(titles, queries, language),
            "glosses and MiniLM": nearest(
                lambda texts: model.encode([english(text) for text in texts]), queries, titles
            ),
            "MiniLM": nearest(model.encode, queries, titles),
        }
        for name, at in found.items():
            for place in PLACES:
                some = interval((np.array(at) < place).astype(np.float64))
                metric = f"hit@{place} of {len(queries)}"
                rows.append(Row(way, name, metric, some.value, some.low, some.high))
        if options.show:
            for k in np.flatnonzero(np.array(found["aisle"]) >= max(PLACES)):
                print(f"{way}: {queries[k]} ({english(queries[k])}): {titles[k]} ({english(titles[k])})")
    show(rows, options.json, "Chinese and English names of things")


if __name__ == "__main__":
    main()
