"""`suggest`: what a shopper may be typing."""

from aisle.errors import InputError
from aisle.language.words import LONGEST
from aisle.wiring.live import Live


def suggest(live: Live, beginning: str, size: int = 8) -> list[str]:
    """Completions of what is being typed: the last word from the shop's vocabulary, what most products hold first."""
    if not isinstance(beginning, str):
        raise InputError("query", beginning, "text")
    speller = live.served().parts.content.speller
    typed = beginning[:LONGEST].lower().split()
    if not typed or beginning.endswith(" "):
        return []
    before, last = typed[:-1], typed[-1]
    return [" ".join([*before, word]) for word in speller.completions(last, size)]
