"""What a candidate has in common with what a request stands on."""

import numpy as np

from aisle.catalogue.levels import Levels
from aisle.features.beside import Beside
from aisle.records.history import Ints
from aisle.records.request import Context, Request

CODES = np.array([[0, 0], [0, 1], [1, -1], [1, 1]], np.int32)  # category, brand
PRICE = np.log1p(np.array([9.0, 99.0, np.nan, 19.0], np.float32))


def said(*anchors: int) -> dict[str, list[float]]:
    feature = Beside(PRICE, Levels(CODES, ("category_1", "brand")))
    held: Ints = np.array(anchors, np.int32)
    values = feature.values(Context(Request(), "basket", 0, anchors=held), np.arange(4, dtype=np.int32))
    assert values.dtype == np.float32 and values.shape == (4, len(feature.names))
    return dict(zip(feature.names, values.T.tolist(), strict=True))


def test_shares_of_the_anchors_are_of_the_products_own_levels() -> None:
    told = said(0, 1, 3)
    assert told["anchors"] == [3] * 4
    assert np.allclose(told["beside_category_1"], [2 / 3, 2 / 3, 1 / 3, 1 / 3])
    assert np.allclose(told["beside_brand"], [1 / 3, 2 / 3, np.nan, 2 / 3], equal_nan=True)


def test_a_price_is_dearer_than_the_mean_of_those_that_are_known() -> None:
    assert np.allclose(said(0, 2)["dearer"], PRICE - PRICE[0], equal_nan=True)
    assert np.isnan(said(2)["dearer"]).all()


def test_without_anchors_nothing_is_known() -> None:
    assert all(np.isnan(column).all() for column in said().values())
