"""The look inside: the whole trace of any request on one page, and a message for what cannot be asked."""

import html
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aisle import Shop
from tests.serving.browser import DESKTOP, PHONE, application, chromium, page_of, serving, violations
from tests.serving.shops import stored
from tests.worlds import BARE, PRODUCTS, checkerboard, opened

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from starlette.testclient import TestClient

HOSTILE = "<script>alert(1)</script> \"'><img src=x onerror=alert(2)> {{ 7 * 7 }}"
RULES = '[rules]\nhides = ["cups"]\n'


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The checkerboard and some furniture, one lamp of which is sold out, and a product with a hostile title."""
    products, events = checkerboard()
    hostile = {"id": "evil\"'<b>&", "title": f"Walnut {HOSTILE}", "brand": HOSTILE, "price": "1"}
    furniture = [{**p, "available": p["id"] != "lamp", "hidden": p["id"] == "shoes"} for p in PRODUCTS]
    with opened(tmp_path_factory.mktemp("console"), BARE + RULES) as made:
        made.load(products=[*products, *furniture, hostile], events=events)
        made.train()
        yield made


@pytest.fixture(scope="module")
def client(shop: Shop) -> Iterator[Any]:
    app = application(shop, shoppers=["u04"])
    yield TestClient(app)  # not entered: its end would close the shop
    app.state.turns.close()


def seen(client: Any, status: int = 200, **asked: str) -> str:
    """The words of the page, without its marks."""
    answer = client.get("/inside", params=asked)
    assert answer.status_code == status, words(answer.text)
    return words(answer.text)


def words(page: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


def test_an_empty_form_explains_itself_and_its_examples_work(client: Any) -> None:
    page = client.get("/inside")
    assert page.status_code == 200 and "Try one" in page.text
    links = re.findall(r'<a href="(\?[^"]+)"', page.text)
    assert len(links) >= 4
    for link in links:
        assert client.get("/inside" + html.unescape(link)).status_code == 200, link


def test_the_whole_trace_of_a_query(client: Any) -> None:
    page = seen(client, q="walnut beds frme", user="u04", size="2")
    for told in ("Words searched", "frme” → “frame", "Meaning not encoded", "in stock and not hidden", "lexical",
                 "9 events until this moment", "purchase", "weight 1", "relevance", "PinsAndBuries", "prepare",
                 "rerank", "Walnut bed frame", "1 answer", "near"):  # fmt: skip
        assert told in page, (told, page)


def test_the_whole_trace_of_a_recommendation(client: Any) -> None:
    page = seen(client, scenario="home", user="u04", repeat="exclude")
    for told in ("the scenario “home” decides", "neighbours", "popular", "Product number 4", "not an anchor nor an"):
        assert told in page, told
    beside = seen(client, scenario="product", anchor="p03\np05")
    assert "Product number 3" in beside and "Product number 5" in beside and "A guest without a session" in beside


def test_nothing_of_it_is_recorded(shop: Shop, client: Any) -> None:
    before = stored(shop.folder, "served")
    seen(client, q="bed", user="u04", why="p01")
    seen(client, scenario="home", user="u04")
    client.get("/inside")
    assert stored(shop.folder, "served") == before


def test_why_a_product_is_shown(client: Any) -> None:
    page = seen(client, scenario="home", user="u04", repeat="exclude", why="p04")
    assert "Why “Product number 4”" in page and "It is shown. It stands at place 1" in page
    assert "What moved its score" in page and "In each source" in page


@pytest.mark.parametrize(("asked", "verdict", "status"), [
    ({"q": "bed", "why": "nowhere"}, "It is not in the catalogue", 400),
    ({"q": "bed", "why": "lamp"}, "It is out of stock", 200),
    ({"q": "bed", "why": "shoes"}, "It is hidden", 200),
    ({"q": "bed", "why": "cups"}, "The shop's rules hide it", 200),
    ({"q": "bed", "why": "bed-oak", "filters": '{"brand": ["Acme"]}'}, "It does not pass the filters", 200),
    ({"scenario": "home", "user": "u04", "repeat": "exclude", "why": "p06"}, "shopper has it already", 200),
    ({"scenario": "product", "anchor": "p06", "why": "p06"}, "the request stands on it", 200),
    ({"q": "bed", "why": "machine"}, "No source named it", 200),
    ({"q": "bed", "size": "1", "why": "bed-oak"}, "behind the end of the slate", 200),
], ids=lambda value: value if isinstance(value, str) else "")  # fmt: skip
def test_why_a_product_is_not_shown(client: Any, asked: dict[str, str], verdict: str, status: int) -> None:
    page = seen(client, status, **asked)
    assert "Why not “" in page and verdict.lower() in page.lower(), page
    assert "The candidates" in page, "the rest of the trace is there, too"


@pytest.mark.parametrize(("asked", "told"), [
    ({"scenario": "attic"}, "scenario: found 'attic', expected one of"),
    ({"q": "bed", "filters": "{"}, "filters: found '{', expected a JSON object"),
    ({"q": "bed", "filters": "[1]"}, "expected a JSON object"),
    ({"q": "bed", "filters": '{"id": ' + '{"not": ' * 400 + '"x"' + "}" * 401}, "expected filters of at most"),
    ({"q": "bed", "filters": "[" * 20_000}, "expected a JSON object"),
    ({"q": "bed", "filters": '{"colr": "x"}'}, "filters: found 'colr'"),
    ({"q": "bed", "filters": '{"\\ud800": "\\ud800"}'}, "expected text in Unicode"),
    ({"q": "bed", "size": "ten"}, "size: found 'ten', expected a whole number"),
    ({"q": "bed", "size": "1000000"}, "a whole number from 0 to 1000"),
    ({"q": "bed", "size": "-1"}, "a whole number from 0 to 1000"),
    ({"q": "bed", "now": "yesterday"}, "an ISO 8601 time"),
    ({"q": "bed", "sort": "colour"}, "sort: found 'colour'"),
    ({"q": "bed", "repeat": "often"}, "repeat: found 'often'"),
])  # fmt: skip
def test_what_cannot_be_asked_is_said_on_the_page(client: Any, asked: dict[str, str], told: str) -> None:
    page = seen(client, 400, **asked)
    assert "This cannot be answered" in page and told in page, page


@pytest.mark.parametrize("text", ["\0", "😀", "%", "x" * 2000, "‮", "\r\n", HOSTILE])
def test_any_text_is_answered(client: Any, text: str) -> None:
    seen(client, q=text, user=text, session=text, market=text)
    seen(client, anchor=text, scenario="product")
    assert client.get("/inside", params={"q": "bed", "why": text}).status_code in (200, 400)


def test_what_a_shop_or_a_shopper_writes_stays_text(client: Any) -> None:
    page = client.get("/inside", params={"q": f"walnut {HOSTILE}", "user": HOSTILE, "why": "evil\"'<b>&"})
    assert page.status_code == 200 and HOSTILE in words(page.text).replace("  ", " ")
    assert "<script>" not in page.text and "<img" not in page.text and "<b>" not in page.text
    assert "style=" not in page.text


def test_the_page_allows_nothing_from_elsewhere(client: Any) -> None:
    for answer in (client.get("/inside"), client.get("/inside", params={"q": "bed"})):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["referrer-policy"] == "no-referrer" and answer.headers["cache-control"] == "no-store"
    for name in ("inside.css", "inside.js"):
        assert client.get(f"/inside/static/{name}").status_code == 200
    assert client.get("/inside/static/../pages.py").status_code == 404


def test_the_command_for_a_shell_asks_the_same(client: Any) -> None:
    page = client.get("/inside", params={"q": "it's $(walnut) `bed`", "user": "u'1", "size": "3", "why": "bed-oak"})
    commands = [html.unescape(found) for found in re.findall(r"<pre[^>]*><code>(.*?)</code></pre>", page.text, re.S)]
    assert len(commands) == 2
    look, explain = (shlex.split(command) for command in commands)
    assert look[2].endswith("/v1/look") and explain[2].endswith("/v1/explain")
    body = json.loads(look[look.index("-d") + 1])
    assert body == {"search": {"query": "it's $(walnut) `bed`", "user": "u'1", "size": 3, "record": False}}
    for words_of in (look, explain):
        answer = client.post(words_of[2], json=json.loads(words_of[words_of.index("-d") + 1]))
        assert answer.status_code == 200, answer.text


def test_a_shop_that_is_not_trained_says_so(tmp_path: Path) -> None:
    with opened(tmp_path) as untrained:
        client = TestClient(application(untrained))
        for asked in ({}, {"q": "bed"}):
            assert "a training run" in seen(client, 503, **asked)


def test_in_a_browser(shop: Shop) -> None:
    with serving(shop, shoppers=["u04"]) as address, chromium() as browser:
        for size in (DESKTOP, PHONE):
            with page_of(browser, address, size) as page:
                page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
                for path in ("/inside", "/inside?q=walnut&user=u04&why=bed-oak", "/inside?scenario=home&user=u04",
                             "/inside?scenario=attic", "/inside?q=walnut&session=s&filters=%7B%7D"):  # fmt: skip
                    page.goto(path)
                    assert violations(page) == [], path
                    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        with page_of(browser, address) as page:
            sorts_and_asks(page)


def sorts_and_asks(page: Any) -> None:
    """The form makes an address without what was not said; a column's name sorts by it; a product leads to its why."""
    page.goto("/inside")
    page.get_by_label("Query").fill("walnut bed")
    page.get_by_role("button", name="Look inside").click()
    page.wait_for_url("**/inside?q=walnut+bed")
    ranks = page.locator("table.candidates tbody tr td:first-child")
    before = ranks.all_inner_texts()
    assert before == sorted(before, key=int) and len(before) > 2
    head = page.get_by_role("columnheader", name="Rank")
    head.get_by_role("button").click()
    head.get_by_role("button").click()
    assert head.get_attribute("aria-sort") == "descending" and ranks.all_inner_texts() == before[::-1]
    page.locator("table.candidates tbody a").first.click()
    page.wait_for_url("**/inside?q=walnut+bed&why=*")
    assert page.locator("#why h2").inner_text().startswith("Why")
    assert page.get_by_label("Query").input_value() == "walnut bed"
