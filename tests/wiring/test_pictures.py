"""Pictures of products, from a folder beside the shop to the product page."""

import io
import sys
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from aisle.wiring import pictures
from aisle.wiring.pictures import Pictures
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


def test_of_files_of_one_name_the_one_whose_path_fits_is_taken_and_none_where_two_do(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    for name, colour in (("x/A/main.jpg", RED), ("x/B/main.jpg", BLUE), ("z/7.png", RED), ("7.png", BLUE),
                         ("caf\u00e9 #1.jpg", RED), ("50%25.jpg", BLUE)):  # fmt: skip
        paint(folder / name, colour)
    goods = [
        {"id": "a", "title": "Vase", "image": "https://cdn.example/x/A/main.jpg"},
        {"id": "b", "title": "Bowl", "image": "x/B/main.jpg"},
        {"id": "c", "title": "Plate", "image": "main.jpg"},
        {"id": "7", "title": "Cup"},
        {"id": "d", "title": "Jug", "image": " img/Cafe\u0301 #1.JPG "},
        {"id": "e", "title": "Tray", "image": "50%25.jpg"},
    ]
    (tmp_path / "shop.toml").write_text(SETTINGS)
    with Shop(tmp_path) as shop:
        shop.load(products=goods)
        report = shop.train()
        catalogue = shop._live.served().generation.catalogue
        mine = Pictures.of(catalogue, folder)
        found = {catalogue.groups[row]: path for row, path in zip(mine.rows, mine.files, strict=True)}
        assert found == {"a": folder / "x/A/main.jpg", "b": folder / "x/B/main.jpg", "7": folder / "7.png",
                         "d": folder / "caf\u00e9 #1.jpg", "e": folder / "50%25.jpg"}  # fmt: skip
        assert report.skipped["ambiguous pictures"] == "several files have the name main.jpg"


def test_what_could_not_be_read_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop_of(tmp_path) as shop:
        with monkeypatch.context() as broken:
            broken.setattr(pictures, "_bytes", lambda path: b"")
            assert shop.train().skipped["unreadable pictures"].startswith("4 of 4")
        assert "pictures of 4 of 5 rows" in shop.train().fitted


def test_without_the_extra_what_was_read_before_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with shop_of(tmp_path) as shop:
        shop.train()
        paint(tmp_path / "pictures" / "e.gif", RED)
        monkeypatch.setitem(sys.modules, "efficientnet_lite_pytorch", None)
        report = shop.train()
        assert "aisle[pictures]" in report.skipped["new pictures"] and "pictures of 4 of 5 rows" in report.fitted
        assert shop.recommend("product", anchor="a", size=1).ids == ["d-small"]


def test_a_history_is_not_told_pictures_where_no_text_is_read(tmp_path: Path) -> None:
    with shop_of(tmp_path) as shop:
        shop.train()
        shop.record([{"id": "1", "type": "view", "user": "u", "product": "a"}])
        told = {reason.source for one in shop.recommend("home", user="u") for reason in one.reasons}
        assert "similar" not in told
