"""Which words of a query ask for something."""

from collections.abc import Sequence

# asks for nothing by itself, but names a thing with one of these behind it
GIFT = "gift"
NAMED = (
    "card cards bag bags box boxes wrap wrapping paper set sets basket baskets certificate tag tags voucher vouchers"
)
GIFTS = frozenset(NAMED.split())
# before "of": "different styles of bras" are bras
KINDS = frozenset(["style", "styles", "type", "types", "kind", "kinds", "sort", "sorts", "variety", "selection"])
SIZING = frozenset(["size"])  # before one of these it only says what they are
SIZES = frozenset(["xxs", "xs", "s", "m", "l", "xl", "xxl", "xxxl", "small", "medium", "large"])


def asking(words: Sequence[str], small: frozenset[str], sizing: frozenset[str] = SIZING) -> list[bool]:
    """Of every word of a query, does it ask for something: small words do not, but in "a4" there is no article."""
    return [_asks(word, then, small, sizing) for word, then in zip(words, [*words[1:], ""], strict=False)]


def _asks(word: str, then: str, small: frozenset[str], sizing: frozenset[str]) -> bool:
    if then == "of" and word in KINDS:
        return False
    if word in sizing:
        return not (then[:1].isdigit() or then in SIZES)
    return word not in small or (word == "a" and then.isdigit()) or (word == GIFT and then in GIFTS)
