"""Prices and what is not wanted, in English and Chinese; sizes and names that look like them stay words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aisle.language.wishes import Wishes, wishes


@pytest.mark.parametrize(
    "query, wanted",
    [
        ("walnut bed under $500", Wishes("walnut bed", None, 500)),
        ("laptop under $1,000", Wishes("laptop", None, 1000)),
        ("laptop under 1,299.50", Wishes("laptop", None, 1299.5)),
        ("wein 12,50 euro or less", Wishes("wein", None, 12.5)),
        ("lamp below 20", Wishes("lamp", None, 20)),
        ("sofa over 300 euros", Wishes("sofa", 300)),
        ("headphones $20 - $50", Wishes("headphones", 20, 50)),
        ("desk between 100 and 200 dollars", Wishes("desk", 100, 200)),
        ("gift 19.99 usd or less", Wishes("gift", None, 19.99)),
        ("运动鞋 200元以下", Wishes("运动鞋", None, 200)),
        ("手机 ¥1000到¥2000", Wishes("手机", 1000, 2000)),
        ("连衣裙 300元以上", Wishes("连衣裙", 300)),
        ("juice without sugar", Wishes("juice", without=("sugar",))),
        ("shampoo without parabens for kids", Wishes("shampoo for kids", without=("parabens",))),
        ("dog food without the chicken and beef", Wishes("dog food", without=("chicken", "beef"))),
        ("bread without corn, wheat or soy under $3", Wishes("bread", None, 3, ("corn", "wheat", "soy"))),
        ("fridge without an ice-maker", Wishes("fridge", without=("ice maker",))),
        ("不含酒精的 香水", Wishes("香水", without=("酒精",))),
        ("200元以下的背包", Wishes("背包", None, 200)),
        ("running shoes for women not black", Wishes("running shoes for women", without=("black",))),
        ("shirts except black and white", Wishes("shirts", without=("black", "white"))),
        ("gifts for him under 50", Wishes("gifts for him", None, 50)),
        ("shoes under 2000", Wishes("shoes", None, 2000)),
        ("laptop under 1000 for students", Wishes("laptop for students", None, 1000)),
        ("duvet cover $50 or less", Wishes("duvet cover", None, 50)),
        ("不含糖 饮料", Wishes("饮料", without=("糖",))),
        ("不辣的零食", Wishes("零食", without=("辣",))),
        ("无酒精爽肤水", Wishes("爽肤水", without=("酒精",))),
        ("非酒精爽肤水", Wishes("爽肤水", without=("酒精",))),
        ("hiking boots size 42 under 150", Wishes("hiking boots size 42", None, 150)),
        ("boots under 150 size 42", Wishes("boots size 42", None, 150)),
        ("rain jacket size l under 100", Wishes("rain jacket size l", None, 100)),
        ("monitor 27 inch under 300", Wishes("monitor 27 inch", None, 300)),
        ("boots between 100 and 150", Wishes("boots", 100, 150)),
        ("watch between 300 and 400 for kids", Wishes("watch for kids", 300, 400)),
        ("tents above 1000", Wishes("tents", 1000)),
        ("waterproof jacket under 100", Wishes("waterproof jacket", None, 100)),
        ("curtains under 50", Wishes("curtains", None, 50)),
        ("1000 piece puzzle under 30", Wishes("1000 piece puzzle", None, 30)),
    ],
)
def test_a_wish_is_read(query: str, wanted: Wishes) -> None:
    assert wishes(query) == wanted


@pytest.mark.parametrize(
    "query",
    ["under cabinet light", "desk under 50 in", "over the door hook", "2x4", "1/2 gallon milk", "no 7 cream", "size 42",
     "under $5", "not", "max power drill", "90 degree elbow", "3-4 inch pipe", "mens no show socks",
     "no bake cake mix", "boots over 12", "weights 5 to 10 pounds", "无线 耳机", "laptop under 1,00,0",
     "nike air max 90", "iphone 14 pro max 256", "toys for kids under 5", "shoes under 12", "duvet cover $50",
     "pullover $30", "adapter under 10 european", "mens socks no show", "curtain rod no drill", "天猫有没有辣椒",
     "shoes under $99999999999999999999", "do not disturb sign", "i'm not a plastic bag", "thou shalt not kill",
     "boots size under 42", "books from 1990 to 2000", "socks from 39 to 42", "drill bits from 1 to 10",
     "toys for ages between 5 and 10", "shirts size between 38 and 42", "shelf between 60 and 80 cm", "women over 50",
     "boots above 42", "bike between 26 and 29", "sunscreen spf above 60", "sheets thread count above 400",
     "lens from 70 to 200", "bulb between 2700 and 3000", "ssd more than 500", "curtains between 200 and 250",
     "toys under 24 for months", "forget me not seeds", "not your mothers shampoo",
     "bread without b, c, d, e, f"],
)  # fmt: skip
def test_what_only_looks_like_a_wish_stays(query: str) -> None:
    assert wishes(query) == Wishes(query)


@pytest.mark.parametrize(("query", "text", "low", "high"), [
    ("jacket under 100€", "jacket", None, 100), ("jacket under 100 €", "jacket", None, 100),
    ("cap 10 - 30 €", "cap", 10, 30), ("mattress between 100 and 300 €", "mattress", 100, 300),
    ("shoes 20 € - 40 €", "shoes", 20, 40), ("desk under 1.299 €", "desk", None, 1299),
    ("bag max. 60 euro", "bag", None, 60),
])  # fmt: skip
def test_a_sign_may_stand_behind_its_number(query: str, text: str, low: float | None, high: float | None) -> None:
    assert wishes(query) == Wishes(text, low, high)


@pytest.mark.parametrize(("language", "query", "wanted"), [
    ("de", "Kopfhörer bis 50€", Wishes("kopfhörer", None, 50)),
    ("de", "Schuhe ab 80 Euro", Wishes("schuhe", 80)),
    ("de-AT", "Koffer unter 100", Wishes("koffer", None, 100)),
    ("de", "Kleid zwischen 20 und 40 Euro", Wishes("kleid", 20, 40)),
    ("de", "Jacke von 50 bis 100 €", Wishes("jacke", 50, 100)),
    ("de", "Lampe um die 30 Euro", Wishes("lampe", 24, 36)),
    ("de", "Rucksack höchstens 1.299,00 €", Wishes("rucksack", None, 1299)),
    ("de", "Kleid nicht schwarz", Wishes("kleid", without=("schwarz",))),
    ("de", "Topf ohne Deckel und Griff für Induktion", Wishes("topf für induktion", without=("deckel", "griff"))),
    ("fr", "chaise jusqu'à 300€", Wishes("chaise", None, 300)),
    ("fr", "chaise jusqu'a 300 euros", Wishes("chaise", None, 300)),
    ("fr", "robe entre 20 et 60 euros", Wishes("robe", 20, 60)),
    ("fr", "lampe moins de 50", Wishes("lampe", None, 50)),
    ("fr", "savon sans huile de palme", Wishes("savon", without=("huile palme",))),
    ("fr", "robe pas noire", Wishes("robe", without=("noire",))),
    ("es", "zapatos menos de 50 euros", Wishes("zapatos", None, 50)),
    ("it", "scarpe fino a 50 €", Wishes("scarpe", None, 50)),
    ("nl", "jas tot 80 euro zonder capuchon", Wishes("jas", None, 80, ("capuchon",))),
    ("de", "Kleid Größe 38 bis 35 €", Wishes("kleid größe 38", None, 35)),
    ("de", "Matratze 140x200 bis 300 Euro", Wishes("matratze 140x200", None, 300)),
    ("de", "Samsung S23 bis 300 Euro", Wishes("samsung s23", None, 300)),
    ("pl", "buty 42 do 200 zl", Wishes("buty 42", None, 200)),
    ("de", "Schuhe 20 € bis 40 €", Wishes("schuhe", 20, 40)),
    ("es", "zapatos no más de 50 euros", Wishes("zapatos", None, 50)),
    ("fr", "chaussures pas plus de 50 euros", Wishes("chaussures", None, 50)),
    ("sv", "skor inte över 500:-", Wishes("skor", None, 500)),
    ("de", "BH nicht unter 25 Euro", Wishes("bh", 25)),
    ("sv", "jacka utan luva till barn", Wishes("jacka till barn", without=("luva",))),
    ("de", "Jacke ohne Kapuze Herren blau", Wishes("jacke herren blau", without=("kapuze",))),
    ("de", "Shampoo ohne Silikone, ohne Parabene", Wishes("shampoo", without=("silikone", "parabene"))),
    ("de", "Kleid ohne Ärmel Gr. M", Wishes("kleid gr. m", without=("ärmel",))),
    ("fr", "gel pas d'alcool", Wishes("gel", without=("alcool",))),
    ("fr", "robe pas plus cher que 50 euros", Wishes("robe", None, 50)),
    ("da", "sko under 500 kr.", Wishes("sko", None, 500)),
    ("pt", "celular até R$ 200", Wishes("celular", None, 200)),
    ("en", "手机壳 max. $20 or less", Wishes("手机壳", None, 20)),
    ("en", "ages 3-5 $10-20", Wishes("ages 3-5", 10, 20)),
    ("fr", "vin 10 à 20 euros", Wishes("vin", 10, 20)), ("de", "Wein 10 bis 20 Euro", Wishes("wein", 10, 20)),
    ("fr", "canapé moins de 1 200 €", Wishes("canapé", None, 1200)),
    ("de", "Stuhl nicht mehr als 50", Wishes("stuhl", None, 50)),
    ("de", "Jacke ohne Kapuze, schwarz", Wishes("jacke schwarz", without=("kapuze",))),
    ("de", "Topf ohne Deckel, Griff und Rand", Wishes("topf", without=("deckel", "griff", "rand"))),
    ("sv", "klänning mellan 200 och 400 kr", Wishes("klänning", 200, 400)),
    ("pl", "buty do 200 zł", Wishes("buty", None, 200)),
    ("ru", "платье до 2000 рублей", Wishes("платье", None, 2000)),
    ("en", "dip without jalapeño", Wishes("dip", without=("jalapeño",))),
])  # fmt: skip
def test_a_wish_is_read_in_the_language_of_the_shop(language: str, query: str, wanted: Wishes) -> None:
    assert wishes(query, language) == wanted


@pytest.mark.parametrize(("language", "query"), [
    ("de", "Schlafsack bis -5 Grad"), ("de", "Sonnencreme LSF 50"), ("de", "Topf unter 20 cm"),
    ("de", "Socken unter 10"), ("de", "Hose Größe 40"), ("de", "ohne Zucker"),
    ("fr", "lampe pas chère"), ("fr", "robe taille 42"), ("fr", "souris sans fil"),
    ("en", "kopfhörer bis 50€ ohne kabel"),
])  # fmt: skip
def test_what_only_looks_like_one_stays(language: str, query: str) -> None:
    """And what titles say whole is the name of something."""
    assert wishes(query, language, lambda text: text == "sans fil") == Wishes(query)


@given(st.text(max_size=40), st.sampled_from(["de", "fr", "it", "pl", "tr", "zh"]))
def test_any_text_is_read_in_any_language(query: str, language: str) -> None:
    wishes(query, language)


@given(st.text(max_size=40))
def test_any_text_is_read(query: str) -> None:
    found = wishes(query)
    assert found.low is None or found.high is None or found.low <= found.high or "under" in query or "<" in query


@pytest.mark.parametrize("query", [
    "planner 2024-2025", "brake pads 1999-2004 civic", "1000-2000 piece puzzle", "清除甲醛的空气净化器",
    "去除黑头的洗面奶", "手表是不是防水的", "家用除湿器静音的", "大于3000流明 投影仪", "身高160以下 连衣裙",
    "最多2人 帐篷", "iphone 12以下 手机壳", "尺码40以下", "100元内衣", "60寸以下电视", "不要太贵的耳机",
    "鼠标 无线", "iphone 12以上", "18岁以上玩具", "1000片以上拼图", "功率500以上的吹风机", "不粘锅", "无线鼠标",
    "内存256以上", "256以上内存条", "2020以上款", "预算2-3千的锅", "价格2-3万的锅", "不酸的面膜", "不甜的红酒",
])  # fmt: skip
def test_a_number_is_no_price_and_a_word_no_denial(query: str) -> None:
    assert wishes(query) == Wishes(query)


@pytest.mark.parametrize(("query", "low", "high"), [
    ("3000到4000的手机", 3000, 4000), ("5千以下手机", None, 5000), ("一百五十元以内玩具", None, 150),
    ("三百到五百元的鞋", 300, 500), ("超过1000元的手表", 1000, None), ("5000以下手机", None, 5000),
    ("两百块以下鞋", None, 200), ("一千块左右的手机支架", 800, 1200), ("100块左右的面膜", 80, 120),
    ("价格500以上的香水", 500, None),
    ("价格在100到200之间的面霜", 100, 200),
])  # fmt: skip
def test_prices_in_chinese(query: str, low: float | None, high: float | None) -> None:
    made = wishes(query)
    assert (made.low, made.high) == (low, high)
