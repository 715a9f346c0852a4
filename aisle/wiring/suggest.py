"""`suggest`: what a shopper may be typing."""

from itertools import islice

from aisle.errors import InputError
from aisle.language.words import LONGEST, normalise, words
from aisle.wiring.asked import whole
from aisle.wiring.live import Live

TRIED = 4  # words that may end it, for each suggestion


def suggest(live: Live, beginning: str, size: int = 8) -> list[str]:
    """Completions of what is being typed: the shop's phrases, then its words; of a misspelt one what it may mean."""
    if not isinstance(beginning, str):
        raise InputError("query", beginning, "text")
    size = whole("size", size, 0, live.settings.serve.largest)
    served = live.served()
    content, typed = served.parts.content, normalise(beginning[:LONGEST])
    if not typed:
        return []
    permitted = served.overlay.permitted("")
    rows = None if permitted.all() else content.catalogue.any_unit(permitted)

    def named(phrase: str) -> bool:  # what is hidden or withheld is not named either
        held = () if rows is None else content.relevance.about.holding(words(phrase))
        return rows is None or not len(held) or bool(rows[held].any())

    found = [phrase for phrase in content.phrases.completions(typed, TRIED * size) if named(phrase)][:size]
    *before, last = typed.split(" ")
    if len(found) < size and not beginning.endswith(" "):
        ends = content.speller.completions(last, TRIED * size)
        if content.speller.tongue.elided:  # "dété" is no word: it is "d'été"
            ends = [word for word in ends if not content.speller.compounds.parts(word)]
        ended = (" ".join([*before, word]) for word in ends)
        some = (phrase for phrase in ended if len(content.relevance.about.holding(words(phrase))))  # a product is so
        found += islice(filter(named, some if before else ended), size - len(found))
    if not found and (reading := content.reader.read(typed)).corrections:
        found = list(filter(named, [*content.phrases.completions(reading.corrected, size), reading.corrected]))
    twice = {phrase.replace("'", "") for phrase in found if "'" in phrase} | {typed}
    return [phrase for phrase in dict.fromkeys(found) if phrase not in twice][:size]
