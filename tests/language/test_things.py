"""What a title is of."""

import pytest

from aisle.language.things import until_thing
from aisle.language.words import words


@pytest.mark.parametrize(("title", "thing"), [
    ("Walnut bed frame 160 cm", "cm"), ("Ground coffee, 34.5 oz", "coffee"),
    ("Ink cartridge for HP printers", "cartridge"), ("女士运动鞋，黑色", "动鞋"),
    ("HP DeskJet wireless printer with instant ink", "printer"), ("Acme, bed frame", "frame"), ("Lamp (blue)", "blue"),
    ("Desk lamp (blue)", "lamp"), ("Toner TN-660 - two pack", "660"), ("On air sign", "sign"),
    ("for", "for"),
])  # fmt: skip
def test_the_last_word_before_what_only_tells_of_it(title: str, thing: str) -> None:
    assert words(title)[until_thing(title) - 1] == thing


def test_of_nothing_there_is_nothing() -> None:
    assert until_thing("") == until_thing(", (") == 0
