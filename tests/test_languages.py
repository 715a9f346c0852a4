"""Text in other languages: tagged titles, Han text, and an encoder that must not read what it does not know."""

import json
import subprocess
import sys
from pathlib import Path

from tests.worlds import opened

CHINESE = [
    {"id": "shoe", "title": "运动鞋 男款", "category": "鞋 > 运动"},
    {"id": "lamp", "title": "床头灯", "category": "灯具"},
    {"id": "cup", "title": "咖啡杯", "category": "厨房"},
]


def test_a_title_tagged_by_language_is_found_in_that_language(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "a", "title": "Running shoes", "title@zh": "运动鞋", "title@de": "Laufschuhe"},
                            {"id": "b", "title": "Bedside lamp"}])  # fmt: skip
        shop.train()
        assert shop.search("运动鞋").ids == ["a"] and shop.search("laufschuhe").ids == ["a"]
        assert shop.search("running").placements[0].title == "Running shoes"


CHINA = '[shop]\nlanguage = "zh"\ncurrency = "CNY"\n'


def test_without_a_dictionary_chinese_is_searched_by_words_and_kept_from_an_english_encoder(tmp_path: Path) -> None:
    """In a process that cannot import the dictionary, as where `aisle[zh]` is not installed."""
    code = (
        "import sys, importlib.util as u; find = u.find_spec; sys.modules['jieba'] = None; "
        "u.find_spec = lambda name, *a: None if name == 'jieba' else find(name, *a)\n"
        "import json, aisle; shop = aisle.Shop(sys.argv[1]); shop.load(products=json.loads(sys.argv[2])); "
        "told = shop.train().skipped['text vectors']; print(told, shop.search('运动鞋').ids, shop.search('咖啡').ids)"
    )
    (tmp_path / "shop.toml").write_text(CHINA)
    asked = [sys.executable, "-c", code, str(tmp_path), json.dumps(CHINESE)]
    told = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert "lacks Chinese" in told and "aisle[zh]" in told and "['shoe'] ['cup']" in told


def test_a_chinese_shop_is_searched_in_english_and_an_english_one_in_chinese(tmp_path: Path) -> None:
    with opened(tmp_path / "zh", CHINA) as shop:
        shop.load(products=CHINESE)
        assert "text vectors" not in shop.train().skipped
        assert [shop.search(query).ids[0] for query in ("sneakers", "bedside lamp", "coffee mug")] == [
            "shoe", "lamp", "cup"]  # fmt: skip
        assert shop.search("运动鞋").ids[0] == "shoe"
    with opened(tmp_path / "en") as shop:
        shop.load(products=[{"id": "shoe", "title": "Sneakers"}, {"id": "lamp", "title": "Bedside lamp"},
                            {"id": "cup", "title": "Coffee mug"}])  # fmt: skip
        shop.train()
        assert [shop.search(query).ids[0] for query in ("运动鞋", "床头灯", "咖啡杯")] == ["shoe", "lamp", "cup"]


def test_full_width_and_mixed_case_are_one_word(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "a", "title": "ＩＰＨＯＮＥ case"}, {"id": "b", "title": "Lamp"}])
        shop.train()
        assert shop.search("iPhone").ids == ["a"]
