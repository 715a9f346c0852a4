"""The public face, end to end, on shops whose right answer is obvious."""

from pathlib import Path

import numpy as np
import pytest

from aisle import Shop
from aisle.errors import InputError, NotTrainedError
from tests.worlds import BARE, PRODUCTS, checkerboard, opened


def test_a_query_finds_the_product_it_names(text_shop: Shop) -> None:
    slate = text_shop.search("walnut bed")
    assert slate.ids[:2] == ["bed-walnut", "bed-oak"]
    assert slate.placements[0].price == 49900 and slate.placements[0].currency == "USD"


def test_a_query_finds_what_it_means_in_other_words(text_shop: Shop) -> None:
    assert set(text_shop.search("footwear for jogging", size=2).ids) == {"shoes", "sneakers"}


def test_a_misspelt_query_is_corrected_and_says_so(text_shop: Shop) -> None:
    slate = text_shop.search("sneekers")
    assert slate.ids[0] == "sneakers" and slate.query == "sneakers"
    assert slate.notes == ("read 'sneekers' as 'sneakers'",)


def test_the_beginning_of_a_word_is_completed(text_shop: Shop) -> None:
    assert text_shop.search("espr").ids[0] == "cups"
    assert text_shop.suggest("wal") == ["walnut"] and text_shop.suggest("oak b")[:1] == ["oak bed"]


def test_every_placement_says_why(text_shop: Shop) -> None:
    for placement in text_shop.search("bed"):
        assert placement.reasons and all(reason.text for reason in placement.reasons)


def test_filters_hold_and_facets_count_what_was_found(text_shop: Shop) -> None:
    slate = text_shop.search("bed", filters={"brand": ["Acme"], "price": {"lte": 100}})
    assert slate.ids == ["sheets"] and slate.facets["brand"] == {"Acme": 1} and slate.total == 1


def test_sorting_by_price_rises_or_falls(text_shop: Shop) -> None:
    found = text_shop.search("bed", sort="price")
    prices = [p.price or 0 for p in found if not p.near]
    assert prices == sorted(prices) and len(prices) == found.total
    assert text_shop.search("bed", sort="-price").ids[0] == "bed-walnut"


def test_what_only_comes_near_stands_behind_and_is_not_counted(text_shop: Shop) -> None:
    found = text_shop.search("bed", sort="price", size=8)
    near = [p.near for p in found]
    assert near == sorted(near) and 0 < near.count(False) == found.total < len(found)  # nothing else is a bed
    assert all("bed" in f"{p.title} {p.category}".lower() for p in found if not p.near)
    assert sum(found.facets["category"].values()) == found.total
    assert not any(p.near for p in text_shop.recommend("home", size=8))
    short = text_shop.search("bed", size=1)
    assert text_shop.explain(short, found.ids[-1]).verdict.endswith("only comes near what was searched for")
    assert "near" not in text_shop.explain(short, found.ids[1]).verdict


def test_pages_neither_repeat_nor_lose_a_product(text_shop: Shop) -> None:
    whole = text_shop.search("bed", size=8)
    found, cursor = [], None
    while True:
        page = text_shop.search("bed", size=3, cursor=cursor)
        found += page.ids
        if (cursor := page.cursor) is None:
            break
    assert found == whole.ids and [p.position for p in whole] == list(range(8))


def test_similar_products_stand_on_the_product_page(text_shop: Shop) -> None:
    assert text_shop.recommend("product", anchor=["shoes"], size=1).ids == ["sneakers"]
    assert "shoes" not in text_shop.recommend("product", anchor="shoes").ids


def test_rank_is_a_permutation_with_unknown_products_last(text_shop: Shop) -> None:
    slate = text_shop.rank(["cups", "nowhere", "lamp", "bed-walnut"], query="walnut bed")
    assert sorted(slate.ids) == ["bed-walnut", "cups", "lamp", "nowhere"]
    assert slate.ids[0] == "bed-walnut" and slate.ids[-1] == "nowhere"
    assert slate.removed[0].why == "not in the catalogue"


def test_relevance_is_higher_for_what_answers_the_query(text_shop: Shop) -> None:
    scores = text_shop.relevance([("walnut bed", "bed-walnut"), ("walnut bed", "cups"), ("walnut bed", "nowhere")])
    assert scores.dtype == np.float32 and scores.shape == (3,)
    assert scores[0] > scores[1] > scores[2] == -1
    assert text_shop.relevance([]).shape == (0,)


def test_the_checkerboard_answer_is_the_withheld_product(board_shop: Shop) -> None:
    for user in range(0, 20):
        slate = board_shop.recommend("home", user=f"u{user:02d}", size=1, repeat="exclude")
        assert slate.ids == [f"p{user:02d}"], user


def test_where_nobody_buys_twice_repeats_are_excluded_by_themselves(board_shop: Shop) -> None:
    bought = {f"p{p:02d}" for p in range(0, 20, 2)} - {"p04"}
    assert bought.isdisjoint(board_shop.recommend("home", user="u04").ids)
    assert bought & set(board_shop.recommend("home", user="u04", repeat="allow").ids)


def test_milk_comes_back(grocer_shop: Shop) -> None:
    slate = grocer_shop.recommend("home", user="u3")
    assert slate.ids[0] == "g000"
    assert "you bought it 26 times" in " ".join(reason.text for reason in slate.placements[0].reasons)


def test_a_purchase_probability_is_one(grocer_shop: Shop) -> None:
    for placement in grocer_shop.recommend("home", user="u3"):
        assert 0 <= placement.columns["purchase"] <= 1


def test_a_guest_is_shown_what_is_popular(grocer_shop: Shop) -> None:
    assert grocer_shop.recommend("home").ids[0] == "g000"


def test_trees_are_chosen_where_they_rank_better_and_fusion_is_said_where_data_are_thin(
    grocer_shop: Shop, text_shop: Shop
) -> None:
    facts = grocer_shop._live.served().parts.facts
    assert any("boosted trees" in str(what) for what in facts["fitted"]) or "ranker" in facts["skipped"]
    assert "too few shoppers" in text_shop._live.served().parts.facts["skipped"]["ranker"]


def test_evaluation_stands_beside_its_baselines(grocer_shop: Shop) -> None:
    table = grocer_shop.evaluate()
    models = {m.model for m in table.measurements}
    assert {"aisle", "popularity", "own frequency"} <= models
    assert table.value("aisle", "ndcg@10") > table.value("popularity", "ndcg@10")
    for m in table.measurements:
        assert m.metric in ("coverage@10", "gini@10") or m.low <= m.value <= m.high


def test_explanations_of_what_is_and_what_is_not_on_a_slate(grocer_shop: Shop) -> None:
    slate = grocer_shop.recommend("home", user="u3", size=3)
    shown = grocer_shop.explain(slate, slate.ids[0])
    assert shown.shown and shown.position == 0 and shown.rank == 1 and shown.contributions
    behind = next(p for p in (f"g{k:03d}" for k in range(110)) if p not in slate.ids)
    assert not grocer_shop.explain(slate, behind).shown and grocer_shop.explain(slate, behind).verdict
    assert "not in the catalogue" in grocer_shop.explain(slate, "nowhere").verdict


def test_an_explanation_names_the_filter_the_stock_or_the_repeat_policy(tmp_path: Path) -> None:
    products, events = checkerboard()
    products[3] = {**products[3], "available": "false"}
    products[5] = {**products[5], "hidden": True}
    with opened(tmp_path) as shop:
        shop.load(products=products, events=events)
        shop.train()
        slate = shop.recommend("home", user="u01", filters={"id": ["p07", "p01", "p09"]})
        assert shop.explain(slate, "p03").verdict == "it is out of stock"
        assert shop.explain(slate, "p05").verdict == "it is hidden"
        assert "excludes repeats" in shop.explain(slate, "p07").verdict
        assert "does not pass the filters" in shop.explain(slate, "p02").verdict


def test_what_is_recorded_is_known_to_the_next_request(tmp_path: Path) -> None:
    products, events = checkerboard()
    with opened(tmp_path) as shop:
        shop.load(products=products, events=events)
        shop.train()
        before = shop.recommend("home", user="new", repeat="exclude").ids
        event = {"id": "e1", "type": "purchase", "user": "new", "product": before[0]}
        assert shop.record(event) == 1 and shop.record(event) == 0
        assert before[0] not in shop.recommend("home", user="new", repeat="exclude").ids


def test_another_open_shop_sees_new_events_and_new_generations(tmp_path: Path) -> None:
    products, events = checkerboard()
    with opened(tmp_path) as one, Shop(tmp_path) as two:
        one.load(products=products, events=events)
        first = one.train().generation
        assert two.recommend("home", user="u01").generation == first
        one.record({"id": "x", "type": "purchase", "user": "guest", "product": "p01"})
        assert "p01" not in two.recommend("home", user="guest", repeat="exclude").ids
        second = one.train().generation
        assert two.recommend("home", user="u01").generation == second != first


def test_price_and_stock_change_at_once_without_training(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        lamp = next(p for p in PRODUCTS if p["id"] == "lamp")
        shop.load(products=[{**lamp, "price": "9.99"}])
        assert shop.search("lamp").placements[0].price == 999
        shop.load(products=[{**lamp, "available": False}])
        assert "lamp" not in shop.search("lamp").ids


def test_prices_and_stock_are_kept_by_market(tmp_path: Path) -> None:
    goods = [
        {"id": "tea", "title": "Green tea", "price": "5", "currency": "USD", "market": "us"},
        {"id": "tea", "title": "Green tea", "price": "600", "currency": "JPY", "market": "jp"},
        {"id": "mate", "title": "Mate tea", "price": "7", "currency": "USD", "market": "us"},
    ]
    with opened(tmp_path) as shop:
        report = shop.load(products=goods)
        assert report.accepted == 3
        shop.train()
        japanese = shop.search("tea", market="jp")
        assert [(p.product, p.price, p.currency) for p in japanese] == [("tea", 600, "JPY")]
        assert set(shop.search("tea", market="us").ids) == {"tea", "mate"}


def test_variants_are_one_placement_and_the_shoppers_own_variant_is_shown(tmp_path: Path) -> None:
    goods = [{"id": f"shirt-{c}", "title": f"Linen shirt {c}", "group": "shirt"} for c in ("red", "blue", "green")]
    goods.append({"id": "hat", "title": "Straw hat", "group": ""})
    events = [{"type": "purchase", "user": "ann", "product": "shirt-green", "timestamp": 1_700_000_000}]
    with opened(tmp_path) as shop:
        shop.load(products=goods, events=events)
        shop.train()
        assert len([i for i in shop.search("linen shirt").ids if i.startswith("shirt")]) == 1
        assert shop.search("linen shirt", user="ann").ids[0] == "shirt-green"


def test_pins_come_first_buries_last_and_hides_never(tmp_path: Path) -> None:
    rules = BARE + '[rules]\npins = ["p05"]\nburies = ["p02"]\nhides = ["p03"]\n'
    products, events = checkerboard()
    with opened(tmp_path, rules) as shop:
        shop.load(products=products, events=events)
        shop.train()
        ids = shop.recommend("home", size=20).ids
        assert ids[0] == "p05" and ids[-1] == "p02" and "p03" not in ids
        slate = shop.recommend("home")
        assert "rules hide it" in shop.explain(slate, "p03").verdict


def test_diversity_moves_unlike_products_up(tmp_path: Path) -> None:
    products = [{"id": f"p{k}", "title": f"Thing {k}", "category": f"Shelf {k // 10}"} for k in range(20)]
    events = [
        {"type": "purchase", "user": f"u{u}", "product": f"p{p}", "timestamp": 1_700_000_000 + u}
        for u in range(30) for p in range(20) if u % (p + 1) == 0
    ]  # fmt: skip
    shelves = {}
    for weight in (0.0, 0.5):
        with opened(tmp_path / str(weight), BARE + f"[serve]\ndiversity = {weight}\n") as shop:
            shop.load(products=products, events=events)
            shop.train()
            shelves[weight] = [int(i[1:]) // 10 for i in shop.recommend("home", size=4).ids]
    assert sum(shelves[0.0]) == 0 and sum(shelves[0.5]) >= 1


def test_a_forgotten_user_leaves_no_row_and_no_history(tmp_path: Path) -> None:
    products, events = checkerboard()
    with opened(tmp_path) as shop:
        shop.load(products=products, events=events)
        shop.train()
        assert shop.forget("u01") == 9
        assert shop.forget("u01") == 0
        name = shop._live.pseudonym("u01")
        assert not [r for page in shop._live.store.read(kinds=("event", "served")) for r in page if r.user == name]
        assert "p03" in shop.recommend("home", user="u01", repeat="exclude", size=20).ids


def test_the_store_holds_no_users_name(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS, users=[{"id": "ann.smith@example.com", "age": "40"}],
                  events=[{"type": "click", "user": "ann.smith@example.com", "product": "lamp"}])  # fmt: skip
        shop.train()
        shop.search("lamp", user="ann.smith@example.com")
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"ann.smith" not in path.read_bytes(), path


def test_what_was_shown_is_stored_with_positions_and_propensities(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=PRODUCTS)
        shop.train()
        slate = shop.search("bed", size=2)
        (row,) = [r for page in shop._live.store.read(kinds=("served",)) for r in page]
        assert row.key == slate.id and '"propensities":[1.0,1.0]' in row.body and '"generation"' in row.body


def test_a_shop_without_products_recommends_the_ids_of_its_events(tmp_path: Path) -> None:
    _, events = checkerboard()
    with opened(tmp_path) as shop:
        shop.load(events=events)
        report = shop.train()
        assert "no products were loaded" in report.skipped["content"]
        assert shop.recommend("home", user="u06", size=1, repeat="exclude").ids == ["p06"]


def test_a_log_without_times_is_split_by_order_and_works(tmp_path: Path) -> None:
    products, events = checkerboard()
    for event in events:
        del event["timestamp"], event["order"]
    with opened(tmp_path) as shop:
        shop.load(products=products, events=events)
        shop.train()
        assert shop.recommend("home", user="u06", size=1, repeat="exclude").ids == ["p06"]
        assert shop.evaluate().shoppers == 40


def test_a_query_may_name_a_price_and_what_is_not_wanted(tmp_path: Path) -> None:
    goods = [("a", "Apple juice", 3), ("b", "Apple juice with sugar", 2), ("c", "Apple juice sugar free", 5),
             ("d", "苹果汁 无糖", 4), ("e", "苹果汁 加糖", 4)]  # fmt: skip
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": i, "title": title, "price": price} for i, title, price in goods])
        shop.train()
        cheap = shop.search("apple juice under $4")
        assert set(cheap.ids) == {"a", "b"} and cheap.notes == ("price to 4",) and cheap.query == "apple juice"
        bare = shop.search("apple juice without sugar")
        assert {"a", "c"} <= set(bare.ids) and "b" not in bare.ids and bare.notes == ("without 'sugar'",)
        assert shop.explain(bare, "b").verdict == "the query leaves it out (without 'sugar')"
        chinese = shop.search("苹果汁 不含糖")
        assert "d" in chinese.ids and "e" not in chinese.ids
        assert set(shop.search("apple juice without a drop of the sugar").ids) >= {"a", "b", "c"}  # no such thing
        ranked = shop.rank(["b", "c"], query="juice over $3")
        assert (
            ranked.notes == ("price from 3",)
            and ranked.ids == ["c", "b"]
            and "not what the query allows" in ranked.removed[0].why
        )


def test_a_price_that_is_asked_of_a_shop_without_prices_leaves_nothing_out_and_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "a", "title": "Apple juice"}])
        shop.train()
        found = shop.search("apple juice under $4")
        assert found.ids == ["a"] and found.notes == ("price to 4: no price is known here, so nothing was left out",)


def test_a_search_that_finds_only_what_comes_near_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as shop:
        shop.load(products=[{"id": "a", "title": "Oak bed"}, {"id": "b", "title": "Walnut lamp"}])
        shop.train()
        notes = {query: shop.search(query).notes for query in ("oak bed", "titanium bed", "walnut bed", "a lamp")}
        assert notes["oak bed"] == notes["a lamp"] == ()
        assert notes["titanium bed"] == ("nothing has 'titanium': these are the nearest",)
        assert notes["walnut bed"] == ("nothing has all of these words: these are the nearest",)
        assert shop.search("oak bed", filters={"id": "b"}).notes == ()  # the shop has it, the filter does not


@pytest.mark.parametrize(
    "query", ["AB-123/X", "ab123x", "AB 123 X", "clamp ab-123/x", "5885911238052", "05885911238052", "dcd771-c2"]
)
def test_a_product_is_found_by_its_number_however_it_is_written(tmp_path: Path, query: str) -> None:
    goods: list[dict[str, object]] = [{"id": f"p{k}", "title": f"hose clamp {k} x 123"} for k in range(20)]
    goods.append(
        {"id": "AB-123/X", "title": "Bracket", "gtin": "05885911238052", "attributes": {"Model No.": "DCD771C2"}}
    )
    with opened(tmp_path) as shop:
        shop.load(products=goods)
        shop.train()
        first = shop.search(query).placements[0]
        assert first.product == "AB-123/X" and first.reasons[0].text == "has the number you asked for"
        assert shop.search("hose clamp").ids[0] != "AB-123/X"


def test_the_variant_whose_number_was_asked_for_is_shown_and_a_count_is_no_number(tmp_path: Path) -> None:
    goods = [{"id": "S", "group": "shirt", "title": "Shirt", "gtin": "5901234123931", "price": 10},
             {"id": "L", "group": "shirt", "title": "Shirt", "gtin": "5901234123948", "price": 20},
             {"id": "1000", "title": "Garden hose"}, {"id": "1500", "title": "Puzzle, 1000 pieces"}]  # fmt: skip
    with opened(tmp_path) as shop:
        shop.load(products=goods)
        shop.train()
        assert shop.search("5901234123948").ids[0] == "L" and shop.search("5901234123931").ids[0] == "S"
        assert shop.search("1000 piece puzzle").ids[0] == "1500" and shop.search("1000").ids[0] == "1000"


def test_a_title_that_says_the_whole_phrase_stands_beside_its_other_wordings(tmp_path: Path) -> None:
    products = [
        {"id": f"{kind}{k}", "title": f"{kind} cheese {k} oz"} for kind in ("Grated", "Shredded") for k in range(5)
    ]
    with opened(tmp_path, BARE) as shop:
        shop.load(products=products)
        shop.train()
        ids = shop.search("grated cheese", size=10).ids
        columns = {placed.product: placed.columns["relevance"] for placed in shop.search("grated cheese", size=10)}
    assert sorted(ids) == sorted(product["id"] for product in products)
    assert columns["Grated0"] == columns["Shredded0"]


def test_of_a_given_list_a_joined_word_is_the_nearest(tmp_path: Path) -> None:
    with opened(tmp_path, BARE) as shop:
        shop.load(products=[{"id": "c", "title": "Disk case"}, {"id": "d", "title": "Dishwasher"}])
        shop.train()
        assert shop.rank(["c", "d"], query="dish washer").ids == ["d", "c"]
        near, other = shop.relevance([("dish washer", "d"), ("dish washer", "c")])
    assert near > other >= 0


def test_judgements_teach_relevance(tmp_path: Path) -> None:
    """Judges who like long titles: nothing but judgements could teach that."""
    goods = [{"id": f"p{k}", "title": "lamp " + " ".join(f"word{k}{n}" for n in range(k % 8))} for k in range(80)]
    judged = [
        {"query": q, "product": f"p{k}", "relevance": k % 8} for k in range(80) for q in ("lamp", "a lamp", "lamps")
    ]
    with opened(tmp_path) as shop:
        shop.load(products=goods, judgements=judged)
        assert any("judgements" in what for what in shop.train().fitted)
        scores = shop.relevance([("lamp", "p7"), ("lamp", "p0")])
        assert scores[0] > scores[1] + 3


def test_an_untrained_shop_says_what_to_do(tmp_path: Path) -> None:
    with opened(tmp_path) as shop, pytest.raises(NotTrainedError, match=r"shop\.train\(\)"):
        shop.search("bed")
    with opened(tmp_path) as shop, pytest.raises(InputError, match="a load before"):
        shop.train()


def test_the_same_seed_gives_the_same_slates(tmp_path: Path) -> None:
    products, events = checkerboard()
    slates = []
    for name in ("a", "b"):
        with opened(tmp_path / name) as shop:
            shop.load(products=products, events=events)
            shop.train(seed=7)
            slates.append([shop.recommend("home", user=f"u{u:02d}").ids for u in range(10)])
    assert slates[0] == slates[1]
