"""A text that was written for a page as a shopper reads it: feeds carry entities ("Rock &amp; Roll") and tags."""

import html
import re
from html.entities import html5
from html.parser import HTMLParser

UNREAD = frozenset({"script", "style", "template"})  # what lies in these nobody reads
INLINE = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins",
    "kbd", "mark", "q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var",
    "wbr",
})  # fmt: skip
BLOCK = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "button", "caption", "center", "col",
    "colgroup", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "footer", "form", "h1", "h2",
    "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe", "img", "input", "label", "li", "link",
    "main", "meta", "nav", "noscript", "object", "ol", "option", "p", "picture", "pre", "section", "select",
    "source", "summary", "svg", "table", "tbody", "td", "textarea", "tfoot", "th", "thead", "title", "tr",
    "ul", "video",
})  # fmt: skip
TAGS = INLINE | BLOCK | UNREAD
# that a text was written for a page shows in what ends a tag, breaks a line or begins a block: "Shirt <S>" is a size
PAGE = re.compile(
    rf"</(?:{'|'.join(sorted(TAGS))})\s*>|<(?:{'|'.join(sorted(BLOCK | UNREAD))})(?:\s[^<>]*)?/?>|<!--", re.I
)
ENTITY = re.compile(r"&(#\d+|#[xX][0-9a-fA-F]+|\w+);")


class _Reader(HTMLParser):
    """Collects what is read; a tag that begins a line or a cell parts words, and what is no tag ("<B12>") is text."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self._unread += tag in UNREAD
        self.said.append(self._parting(tag) if tag in TAGS else self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._unread = max(self._unread - (tag in UNREAD), 0)
        self.said.append(self._parting(tag) if tag in TAGS else f"</{tag}>")

    def _parting(self, tag: str) -> str:
        return "" if tag in INLINE else " "

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)


def read(text: str) -> str:
    """The text without tags, its entities as the characters that they stand for; one without either is returned as it
    is. Entities that were escaped twice are read, too: feeds are often exports of exports."""
    if "&" not in text and "<" not in text:
        return text
    if PAGE.search(text):
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
