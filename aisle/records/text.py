"""What text is: characters, none of them half of one."""


def halved(text: str) -> bool:
    """Does a text hold half a character (a lone surrogate), which JSON can say and no log can store?"""
    return not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text)
