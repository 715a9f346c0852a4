"""What a query says beside words to look for: a price, and what is not wanted.

What is not wanted is what follows "without" and its like: "no show" and "no iron" are names of things, "do not disturb"
and "forget me not" are, too, and so is "sans fil" where titles say it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from aisle.language.glosses import available, segmenter
from aisle.language.numerals import in_digits
from aisle.language.prices import prices
from aisle.language.thesaurus import FILLERS
from aisle.language.tongue import Tongue, tongue
from aisle.language.words import LONGEST, is_han, normalise, unaccented, words

BEFORE = (
    "do", "does", "did", "is", "are", "was", "am", "me", "or", "why", "can", "to", "if", "i'm", "shall", "shalt",
    "will", "would", "should", "could", "has", "have", "had",
)  # fmt: skip
LETTER = r"[^\W\d_\u3400-\u9fff]"
NAMES = "".join(rf"(?<!\b{word} )" for word in BEFORE)
NOT = re.compile(
    rf"(?:\b(?:without|except(?: for)?|excluding|but not)|(?<=\w ){NAMES}\bnot)"
    rf"\s+({LETTER}(?:{LETTER}|[' ,-])*?)(?=$|\b(?:for|with|in|under|over|below|not|except|size)\b|\s\d)"
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
HOW = (
    "so sehr ganz zu allzu trop très aussi si muy tan molto troppo così muito tão heel erg te zo så för for bardzo zbyt"
)
DEGREES = frozenset([*HOW.split(), "tak", "очень", "слишком", "так"])  # before what a thing is like, not what it is
LONGEST_THING, BEHIND = 3, 2  # words of a denied thing that titles say; of "huile de palme" the last
MOST_WISHES = 4  # things that are not wanted; a query that names more is left as it is


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is left to look for; prices in major units, None where nothing was said; things that are not wanted."""

    text: str
    low: float | None = None
    high: float | None = None
    without: tuple[str, ...] = ()


def wishes(query: str, language: str = "en", says: Callable[[str], bool] = lambda text: False) -> Wishes:
    """A query in its parts; one that would leave nothing to look for is left as it is. language: the shop's, by its
    code; says: do titles say a text, which then is the name of something ("sans fil")."""
    text, low, high = prices(language).read(in_digits(normalise(query)[:LONGEST]))
    without: list[str] = []
    for found in NOT.finditer(text):
        said, rest = _until_colour(next(filter(None, found.groups())))
        if found[6] and available():  # what stands behind it has no sign of its own: 不含糖可乐
            said, *more = segmenter().lcut(said)
            rest = "".join(more)
        without += _things(said)
        text = re.sub(rf"{re.escape(found[0])}的?", f" {rest} ", text)
    text, denied, spoken = " ".join(text.split()), denials(language), tongue(language)
    for found in denied.finditer(text) if denied is not None else ():
        things, rest = _denied(found, spoken, says)
        without += things
        text = text.replace(found[0], rest, 1)
    text = " ".join(text.split())
    told = (low, high) != (None, None) or without
    if not told or len(without) > MOST_WISHES or not re.search(r"\w", text):
        return Wishes(query)
    return Wishes(text, low, high, tuple(without))


@cache
def denials(language: str) -> re.Pattern[str] | None:
    """What is not wanted, in a language beside English and Chinese: what stands behind "ohne" until the query goes on
    ("für", "unter"), with the word that denies it; None where nothing is known of it, or it denies behind the word."""
    spoken = tongue(language)
    if spoken.code == "en" or not spoken.priced:
        return None
    deny, stops = ("|".join(map(re.escape, sorted(some))) for some in (spoken.denying, _stops(spoken)))
    return re.compile(rf"(?<=[\w,] )({deny})\s+({LETTER}(?:{LETTER}|[' ,-])*?)(?=$|\.|\s(?:{stops})\b|\s\d)")


def _stops(spoken: Tongue) -> frozenset[str]:
    """Words behind which a query goes on: not what joins two things, nor what a thing is made of ("huile de palme")."""
    joining = {word for name in ("both", "of") for word in spoken.priced.get(name, ())}
    return (spoken.linking | spoken.denying | spoken.sizing | {"for", "with"}) - joining


def _denied(found: re.Match[str], spoken: Tongue, says: Callable[[str], bool]) -> tuple[list[str], str]:
    """What a denial denies, and what is left of it. Of "ohne kapuze schwarz" the first word is denied, or as many as
    titles say together; a name ("sans fil") and what asks for a low price ("pas cher") stay as they are."""
    whole, plain = found[0], unaccented(found[0])
    if any(plain.startswith(unaccented(word)) for word in spoken.cheap if " " in word):
        return [], whole
    both, of = (spoken.priced.get(name, ()) for name in ("both", "of"))
    articles = "|".join(map(re.escape, sorted(spoken.elided))) or "(?!)"
    bare = re.sub(rf"\b(?:{articles})'", "", found[2])
    things, rest = list[str](), list[str]()
    joined = rf"\s(?:{'|'.join(map(re.escape, both))})\s"
    parts = re.split(rf",|{joined}", bare) if re.search(joined, bare) else [bare.partition(",")[0]]
    rest.append(bare[len(parts[0]) :].lstrip(",") if len(parts) == 1 else "")
    if not (first := parts[0].split()[:1]) or first[0] in DEGREES:  # "nicht so eng" denies no thing
        return [], whole
    for part in parts:
        said = [word for word in part.split() if word not in spoken.small or word in of]
        if not said:
            continue
        if not things and says(f"{found[1]} {said[0]}"):
            return [], whole
        many = next((n for n in range(min(len(said), LONGEST_THING), 1, -1) if says(" ".join(said[:n]))), 1)
        if many == 1 and len(said) > BEHIND and said[1] in of:
            many = BEHIND + 1
        things.append(" ".join(word for word in words(" ".join(said[:many])) if word not in spoken.small))
        rest.insert(-1, " ".join(said[many:]))
    return [thing for thing in things if thing], " ".join(filter(None, rest))


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
