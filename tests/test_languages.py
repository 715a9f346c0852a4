"""Text in other languages: tagged titles, Han text, and an encoder that must not read what it does not know."""

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


def test_a_chinese_shop_is_searched_by_words_and_its_text_is_kept_from_an_english_encoder(tmp_path: Path) -> None:
    with opened(tmp_path, '[shop]\nlanguage = "zh"\ncurrency = "CNY"\n') as shop:
        shop.load(products=CHINESE)
        report = shop.train()
        assert "lacks Chinese" in report.skipped["text vectors"]
        assert shop.search("运动鞋").ids == ["shoe"] and shop.search("咖啡").ids == ["cup"]


def test_full_width_and_mixed_case_are_one_word(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "a", "title": "ＩＰＨＯＮＥ case"}, {"id": "b", "title": "Lamp"}])
        shop.train()
        assert shop.search("iPhone").ids == ["a"]
