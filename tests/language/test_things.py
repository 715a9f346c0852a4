"""What a title is of."""

import pytest

from aisle.language.things import until_thing
from aisle.language.tongue import tongue
from aisle.language.words import words


@pytest.mark.parametrize(("title", "thing"), [
    ("Walnut bed frame 160 cm", "frame"), ("Oak bed 160x200 cm", "bed"), ("Butter salted 250g", "salted"), ("42", "42"),
    ("External drive 2 TB", "drive"), ("Model 61", "model"), ("160 cm", "cm"),
    ("Socks 6 pack", "socks"), ("Ground coffee, 34.5 oz", "coffee"),
    ("Ink cartridge for HP printers", "cartridge"), ("女士运动鞋，黑色", "动鞋"),
    ("HP DeskJet wireless printer with instant ink", "printer"), ("Acme, bed frame", "frame"), ("Lamp (blue)", "blue"),
    ("Desk lamp (blue)", "lamp"), ("Toner TN-660 - two pack", "tn"), ("On air sign", "sign"),
    ("for", "for"),
])  # fmt: skip
def test_the_last_word_before_what_only_tells_of_it(title: str, thing: str) -> None:
    assert words(title)[until_thing(title, tongue("en")) - 1] == thing


def test_of_nothing_there_is_nothing() -> None:
    assert until_thing("", tongue("en")) == until_thing(", (", tongue("en")) == 0
