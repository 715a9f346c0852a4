"""The storefront, as shoppers with a mouse, a keyboard, a phone, another language or bad intentions meet it."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from aisle import Shop

pytest.importorskip("fastapi", reason="the serve extra is not installed")
from aisle.serving.storefront.asked import Asked
from aisle.serving.storefront.basket import Basket, basket
from aisle.serving.storefront.cards import link, picture
from aisle.serving.storefront.motifs import MOTIFS
from aisle.serving.storefront.price import price, total
from aisle.serving.storefront.reasons import reason
from aisle.serving.storefront.search import beyond
from aisle.serving.storefront.tiles import HUES, tile
from aisle.serving.storefront.visit import local, shopper
from aisle.serving.storefront.words import TEXTS
from tests.serving.browser import DESKTOP, PHONE, application, chromium, page_of, serving, violations
from tests.worlds import PRODUCTS, START, grocer, opened

SCRIPT, BROKEN, BRACES = "<script>window.hit=1</script>", '"><img src=x onerror="window.hit=1">', "{{7*7}}"
HOSTILE: list[dict[str, Any]] = [
    {"id": BROKEN, "title": f"Evil {SCRIPT}", "brand": BROKEN, "category": f"{SCRIPT} > {BRACES}", "price": "1",
     "description": f"{SCRIPT}{BROKEN}{BRACES}", "image": "javascript:window.hit=1", "url": "javascript:window.hit=1",
     "unit_size": SCRIPT, "attributes": {"colour": [SCRIPT, BRACES]}},
    {"id": "a/../b?c=d#e", "title": f"Evil {BRACES} {BROKEN}", "brand": SCRIPT, "category": BROKEN, "price": "2",
     "image": "http://127.0.0.1:9/x.png\" onerror=\"window.hit=1", "url": "data:text/html,<script>1</script>"},
    {"id": "..", "title": "Evil {% raw %} dots", "category": "Odd", "price": "3"},
    {"id": "plain", "title": "Plain evil <b>bold</b>", "category": "Odd", "image": "data:image/svg+xml,<svg/>"},
]  # fmt: skip


def escaped(product: dict[str, Any]) -> dict[str, Any]:
    """As a feed says it: tags that are no text would be left out when it is loaded."""
    said = ("title", "brand", "category", "description")
    prose: dict[str, Any] = {name: escape(product[name]) for name in said if name in product}
    many = {name: [escape(one) for one in values] for name, values in product.get("attributes", {}).items()}
    return {**product, **prose, "attributes": many}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    goods, events = grocer(users=24, weeks=16)
    baskets = [(k, p) for k in range(12) for p in ("bed-walnut", "lamp", "sheets" if k % 2 else "bed-oak")]
    more = [{"id": f"e{k}-{p}", "type": "purchase", "user": f"w{k}", "product": p, "timestamp": START + k,
             "order": f"w{k}"} for k, p in baskets]  # fmt: skip
    with opened(tmp_path_factory.mktemp("storefront")) as made:
        made.load(products=[*goods, *PRODUCTS], events=[*events, *more])
        made.train()
        yield made


@pytest.fixture(scope="module")
def address(shop: Shop) -> Iterator[str]:
    with serving(shop, shoppers=["u1", "u2"]) as address:
        yield address


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with opened(tmp_path_factory.mktemp("hostile")) as made:
        made.load(products=[escaped(one) for one in HOSTILE])
        made.train()
        with serving(made, name=f"Shop {SCRIPT}", shoppers=[BROKEN]) as address:
            yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    with page_of(browser, address) as page:
        yield page


@pytest.fixture(scope="module")
def client_of(shop: Shop) -> Iterator[Any]:
    testing = pytest.importorskip("starlette.testclient")
    app = application(shop)
    yield lambda: testing.TestClient(app, follow_redirects=False)
    app.state.turns.close()


@pytest.fixture
def client(client_of: Any) -> Any:
    return client_of()


def titles(page: Any, within: str = "main") -> list[str]:
    return list(page.locator(f"{within} .card h3").all_text_contents())


# In the browser


def test_a_search_finds_and_says_why(page: Any) -> None:
    page.goto("/")
    page.get_by_role("combobox").fill("bed frame")
    page.get_by_role("combobox").press("Enter")
    page.wait_for_url("**/search?q=bed+frame")
    assert set(titles(page)[:2]) == {"Walnut bed frame", "Oak bed frame"}
    assert "Matches “bed frame”" in page.locator(".card .why").first.text_content()
    assert page.locator(".card .price").first.text_content() in ("$499.00", "$399.00")


def test_a_misspelling_is_read_and_said(page: Any) -> None:
    page.goto("/search?q=walnutt+bed")
    assert page.get_by_role("heading", level=1).text_content() == "Showing results for “walnut bed”"
    assert "walnutt bed" in page.locator(".read").text_content()


def test_suggestions_are_chosen_with_the_keyboard(page: Any) -> None:
    page.goto("/")
    box = page.get_by_role("combobox")
    box.press_sequentially("wal")
    page.get_by_role("option", name="walnut", exact=True).wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    box.press("ArrowDown")
    assert box.input_value() == "walnut"
    assert page.locator(f"#{box.get_attribute('aria-activedescendant')}").get_attribute("aria-selected") == "true"
    box.press("Escape")
    assert (box.input_value(), box.get_attribute("aria-expanded")) == ("wal", "false")
    box.fill("waln")
    page.get_by_role("option", name="walnut", exact=True).wait_for()
    box.press("ArrowDown")
    box.press("Enter")
    page.wait_for_url("**/search?q=walnut")


def test_suggestions_show_products_that_can_be_gone_to(page: Any) -> None:
    page.goto("/")
    box = page.get_by_role("combobox")
    box.fill("waln")
    goods = page.locator("[role=option][data-href]")
    goods.first.wait_for()
    assert "Walnut bed frame" in goods.first.text_content() and "499" in goods.first.text_content()
    box.press("ArrowDown")
    box.press("ArrowDown")
    assert box.input_value() == "waln", "a product is no query"
    box.press("Enter")
    page.wait_for_url("**/product/bed-walnut**")


def test_a_late_answer_leaves_the_choice_alone(page: Any) -> None:
    late: list[Any] = []
    page.route("**/v1/suggest**q=waln", lambda route: late.append(route))
    page.goto("/")
    box = page.get_by_role("combobox")
    box.fill("wal")
    page.get_by_role("option", name="walnut", exact=True).wait_for()
    with page.expect_request("**/v1/suggest**q=waln"):
        box.press("n")
    box.press("ArrowDown")
    assert box.input_value() == "walnut"
    with page.expect_response("**/v1/suggest**q=waln") as answered:
        late.pop().continue_()
    answered.value.finished()
    assert page.locator("[role=option][aria-selected=true]").text_content() == "walnut"


def test_facets_narrow_and_are_taken_back(page: Any) -> None:
    page.goto("/search?q=frame&sort=price")
    page.locator(".side").get_by_role("link", name="Acme").click()
    page.wait_for_url("**brand=Acme**")
    assert titles(page) == ["Walnut bed frame"] and "sort=price" in page.url
    assert page.locator(".side").get_by_role("link", name="Bo").count() == 1, "other brands may still be chosen"
    page.locator(".side").get_by_role("link", name="Bo").click()
    page.wait_for_url("**brand=Bo**")
    assert titles(page)[:1] == ["Oak bed frame"] and len(titles(page)) == 2
    page.get_by_role("link", name="Remove filter: Acme").click()
    page.wait_for_function("!location.search.includes('Acme')")
    assert titles(page) == ["Oak bed frame"]


@pytest.mark.parametrize(("near", "place"), [("", 0), ("--", 2), ("--~~", 2), ("~~", 0), ("-~-~~", 3), ("~-", 2)])
def test_a_page_is_divided_where_everything_behind_only_comes_near(near: str, place: int) -> None:
    assert beyond([SimpleNamespace(near=one == "~") for one in near]) == place  # type: ignore[misc]


def test_results_are_sorted_and_limited_by_price(page: Any) -> None:
    page.goto("/search?q=grocery+item")
    page.get_by_label("Sort by").select_option("-price")
    page.wait_for_url("**sort=-price**")
    prices = [float(text[1:]) for text in page.locator(".card .price").all_text_contents()]
    assert prices == sorted(prices, reverse=True)
    page.locator(".side").get_by_label("Highest price ($)").fill("3")
    page.locator(".side").get_by_role("button", name="Apply").click()
    page.wait_for_url("**max_price=3**")
    assert {text for text in page.locator(".card .price").all_text_contents()} <= {"$1.50", "$2.50"}
    first = titles(page)
    page.get_by_role("link", name="More results").click()
    page.wait_for_url("**cursor=**")
    assert titles(page) and not set(first) & set(titles(page))


def test_a_product_page_leads_on(page: Any) -> None:
    page.goto("/search?q=walnut")
    page.locator(".card a.face").first.click()
    page.wait_for_url("**/product/bed-walnut?slate=*&position=0")
    assert page.get_by_role("heading", level=1).text_content() == "Walnut bed frame"
    shown = titles(page)
    assert "Bedside lamp" in shown and "Walnut bed frame" not in shown and len(shown) == len(set(shown))
    page.get_by_role("link", name="Bedroom").click()
    page.wait_for_url("**/search?category=**")
    assert set(titles(page)) == {"Walnut bed frame", "Oak bed frame"}


def test_the_basket_changes_what_is_recommended(page: Any) -> None:
    page.goto("/search?q=walnut")
    page.locator(".card").first.get_by_role("button").click()
    page.get_by_role("status").filter(has_text="Added to your basket: Walnut bed frame").wait_for()
    page.get_by_role("link", name="Basket, 1 item").click()
    page.wait_for_url("**/basket")
    before = titles(page)
    assert "Bedside lamp" in before and page.locator(".sum-all b").text_content() == "$499.00"
    page.get_by_label("Quantity of Walnut bed frame").fill("3")
    with page.expect_navigation():
        page.get_by_label("Quantity of Walnut bed frame").press("Enter")
    assert page.locator(".sum-all b").text_content() == "$1,497.00"
    with page.expect_navigation():
        page.get_by_role("button", name="Add: Bedside lamp").or_(
            page.get_by_role("button", name="Add to basket: Bedside lamp")).click()  # fmt: skip
    assert titles(page) != before and "Bedside lamp" not in titles(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Remove from basket: Walnut bed frame").click()
    assert page.locator(".line h2").all_text_contents() == ["Bedside lamp"] and "Walnut bed frame" in titles(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Place the order").click()
    assert page.get_by_role("heading", level=1).text_content() == "Thank you for your order"
    assert titles(page)
    page.goto("/basket")
    assert page.get_by_role("heading", level=1).text_content() == "Your basket is empty"


def test_one_shops_as_a_household_and_as_a_guest_again(page: Any) -> None:
    page.goto("/")
    assert page.get_by_role("heading", name="Buy again").count() == 0
    page.locator(".who summary").click()
    page.get_by_label("Shopper’s id").fill("u1")
    page.get_by_role("button", name="Switch").click()
    page.get_by_role("heading", name="Buy again").wait_for()
    assert page.locator(".who b").text_content() == "u1"
    assert titles(page)[0] == "Grocery item 0", "everybody's weekly milk"
    assert "You bought it" in page.locator(".card .why").first.text_content()
    page.locator(".who summary").click()
    page.get_by_role("button", name="Continue as a guest").click()
    page.get_by_role("heading", name="What are you looking for today?").wait_for()
    assert page.get_by_role("heading", name="Buy again").count() == 0


def test_the_interface_speaks_chinese(page: Any, address: str) -> None:
    page.context.add_cookies([{"name": "household", "value": "u1", "url": address}])
    page.goto("/")
    page.get_by_role("button", name="中文").click()
    page.get_by_role("heading", name="再次购买").wait_for()
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    assert re.match(r"买过 \d+ 次，最近一次是(今天|昨天| \d+ 天前)", page.locator(".card .why").first.text_content())
    reasons = " ".join(page.locator(".card .why").all_text_contents())
    assert not re.search(r"bought|similar|popular|matches|shoppers", reasons)
    page.get_by_role("button", name="English").click()
    page.get_by_role("heading", name="Buy again").wait_for()


@pytest.mark.parametrize("path", ["/", "/search?q=grocery", "/product/bed-walnut", "/basket", "/product/none"])
def test_no_page_is_wider_than_a_phone(browser: Any, address: str, path: str) -> None:
    with page_of(browser, address, PHONE) as page:
        held = Basket({"bed-walnut": 2, "g001": 1}).cookie()
        page.context.add_cookies([{"name": "basket", "value": held, "url": address}])
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
        seen = "e => e.checkVisibility({visibilityProperty: true}) && e.getBoundingClientRect().height < 44"
        small = f"[...document.querySelectorAll('button, input:not([type=hidden]), select, summary')].filter({seen})"
        assert page.evaluate(f"{small}.length") == 0, "something to touch is lower than 44 px"


def test_a_keyboard_is_enough(page: Any) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    while page.evaluate("document.activeElement.id") != "q":
        page.keyboard.press("Tab")
    page.keyboard.type("walnut")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=walnut")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "face":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/product/bed-walnut**")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "button big":
            break
    page.keyboard.press("Enter")
    page.get_by_role("status").filter(has_text="Added to your basket").wait_for()


@pytest.mark.parametrize(
    "path", ["/", "/search?q=bed+frame&brand=Acme", "/search?q=zzzzqq", "/product/bed-walnut", "/basket"]
)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_axe_finds_nothing(browser: Any, address: str, path: str, language: str) -> None:
    for size, scheme in ((DESKTOP, "light"), (PHONE, "dark"))[: 2 if language == "en" else 1]:
        with page_of(browser, address, size, color_scheme=scheme) as page:
            held = Basket({"bed-walnut": 2, "g001": 1}).cookie()
            said = {"lang": language, "household": "u1", "basket": held}
            page.context.add_cookies([{"name": name, "value": value, "url": address} for name, value in said.items()])
            page.goto(path)
            assert violations(page) == []


def test_it_works_without_scripts(browser: Any, address: str) -> None:
    with page_of(browser, address, java_script_enabled=False) as page:
        page.goto("/search?q=walnut")
        page.locator(".card").first.get_by_role("button").click()
        assert page.get_by_role("link", name="Basket, 1 item").count() == 1 and "/search?q=walnut" in page.url
        page.goto("/basket")
        page.get_by_label("Quantity of Walnut bed frame").fill("2")
        page.get_by_role("button", name="Update").click()
        assert page.get_by_role("link", name="Basket, 2 items").count() == 1


def test_no_text_of_a_catalogue_runs(browser: Any, hostile: str) -> None:
    paths = ["/", "/search?q=evil", f"/search?q={quote(SCRIPT + BROKEN + BRACES)}", f"/search?brand={quote(BROKEN)}",
             f"/search?category={quote(SCRIPT)}&max_price={quote(BROKEN)}&sort={quote(BROKEN)}",
             *(link(str(one["id"])) for one in HOSTILE), f"/product/{quote(SCRIPT)}", "/basket"]  # fmt: skip
    with page_of(browser, hostile) as page:
        dialogs: list[str] = []

        def noted(dialog: Any) -> None:
            dialogs.append(dialog.message)
            dialog.dismiss()

        page.on("dialog", noted)
        held = Basket({BROKEN: 1, "a/../b?c=d#e": 2}).cookie()
        said = {"household": quote(BROKEN, safe=""), "basket": held}
        page.context.add_cookies([{"name": name, "value": value, "url": hostile} for name, value in said.items()])
        for path in paths:
            page.goto(path)
            assert page.evaluate("window.hit") is None and dialogs == [], path
            assert (
                page.locator("a[href^='javascript:'], a[href^='data:'], [src^='javascript:'], [src^='data:']").count()
                == 0
            )
            assert page.locator("main script, main [onerror], main .card b, main h1 b").count() == 0, path
            assert "49" not in page.locator("main").text_content().replace("49.00", "")
        page.goto(link(BROKEN))
        assert page.get_by_role("heading", level=1).text_content() == f"Evil {SCRIPT}"
        assert BRACES in page.locator(".prose").text_content() and page.locator(".product img").count() == 0
        page.goto(link(".."))
        assert page.get_by_role("heading", level=1).text_content() == "Evil {% raw %} dots"
        page.goto(link("a/../b?c=d#e"))
        assert page.get_by_role("heading", level=1).text_content() == f"Evil {BRACES} {BROKEN}"


# Over HTTP


@pytest.mark.parametrize("query", [
    "", "a" * 10_000, "%00", "%00%00bed%00", "%ED%A0%80", "%F0%9F%8C%B5", "%C3%28", "bed%0D%0Aset-cookie:a=b", "'\"\\",
    "牀", "*:*", "AND OR NOT", "title:bed^9", "%25s%25n", "+", "-", "a+b+" * 500,
])  # fmt: skip
def test_any_query_gives_a_page(client: Any, query: str) -> None:
    answer = client.get(f"/search?q={query}")
    assert answer.status_code == 200 and "<h1>" in answer.text


@pytest.mark.parametrize("asked", [
    "q=bed&cursor=nonsense", "q=bed&cursor=%00", "cursor=WzEsIDJd", "q=bed&sort=banana", "q=bed&max_price=nan",
    "q=bed&max_price=inf",
    "q=bed&max_price=-1", "q=bed&brand=%ED%A0%80", "category=nowhere", "brand=Acme&brand=Acme",
    "category=" + "x" * 3000,
    "max_price=1e400", "q=bed&max_price=12,5", "&".join(f"brand=b{k}" for k in range(500)),
])  # fmt: skip
def test_any_filter_gives_a_page(client: Any, asked: str) -> None:
    assert client.get(f"/search?{asked}").status_code == 200


def test_a_stale_cursor_is_said(client: Any) -> None:
    assert "The shop was updated in the meantime" in client.get("/search?q=bed&cursor=nonsense").text


@pytest.mark.parametrize("path", ["nothing", "%00", "%ED%A0%80", "a/b/c", "x" * 3000, "%2E%2E"])
def test_an_unknown_product_is_a_page_too(client: Any, path: str) -> None:
    answer = client.get(f"/product/{path}")
    assert answer.status_code == 404 and "There is no such product" in answer.text


def test_every_page_says_what_may_run(client: Any) -> None:
    for path in ("/", "/search?q=bed", "/product/lamp", "/product/none", "/basket"):
        headers = client.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
        assert "script" not in re.sub(
            r'<script src="/static/shop.js\?v=\w+" defer></script>', "", client.get(path).text
        )
        assert ' style="' not in client.get(path).text
    found = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get("/").text)
    assert len(found) == 3
    for path in found:
        assert "immutable" in client.get(path).headers["cache-control"]


@pytest.mark.parametrize("to", [
    "//evil.example", "https://evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)", "",
    "/\tevil", "/a\r\nset-cookie: x=y", " //evil.example", "/" + "x" * 5000, "evil.example",
])  # fmt: skip
def test_forms_lead_nowhere_else(client: Any, to: str) -> None:
    for path, form in (
        ("/as", {"household": "u1"}),
        ("/language", {"lang": "zh"}),
        ("/basket/add", {"product": "lamp"}),
    ):
        answer = client.post(path, data={**form, "next": to})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert local("/search?q=a b&brand=%22") == "/search?q=a%20b&brand=%22"


@pytest.mark.parametrize("headers", [
    {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
])  # fmt: skip
def test_forms_of_other_sites_are_refused(client: Any, headers: dict[str, str]) -> None:
    for path in ("/basket/add", "/basket/set", "/basket/remove", "/basket/order", "/as", "/language"):
        answer = client.post(path, data={"product": "lamp", "household": "u1"}, headers=headers)
        assert answer.status_code == 403 and not {"basket", "household"} & set(answer.cookies)
    assert (
        client.post("/basket/add", data={"product": "lamp"}, headers={"origin": "http://testserver"}).status_code == 303
    )


@pytest.mark.parametrize("cookie", [
    "", "x", "[", "{}", "[1,2]", '[["lamp"]]', '[["lamp","2"]]', '[["lamp",-1]]', '[["lamp",1e9]]', '[["lamp",true]]',
    '[["\\ud800",1]]', '[["no such thing",1]]', "[" * 5000, '[[null,1]]', '[["a\\u0000",1]]', "%FF%FE",
])  # fmt: skip
def test_a_garbled_basket_is_an_empty_one(client: Any, cookie: str) -> None:
    assert (
        client.get("/basket", headers={"cookie": f"basket={quote(cookie)}; ordered={quote(cookie)}"}).status_code == 200
    )
    answer = client.get("/ordered?order=1", headers={"cookie": f"ordered={quote(cookie)}"})
    assert answer.status_code in (200, 303)
    assert all(1 <= many <= 99 for many in basket(quote(cookie)).items.values())


@pytest.mark.parametrize("form", [
    {}, {"product": "no such thing"}, {"product": "lamp", "quantity": "-1"}, {"product": "lamp", "quantity": "a"},
    {"product": "lamp", "quantity": "٣"}, {"product": b"\xed\xa0\x80"},
    {"product": "lamp", "quantity": "0"},
])  # fmt: skip
def test_what_cannot_be_bought_is_not(client: Any, form: dict[str, Any]) -> None:
    answer = client.post("/basket/add", data=form)
    assert answer.status_code == 303 and "basket" not in answer.cookies
    told = client.post("/basket/add", data=form, headers={"accept": "application/json"})
    assert told.status_code == 400 and told.json()["count"] == 0


def test_a_basket_has_an_end(client: Any) -> None:
    for k in range(55):
        client.post("/basket/add", data={"product": f"g{k:03d}", "quantity": "500"})
    held = basket(client.cookies["basket"])
    assert len(held.items) == 50 and set(held.items.values()) == {99}
    answer = client.post("/basket/add", data={"product": "lamp"}, headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()["said"]) == (409, "Your basket is full.")
    assert not Basket({"x" * 250 + str(k): 1 for k in range(40)}).fits


def test_nothing_stands_twice_on_the_home_page(client: Any) -> None:
    client.cookies.set("household", "u1")
    shown = re.findall(r'name="product" value="([^"]+)"', client.get("/").text)
    assert len(shown) > 20 and len(shown) == len(set(shown))


def test_what_is_done_is_recorded(shop: Shop, client: Any) -> None:
    def history() -> dict[str, str]:
        return {p.product: p.reasons[0].text for p in shop.recommend("again", user="newcomer", record=False)}

    client.cookies.set("household", "newcomer")
    assert history() == {}
    page = client.get("/search?q=sheets").text
    slate = re.search(r"/product/sheets\?slate=(\w+)&amp;position=0", page)
    assert slate
    client.get(f"/product/sheets?slate={slate[1]}&position=0")
    client.post("/basket/add", data={"product": "sheets", "slate": slate[1], "position": "0", "quantity": "2"})
    client.post("/basket/add", data={"product": "lamp"})
    client.post("/basket/remove", data={"product": "lamp"})
    answer = client.post("/basket/order")
    assert answer.headers["location"].startswith("/ordered?order=")
    assert history() == {"sheets": "you bought it today"}
    thanks = client.get(answer.headers["location"]).text
    assert "Thank you for your order" in thanks and "2 items" in thanks
    assert client.post("/basket/order").headers["location"] == "/basket", "nothing is bought twice"


def test_nothing_is_recorded_where_the_shop_says_so(shop: Shop) -> None:
    testing = pytest.importorskip("starlette.testclient")
    app = application(shop, record=False)
    client = testing.TestClient(app, follow_redirects=False)
    client.cookies.set("household", "unseen")
    client.get("/product/sheets")
    client.post("/basket/add", data={"product": "sheets"})
    client.post("/basket/order")
    app.state.turns.close()
    assert len(shop.recommend("again", user="unseen", record=False)) == 0


def test_cookies_are_for_nobody_else(client: Any) -> None:
    answers = [client.get("/"), client.post("/as", data={"household": "Zoë 李, a;b"}),
               client.post("/language", data={"lang": "zh"}),
               client.post("/basket/add", data={"product": "lamp"})]  # fmt: skip
    said = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    assert {cookie.split("=")[0] for cookie in said} == {"session", "household", "lang", "basket"}
    assert all("HttpOnly" in cookie and "SameSite=lax" in cookie for cookie in said)
    page = client.get("/").text
    assert "Zoë 李, a;b" in page and '<html lang="zh-Hans">' in page


def test_a_shop_that_is_not_trained_has_a_page(tmp_path: Path) -> None:
    testing = pytest.importorskip("starlette.testclient")
    with opened(tmp_path / "new") as made:
        app = application(made)
        answer = testing.TestClient(app).get("/")
        app.state.turns.close()
    assert answer.status_code == 503 and "The shop is not ready yet" in answer.text


# Words and figures


def test_both_languages_say_everything() -> None:
    def holes(text: str) -> set[str]:
        return {name for _, name, _, _ in Formatter().parse(text) if name}

    for key, (english, chinese) in TEXTS.items():
        assert english and chinese, key
        assert holes(english) - {"n"} == holes(chinese) - {"n"}, key
    assert all(
        re.search(r"[\u4e00-\u9fff]", chinese) for key, (_, chinese) in TEXTS.items() if key not in ("lang", "category")
    )


@pytest.mark.parametrize(("english", "chinese"), [
    ("you bought it 3 times, last 4 days ago", "买过 3 次，最近一次是 4 天前"), ("you bought it 2 times", "买过 2 次"),
    ("you bought it yesterday", "你昨天买过"), ("you bought it 9 days ago", "你 9 天前买过"),
    ("bought together with Oak bed", "常与“Oak bed”一起购买"),
    ("often bought after Tea\nset", "买过“Tea\nset”的顾客常会再买"),
    ("similar to what you chose", "与“你选的商品”相似"), ("bought by 12 shoppers", "12 位顾客买过"),
    ("bought by 3 of the 150 shoppers most like you", "与你最相似的 150 位顾客中，3 位买过"),
    ("popular in the categories and brands you buy", "在你常买的分类和品牌中很受欢迎"), ("new in the shop", "新品上架"),
    ("matches “a {0}”", "与“a {0}”匹配"),
    ("close in meaning to “tea”", "与“tea”意思相近"), ("chosen by the shop", "店家推荐"),
    ("known to answer this search", "已知符合这一搜索"),
    ("comes next for shoppers who chose what you chose", "和你选择相似的顾客接着会选"),
    ("goes with Oak bed", "常与“Oak bed”搭配"),
    ("chosen next by shoppers who chose Oak bed", "选过“Oak bed”的顾客接着选"),
    ("bought by others who chose Oak bed", "选过“Oak bed”的其他顾客也买"),
    ("you put it in your basket", "你加入过购物车"), ("you looked at it", "你看过"),
    ("something new", "Something new"),
])  # fmt: skip
def test_reasons_are_said_in_chinese(english: str, chinese: str) -> None:
    assert reason(english, "zh") == chinese
    assert reason(english, "en")[1:] == english[1:]


def test_money_is_written_as_shops_write_it() -> None:
    assert [price(499, "USD"), price(120000, "CNY"), price(1, "EUR"), price(500, "CHF"), price(150, "JPY")] == \
        ["$4.99", "¥1,200.00", "€0.01", "CHF\u00a05.00", "¥150"]  # fmt: skip
    assert (price(None, "USD"), price(5, ""), price(-250, "USD"), price(1500, "KWD")) == (
        "",
        "",
        "−$2.50",
        "KWD\u00a01.500",
    )
    assert total([(100, "USD"), (50, "EUR"), (None, "USD"), (1, "USD")]) == "$1.01 + €0.50"


def test_tiles_differ_by_category_and_stay_the_same() -> None:
    assert tile(("Grocery", "Fluid milk products")) != tile(("Grocery", "Cheese"))
    assert tile(("Unheard", "Of")) == tile(("Unheard", "Of"))
    assert len({(tile((name,)).hue, tile((name,)).body) for name in ("Qa", "Qb", "Qc", "Qd", "Qe", "Qf")}) > 3
    assert tile(("Grocery", "Frozen pizza"), "1").body == MOTIFS["pizza"].body == tile((), "2", "Pizza, 12 oz").body
    assert all(0 <= tile((name, "x"), name).hue < HUES for name in map(chr, range(0x4E00, 0x4E40)))
    drawn = [part for motif in MOTIFS.values() for part in (motif.body, motif.lines)]
    assert all(re.fullmatch(r"[MmLlHhVvCcSsAaZz0-9 .\-]*", part) for part in drawn)


def test_only_the_web_is_linked() -> None:
    assert picture("HTTPS://a.example/x.png") and picture("http://a.example")
    assert not any(map(picture, ("javascript:1", "data:image/png,", "//a.example", " https://a", "ftp://a", "")))
    assert (shopper("  7 "), shopper("a\0b"), shopper("é" * 200)) == ("7", "a b", "")


def test_a_chosen_category_counts_what_it_shows(client: Any) -> None:
    page = client.get("/search?category=Sport").text
    counted = re.search(r'aria-current="true".*?class="many">(\d+)<', page, re.DOTALL)
    assert counted and counted[1] == "2" and "2 results" in page


def test_a_price_in_words_is_said_in_the_language_of_the_page(client: Any) -> None:
    asked = {"q": "bed under $450 without oak"}
    page = client.get("/search", params=asked).text
    assert "Price to 450 · Without &#39;oak&#39;" in page and "Oak bed" not in page
    client.cookies.set("lang", "zh")
    assert "价格不超过 450 · 不含“oak”" in client.get("/search", params=asked).text


def test_nothing_found_is_said_once(client: Any) -> None:
    page = client.get("/search?q=zzzzqq").text
    assert page.count("<h1>") == 1 and "<h1>Nothing found for “zzzzqq”</h1>" in page


def test_addresses_keep_what_was_asked() -> None:
    asked = Asked("a&b", ("X > Y",), ("A", "B"), "5", "price", "c")
    assert asked.toggled("brand", "A").href == "/search?q=a%26b&category=X+%3E+Y&brand=B&max_price=5&sort=price"
    assert asked.toggled("brand", "C").brand == ("A", "B", "C") and Asked().href == "/search"
    assert asked.filters == {"category": ["X > Y"], "brand": ["A", "B"], "price": {"lte": 5.0}}


def test_variants_that_nobody_can_tell_apart_are_one_choice(tmp_path: Path) -> None:
    from starlette.testclient import TestClient

    def one(number: int, group: str, colour: str, available: bool = True) -> dict[str, Any]:
        return {"id": f"{group}{number}", "group": group, "title": f"The {group}", "category": "A > B",
                "attributes": {"colour": [colour]} if colour else {}, "available": available}  # fmt: skip

    cups = [one(1, "cup", "red", available=False), one(2, "cup", "red"), one(3, "cup", "blue"), one(4, "cup", "red")]
    with opened(tmp_path) as shop:
        shop.load(products=[*cups, *(one(k, "tin", "") for k in range(9))])
        shop.train()
    with TestClient(application(Shop(tmp_path))) as client:

        def chosen(product: str) -> list[tuple[str, str]]:
            page = client.get(f"/product/{product}").text
            listed = re.search(r'<nav class="variants".*?</nav>', page, re.DOTALL)
            return re.findall(r'<a href="/product/(\w+)"[^>]*>(\w+)', listed[0]) if listed else []

        assert client.get("/product/tin3").status_code == 200 and not chosen("tin3"), "nine that are all alike"
        assert chosen("cup3") == [("cup2", "red"), ("cup3", "blue")], "the first that can be had"
        assert chosen("cup1") == [("cup1", "red"), ("cup3", "blue")] and chosen("cup4")[0] == ("cup4", "red")
