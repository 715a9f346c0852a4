"""Public data as they are published, through the public face: each was once read wrongly, or not at all."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from aisle import Shop
from aisle.errors import InputError
from aisle.records.liking import unliked_below
from tests.worlds import BARE, DAY, START, opened

FILMS = [{"id": k, "title": f"Film number {k}", "genres": "Drama|War"} for k in range(20)]


def rated(shop: Shop, scale: int, users: int = 30) -> None:
    """Everybody sees the same two dozen films, which all find good but for the first, the worst of all."""
    ratings = pd.DataFrame(
        [(u, k, 1 if k == 0 else scale - (u + k) % 2, START // 1000 + u * 1000 + k)
         for u in range(users) for k in range(20) if k == 0 or (u * k) % 3],
        columns=["user", "product", "value", "timestamp"],
    )  # fmt: skip
    shop.load(products=FILMS, events=ratings.assign(type="rating"))


@pytest.mark.parametrize("scale", [5, 10, 100])
def test_what_everybody_rated_badly_is_not_popular(tmp_path: Path, scale: int) -> None:
    with opened(tmp_path) as shop:
        rated(shop, scale)
        report = shop.train()
        assert report.figures["ratings"] == {"against_below": {5: 3.0, 10: 5.5, 100: 50.0}[scale], "against": 30}
        assert "0" not in shop.recommend("popular", size=5).ids + shop.recommend("home", size=5).ids
        shop.record([{"type": "rating", "user": f"n{k}", "product": "0", "value": 1} for k in range(60)])
        assert "0" not in shop.recommend("popular", size=5).ids, "nor by what is rated while it serves"
        shop.record({"type": "rating", "user": "n99", "product": "19", "value": 1})
        assert "19" not in shop.recommend("home", user="n99", size=20).ids


def test_ratings_that_nobody_can_read_speak_for_what_they_rate() -> None:
    nobody = float("-inf")
    assert unliked_below(np.zeros(0, np.float32)) == unliked_below(np.array([2, 5], np.float32)) == nobody
    for values, below in {(1, 1, 1): nobody, (1, 2, 2, 1, 1): nobody, (0, 1, 1): 0.5, (-1, 1, 1): 0, (4, 5): 3,
                          (1000, 2000): nobody, (1, 5, 5): 3, (0.5, 4.5, 5): 3, (1, 4, 6, 7): nobody, (1, 2, 3): nobody,
                          (-1, 8, 9, 10): nobody, (1, 6, 10): 5.5}.items():  # fmt: skip
        assert unliked_below(np.array(values * 20, np.float32)) == below


def test_a_json_array_and_python_lines_are_feeds(tmp_path: Path) -> None:
    (tmp_path / "goods.json").write_text(json.dumps(FILMS, indent=1))
    (tmp_path / "log.json").write_text(
        "".join(f"{{'type': 'view', 'user': u'u{k}', 'product': '{k}'}}\n" for k in range(20))
    )
    with opened(tmp_path / "shop") as shop:
        report = shop.load(products=tmp_path / "goods.json", events=tmp_path / "log.json")
        assert (report.accepted, report.quarantined) == (40, 0)


def test_lines_that_share_an_id_are_told_of(tmp_path: Path) -> None:
    lines = [{"id": f"o{o}", "type": "purchase", "user": f"u{o}", "product": k} for o in range(6) for k in range(5)]
    with opened(tmp_path) as shop:
        [note] = shop.load(events=lines).parts[0].notes
        assert "24 rows have the id of another row" in note and "order" in note
        assert not shop.load(events=lines).parts[0].notes, "the same feed again is no mistake"


def test_days_that_are_read_as_seconds_are_told_of(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        numbered = [{"type": "view", "user": "u", "product": k, "timestamp": day} for k, day in ((1, 17), (2, 711))]
        assert "before 1990" in shop.load(events=numbered).parts[0].notes[0]
        dated = [{"type": "view", "user": "u", "product": 3, "timestamp": START + DAY}]
        assert not shop.load(events=dated).parts[0].notes


def test_a_log_of_other_ids_is_told_of_when_it_is_trained_and_measured(tmp_path: Path) -> None:
    goods = [{"id": f"{k:07d}", "title": f"Shirt {k}"} for k in range(20)]  # as H&M's catalogue has them
    events = [
        {"type": "purchase", "user": f"u{k % 9}", "product": k % 20, "timestamp": START + k * DAY} for k in range(99)
    ]
    with opened(tmp_path, BARE) as shop:
        shop.load(products=goods, events=events)
        told = shop.train().skipped["events of products that no feed has"]
        assert told == "99, one of '0'; the catalogue has '0000000'"
        with pytest.raises(InputError, match="no feed has"):
            shop.evaluate()


def test_nothing_that_can_be_read_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        rows: list[dict[str, Any]] = [{"type": "clicks", "user": 1, "product": 2}]
        [part] = shop.load(events=rows).parts
        assert part.notes == ("nothing of it could be read",) and part.faults[0].field == "type"
