"""A text that was written for a page as a shopper reads it: feeds carry entities ("Rock &amp; Roll") and tags."""

import html
import re
from html.entities import html5
from html.parser import HTMLParser

TAG = re.compile(r"<(/?[a-zA-Z][a-zA-Z0-9]*)(\s[^<>]*)?/?>|<!--")
ENTITY = re.compile(r"&(#\d+|#[xX][0-9a-fA-F]+|\w+);")
UNREAD = frozenset({"script", "style", "template"})  # what lies in these nobody reads
INLINE = frozenset(
    {"a", "abbr", "b", "big", "em", "font", "i", "mark", "s", "small", "span", "strong", "sub", "sup", "u"}
)


class _Reader(HTMLParser):
    """Collects what is read; a tag that begins a line or a cell parts words."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unread += tag in UNREAD
        self.said.append("" if tag in INLINE else " ")

    def handle_endtag(self, tag: str) -> None:
        self._unread = max(self._unread - (tag in UNREAD), 0)
        self.said.append("" if tag in INLINE else " ")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)


def read(text: str) -> str:
    """The text without tags, its entities as the characters that they stand for; one without either is returned as it
    is. Entities that were escaped twice are read, too: feeds are often exports of exports."""
    if "&" not in text and "<" not in text:
        return text
    if TAG.search(text):
        reader = _Reader()
        reader.feed(text.replace("&", "&amp;"))  # entities are read below
        reader.close()
        text = " ".join("".join(reader.said).split())
    for _ in range(2):
        if ENTITY.search(text):
            text = ENTITY.sub(_character, text)
    return text


def _character(found: re.Match[str]) -> str:
    """What an entity stands for; a name that is none stays ("&nothing;", which begins with one)."""
    named = found[1].startswith("#") or f"{found[1]};" in html5
    return html.unescape(found[0]).replace("\xa0", " ") if named else found[0]
