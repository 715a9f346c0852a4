"""A quiz finds out what a new shopper is like in few questions."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from aisle import Shop
from aisle.errors import InputError
from aisle.records.quiz import Question
from aisle.retrieval.interview import Interview
from tests.test_cli import aisle
from tests.worlds import BARE, DAY, PATIENT, START, opened

HOBBIES = ("Garden", "Fishing", "Baby", "Music")


def world() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Shoppers with one hobby each, of which half do the first; everybody buys bags."""
    random = np.random.default_rng(0)
    products = [{"id": f"{hobby}{k}", "title": f"{hobby} thing {k}", "category": ["All", hobby], "brand": f"B{k % 3}"}
                for hobby in HOBBIES for k in range(12)]  # fmt: skip
    products += [{"id": f"bag{k}", "title": f"Bag {k}", "category": ["All", "Bags"]} for k in range(4)]
    events = []
    for user in range(160):
        hobby = HOBBIES[0] if user % 2 else HOBBIES[1 + user // 2 % 3]
        for k in [*random.choice(12, 6, replace=False), -1]:
            product = f"{hobby}{k}" if k >= 0 else f"bag{user % 4}"
            time = START + user * DAY // 8
            events.append({"type": "purchase", "user": f"u{user}", "product": product, "timestamp": time})
    return products, events


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    products, events = world()
    with opened(tmp_path_factory.mktemp("quiz"), BARE + PATIENT) as made:
        made.load(products=products, events=events)
        made.train()
        yield made


def answered(question: Question, hobby: str) -> bool:
    """What somebody of this hobby says."""
    return question.value.endswith(hobby) if question.field == "category" else hobby in question.value


def test_three_questions_find_the_hobby(shop: Shop) -> None:
    for hobby in HOBBIES:
        said: dict[str, bool] = {}
        for _ in range(3):
            question = shop.quiz(said, size=0, record=False).question
            assert question is not None and question.key not in said and question.examples
            said[question.key] = answered(question, hobby)
        ids = shop.quiz(said, size=6, record=False).slate.ids
        assert sum(one.startswith(hobby) for one in ids) >= 4, (hobby, said, ids)


def test_without_an_answer_it_shows_what_most_buy(shop: Shop) -> None:
    found = shop.quiz(size=4, record=False)
    assert found.slate.ids == shop.recommend("popular", size=4, record=False).ids or {
        *found.slate.ids} <= {"bag0", "bag1", "bag2", "bag3", *(f"Garden{k}" for k in range(12))}  # fmt: skip
    assert found.question is not None and found.slate.scenario == "quiz"


def test_it_is_explained_looked_into_and_recorded(shop: Shop) -> None:
    found = shop.quiz({"category:All > Music": True}, session="new", size=8)
    of = Counter(one.rstrip("0123456789") for one in found.slate.ids)
    assert of["Music"] >= 4 > of["Garden"]
    assert shop.explain(found.slate, found.slate.ids[0]).shown
    assert shop.look(found.slate).scenario == "quiz"
    assert "answer as you did" in found.slate.placements[0].reasons[0].text
    stored = json.loads([row for page in shop._live.store.read(kinds=("served",)) for row in page][-1].body)
    assert stored["request"]["answers"] == {"category:All > Music": True}


def test_an_answer_to_a_question_of_yesterday_is_noted(shop: Shop) -> None:
    found = shop.quiz({"brand:Gone": True}, record=False)
    assert found.slate.notes == ("question 'brand:Gone' is not asked any more",)
    with pytest.raises(InputError, match="true or false"):
        shop.quiz({"category:All > Music": "yes"})  # type: ignore[dict-item]


def test_what_may_not_be_shown_is_no_example_and_what_nobody_may_see_no_question(tmp_path: Path) -> None:
    products, events = world()
    with opened(tmp_path, BARE + PATIENT) as made:
        made.load(products=products, events=events)
        made.train()
        first = made.quiz(size=0, record=False).question
        assert first is not None
        made.moderate(next(p["id"] for p in products if p["title"] == first.examples[0]), False)
        again = made.quiz(size=0, record=False).question
        assert again is not None and again.key == first.key and first.examples[0] not in again.examples
        for product in products:
            if product["id"].startswith("Garden"):
                made.moderate(product["id"], False)
        said: dict[str, bool] = {}
        while (question := made.quiz(said, size=0, record=False).question) is not None:
            said[question.key] = False
            assert "Garden" not in question.key + str(question.examples)
        assert len(said) > 3


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    products, events = world()
    for product in products:  # the brand says what the category does, and so does an attribute of its name
        product |= {"brand": product["category"][1], "attributes": {"brand": [product["category"][1]]}}
    with opened(tmp_path, BARE + PATIENT) as made:
        made.load(products=products, events=events)
        made.train()
        questions = made._live.served().parts.questions
        keys = {question.key for question in questions.asked}
        answers = {column.tobytes() for column in questions.interview.has.T}
        assert len(keys) == len(answers) == len(questions.asked)


def test_who_is_forgotten_is_not_counted_and_nobody_is_asked_about_alone(tmp_path: Path) -> None:
    products, events = world()
    products.append({"id": "secret", "title": "Secret thing", "category": ["All", "Private"]})
    events += [{"type": "purchase", "user": "anna", "product": "secret", "timestamp": START + k} for k in range(9)]
    with opened(tmp_path, BARE + PATIENT) as made:
        made.load(products=products, events=events)
        made.train()
        assert not any("Private" in q.key or "secret" in q.key for q in made._live.served().parts.questions.asked)
        assert "secret" in made.quiz(size=60, record=False).slate.ids
        made.forget("anna")
        interview = made._live.served().parts.questions.interview
        assert interview.gone.sum() == 1 and interview.likely({})[interview.gone].sum() == 0


@pytest.mark.parametrize("key", ["\ud800", "x" * 601])
def test_a_key_that_is_none_is_refused(shop: Shop, key: str) -> None:
    with pytest.raises(InputError, match="keys of questions"):
        shop.quiz({key: True})


def test_on_the_command_line_it_asks(shop: Shop) -> None:
    folder = str(shop._live.folder)
    said = aisle("quiz", "--shop", folder, "--questions", "2", typed="y\nn\n")
    assert said.returncode == 0 and said.stdout.count("Do you buy") == 2, said.stdout + said.stderr
    told = json.loads(aisle("quiz", "--shop", folder, "--answers", '{"category:All > Baby": true}', "--json").stdout)
    assert any(one["product"].startswith("Baby") for one in told["slate"]["placements"]) and told["question"]["key"]


def test_a_shop_without_events_has_no_question(tmp_path: Any) -> None:
    with opened(tmp_path, BARE) as bare:
        bare.load(products=world()[0])
        bare.train()
        found = bare.quiz(size=3)
    assert found.question is None and len(found.slate) == 3


@given(st.integers(0, 99), st.integers(1, 8), st.integers(1, 6))
def test_no_question_tells_less_than_nothing_or_more_than_an_answer_can(seed: int, shoppers: int, asked: int) -> None:
    random = np.random.default_rng(seed)
    has = (random.random((shoppers, asked)) < 0.5).astype(np.float32)
    told = random.dirichlet(np.ones(4), shoppers).astype(np.float32)
    interview = Interview(tuple(map(str, range(asked))), has, sp.csr_matrix(told), told, np.zeros(shoppers, bool))
    gains = interview.gains({0: True})
    assert (gains > -1e-5).all() and (gains <= np.log(2) + 1e-5).all()
    assert np.isclose(interview.likely({0: bool(has[0, 0])}).sum(), 1)
    following = interview.next({at: True for at in range(asked)})
    assert following is None


def test_what_was_denied_is_not_shown(shop: Shop) -> None:
    for denied in HOBBIES:
        slate = shop.quiz({f"category:All > {denied}": False}, size=20, record=False).slate
        assert slate.ids and not any(one.startswith(denied) for one in slate.ids)


def test_a_yes_speaks_for_what_a_no_denies() -> None:
    about = (np.array([0, 1, 2], np.int32), np.array([2, 3], np.int32))
    interview = Interview(
        ("a", "b"), np.zeros((0, 2), np.float32), None, np.zeros((0, 1), np.float32), np.zeros(0, bool), about
    )
    mask = np.array([True, False, True, True, True])
    assert interview.allowed({0: False}, mask).tolist() == [False, False, False, True, True]
    assert interview.allowed({0: False, 1: True}, mask).tolist() == [False, False, True, True, True]
    assert interview.allowed({0: True, 1: False}, mask).tolist() == [True, False, True, False, True]


def test_codes_and_second_products_of_one_title_are_not_asked(tmp_path: Path) -> None:
    products, events = world()
    for number, one in enumerate(products):
        one["attributes"] = {"maker code": [str(number % 4)], "colour": ["red" if number % 2 else "blue"]}
        one["title"] = one["title"].rsplit(" ", 1)[0]
    with opened(tmp_path, BARE + PATIENT) as shop:
        shop.load(products=products, events=events)
        shop.train()
        asked = shop._live.served().parts.questions.asked
        assert {one.field for one in asked} >= {"category", "brand"} and "maker code" not in {o.field for o in asked}
        titles = [shop.product(one.value).title for one in asked if one.field == "product"]
        assert len(titles) == len(set(titles))
