"""Pictures of products, from a folder beside the shop to the product page."""

import io
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from tests.worlds import BARE, PATIENT

Image = pytest.importorskip("PIL.Image", reason="pillow is not installed")
pytest.importorskip("efficientnet_lite_pytorch", reason="aisle[pictures] is not installed")

SETTINGS = BARE + 'pictures = "pictures"\n' + PATIENT
RED, BLUE = (200, 30, 30), (30, 30, 200)
GOODS: list[dict[str, Any]] = [
    {"id": "a", "title": "Vase", "image": "https://cdn.example/img/a%20red.png?width=800"},
    {"id": "b", "title": "Bowl"},
    {"id": "c", "title": "Plate", "image": "C:\\feed\\c.PNG"},
    {"id": "d-small", "group": "d", "title": "Cup"},
    {"id": "e", "title": "Jug", "image": "http://[cdn/e.png"},
]  # fmt: skip
FILES = {"a red.png": RED, "b.jpg": BLUE, "c.PNG": BLUE, "deep/d.png": RED}  # of e there is none


def paint(path: Path, colour: tuple[int, int, int]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", (60, 80), "white")
    picture.paste(Image.new("RGB", (30, 40), colour), (15, 20))
    picture.save(path)


def shop_of(folder: Path, settings: str = SETTINGS) -> Shop:
    for name, colour in FILES.items():
        paint(folder / "pictures" / name, colour)
    (folder / "pictures" / "e.png").mkdir()
    (folder / "pictures" / "e.jpg").symlink_to(folder / "nowhere.jpg")
    (folder / "shop.toml").write_text(settings)
    shop = Shop(folder)
    shop.load(products=GOODS)
    return shop


def test_beside_a_product_stands_what_looks_like_it(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        report = shop.train()
        assert "pictures of 4 of 5 rows" in report.fitted and "pictures" in report.seconds
        assert "unreadable pictures" not in report.skipped
        for anchor, alike in (("a", "d-small"), ("d-small", "a"), ("b", "c"), ("c", "b")):
            slate = shop.recommend("product", anchor=anchor, size=1)
            assert slate.ids == [alike], "by an image's last part, an id, or a group"
            title = next(one["title"] for one in GOODS if one["id"] == anchor)
            assert slate.placements[0].reasons[0].text == f"similar to {title}"
    with Shop(tmp_path) as again:  # as a generation is opened
        assert again.recommend("product", anchor="a", size=1).ids == ["d-small"]


def test_a_picture_is_read_once_and_one_that_changed_is_read_again(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        assert shop.train().figures["forecast"]["pictures"] > 0
        assert shop.train().figures["forecast"]["pictures"] == 0
        paint(tmp_path / "pictures" / "deep" / "d.png", BLUE)
        assert shop.train().figures["forecast"]["pictures"] > 0
        assert "d-small" in shop.recommend("product", anchor="b", size=2).ids


def test_what_is_missing_or_unreadable_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        (tmp_path / "pictures" / "b.jpg").write_bytes(b"<html>404</html>")
        report = shop.train()
        assert report.skipped["unreadable pictures"] == "1 of 4: b.jpg"
        assert "pictures of 3 of 5 rows" in report.fitted
        for name in FILES:
            (tmp_path / "pictures" / name).unlink()
        assert "no file in" in shop.train().skipped["pictures"]
    (tmp_path / "shop.toml").write_text(SETTINGS.replace('"pictures"', '"elsewhere"'))
    with Shop(tmp_path) as shop:
        assert "there is no folder" in shop.train().skipped["pictures"]
        assert len(shop.recommend("product", anchor="a", size=4)) == 4


def test_without_the_setting_no_picture_is_opened(tmp_path: Path) -> None:
    with shop_of(tmp_path, BARE + PATIENT) as shop:
        report = shop.train()
        assert not any("picture" in told for told in [*report.fitted, *report.skipped])


def test_all_pictures_unreadable(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        for name in FILES:
            (tmp_path / "pictures" / name).write_bytes(io.BytesIO(b"nothing").getvalue())
        report = shop.train()
        assert report.skipped["unreadable pictures"].startswith("4 of 4: ")
        assert len(shop.recommend("product", anchor="a", size=4)) == 4
