"""Which words of a query ask for something."""

from collections.abc import Sequence

# asks for nothing by itself, but names a thing with one of these behind it
GIFT = "gift"
NAMED = (
    "card cards bag bags box boxes wrap wrapping paper set sets basket baskets certificate tag tags voucher vouchers"
)
GIFTS = frozenset(NAMED.split())


def asking(words: Sequence[str], small: frozenset[str]) -> list[bool]:
    """Of every word of a query, does it ask for something: small words do not, but in "a4" there is no article."""
    behind = [*words[1:], ""]
    return [
        word not in small or (word == "a" and then.isdigit()) or (word == GIFT and then in GIFTS)
        for word, then in zip(words, behind, strict=False)
    ]
