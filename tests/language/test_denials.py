"""Words that a text denies."""

from dataclasses import replace

import pytest

from aisle.language.denials import denied, stems_of
from aisle.language.tongue import tongue


@pytest.mark.parametrize(
    "text, said",
    [
        ("candy bags non chocolate", ["candy", "bags", "non", denied("chocolate")]),
        ("no sugar no salt", ["no", denied("sugar"), "no", denied("salt")]),
        ("no 2 pencil", ["no", "2", "pencil"]),
        ("zero gravity chair free shipping", ["zero", "gravity", "chair", "free", "shipping"]),
        ("non", ["non"]),
        ("", []),
    ],
)  # fmt: skip
def test_a_denied_word_is_another(text: str, said: list[str]) -> None:
    assert stems_of(text.split(), replace(tongue("en"), stem=str)) == said
