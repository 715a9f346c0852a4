"""Digests by which a text is known again: the same on every machine, and in every process. No secrets."""

from hashlib import blake2b


def digest(text: str, size: int = 8) -> bytes:
    """`size` bytes of a text; what is no character (half of a pair of surrogates) counts as "?"."""
    return blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()


def number(text: str, size: int = 8) -> int:
    """A text as a number of 8 * size - 1 bits, which fits a signed integer of `size` bytes."""
    return int.from_bytes(digest(text, size)) >> 1
