"""What text is: characters, none of them half of one; and ids, which are text however they come."""

from typing import Any


def halved(text: str) -> bool:
    """Does a text hold half a character (a lone surrogate), which JSON can say and no log can store?"""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)


def as_text(value: Any) -> str:
    """Ids and words are opaque text: 7 becomes "7", and so does 7.0, as DataFrames spell it beside a gap; bytes are
    UTF-8. Raises ValueError, which says what was expected, for what is no text."""
    if isinstance(value, str):
        text = value if type(value) is str else str.__str__(value)  # of an Enum its value
    elif value is None or isinstance(value, bool | list | tuple | dict | set | frozenset):
        raise ValueError("text")
    elif isinstance(value, float) and value.is_integer():
        text = str(int(value))
    elif isinstance(value, bytes):
        try:
            text = value.decode()
        except UnicodeDecodeError:
            raise ValueError("text in UTF-8") from None
    else:
        try:
            text = str(value)
        except ValueError:  # an integer of thousands of digits
            raise ValueError("text") from None
    if halved(text):
        raise ValueError("text in Unicode, without half characters")
    return text
