"""What is looked for where no product says it."""

from pathlib import Path

from aisle.language.thesaurus import shipped_kinds
from tests.worlds import opened

COOKWARE = [f"{size} in cookware" for size in (8, 10, 12)]


def shown(folder: Path, titles: list[str], query: str) -> list[str]:
    with opened(folder) as shop:
        shop.load(products=[{"id": title, "title": title} for title in titles])
        shop.train()
        return list(shop.search(query, size=len(titles)).ids)


def test_a_thing_that_nobody_sells_by_its_name_is_found_by_its_kind(tmp_path: Path) -> None:
    for name in ("saucepan", "saucepans", "frying pan"):
        assert set(shown(tmp_path / name, [*COOKWARE, "Oat milk"], name)) == set(COOKWARE)


def test_where_the_thing_is_sold_by_any_name_its_kind_is_not_asked(tmp_path: Path) -> None:
    assert shown(tmp_path, [*COOKWARE, "Steel skillet"], "frying pan") == ["Steel skillet"]


def test_more_than_the_name_of_a_thing_is_no_kind_of_it(tmp_path: Path) -> None:
    assert "8 in cookware" not in shown(tmp_path, [*COOKWARE, "Saucepan rack"], "saucepan with a lid rack")


def test_every_line_of_the_book_leads_to_other_words() -> None:
    [(_, text)] = shipped_kinds("en")
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) > 5000 and len({thing for thing, _ in lines}) == len(lines)
    assert all(0 < len(thing.split()) <= 4 and thing not in kinds.split("; ") for thing, kinds in lines)
