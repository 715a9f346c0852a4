"""What is particular to a language: how its words bend, which of them say nothing, behind which a title only tells of
its thing. tongues.toml holds what is known of each; of any other language words are what they are."""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from aisle.language.words import normalise, unaccented

ALIKE = {"nb": "no", "nn": "no"}  # written languages that bend as another does
UMLAUT = re.compile(r"ae|oe|(?<![aeiouyäöüq])ue")  # "Stuehle" is "Stühle", "neue" no "neü"
BARE = {"ae": "a", "oe": "o", "ue": "u"}


@dataclass(frozen=True, slots=True)
class Tongue:
    """One language. leads: a title names its thing first; piled: a query names it anywhere; joins: letters that join
    the words of a compound, None where words are not written together; dropped: endings that its first word may lose;
    elided: what stands before a word without a
    space; small: words that carry nothing; linking: words behind which a title only tells of its thing; denying: those
    before what is not in it; cheap: those that ask for a low price; spelled: the language whose frequencies tell what
    is a word; sizing: words before a size; priced: how prices are said (`prices.py`), by what they say."""

    code: str
    stem: Callable[[str], str]
    leads: bool = False
    piled: bool = False
    joins: tuple[str, ...] | None = None
    dropped: tuple[str, ...] = ()
    elided: frozenset[str] = frozenset()
    small: frozenset[str] = frozenset()
    linking: frozenset[str] = frozenset()
    denying: frozenset[str] = frozenset()
    cheap: frozenset[str] = frozenset()
    spelled: str = "en"
    sizing: frozenset[str] = frozenset(["size"])
    priced: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)


@cache
def tongue(language: str) -> Tongue:
    """A language by its code: "de", "de-AT", "pt_BR"; one that is not known has no particulars."""
    code = re.split(r"[-_]", language.lower())[0]
    code = ALIKE.get(code, code)
    said = known().get(code, {})
    joins = said.get("joined")
    stem = _stemmer(str(said.get("stems", "")), code == "de", _alike(said.get("alike", ())))
    small, linking, denying, cheap, sizing = (
        frozenset(normalise(str(said.get(name, ""))).split())
        for name in ("small", "linking", "denying", "cheap", "sizing")
    )
    cheap = frozenset(word.replace("_", " ") for word in cheap)
    priced = {name: tuple(map(normalise, of)) for name, of in said.get("priced", {}).items()}
    return Tongue(
        code, stem, bool(said.get("leads")), bool(said.get("piled")), None if joins is None else tuple(joins),
        tuple(said.get("dropped", ())), frozenset(said.get("elided", ())),
        small | cheap, linking, denying, cheap, str(said.get("spelled", language)), sizing | {"size"}, priced,
    )  # fmt: skip


@cache
def known() -> Mapping[str, Any]:
    """What tongues.toml says of each language."""
    return tomllib.loads((resources.files("aisle.language") / "tongues.toml").read_text("utf-8"))


def _alike(groups: Iterable[str]) -> Mapping[str, str]:
    """Every spelling → the first of its group."""
    return {other: group.split()[0] for group in groups for other in group.split()[1:]}


def _stemmer(algorithm: str, umlauts: bool, alike: Mapping[str, str]) -> Callable[[str], str]:
    """A word → its stem without accents. Accents go first: most shoppers leave them out, and "jardin" must bend as
    "jardín" does."""

    roots = {_root(algorithm, other): _root(algorithm, one) for other, one in alike.items()}

    @lru_cache(maxsize=1 << 17)
    def stem(word: str) -> str:
        plain = unaccented(word)
        if umlauts:
            plain = UMLAUT.sub(lambda found: BARE[found[0]], plain)
        root = _root(algorithm, plain)
        return roots.get(root, root)

    return stem


def _root(algorithm: str, word: str) -> str:
    return str(next(iter(_analyzer(algorithm).analyze(word)), word))


@cache
def _analyzer(algorithm: str) -> Any:
    """Snowball's, by tantivy, which folds what accents are left."""
    import tantivy

    made = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).filter(tantivy.Filter.ascii_fold())
    return (made.filter(tantivy.Filter.stemmer(algorithm)) if algorithm else made).build()
