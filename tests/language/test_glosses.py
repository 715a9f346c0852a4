"""Chinese in English words, as CC-CEDICT has it."""

import pytest

from aisle.language.glosses import available, english

pytestmark = pytest.mark.skipif(not available(), reason="aisle[zh] is not installed")


@pytest.mark.parametrize(
    "text, said",
    [("运动鞋", "sneakers"), ("手机", "phone"), ("保温杯", "insulation cup"), ("钢笔", "pen"), ("红色", "red")],
)
def test_a_word_is_what_the_dictionary_says(text: str, said: str) -> None:
    assert said in english(text)


def test_what_is_not_chinese_stays() -> None:
    assert english("Nike Air 42") == "Nike Air 42" and english("") == ""
    told = english("Nike 运动鞋 42")
    assert told.startswith("nike ") and told.endswith(" 42") and "sneakers" in told


def test_a_particle_says_nothing() -> None:
    assert english("红色的鞋") == english("红色鞋")


def test_a_character_that_no_dictionary_has_is_left_out() -> None:
    assert english("\u3400\u3401") == ""
