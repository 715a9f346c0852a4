"""A shop that speaks another language than English: words bend, are written together or without spaces, and shoppers
leave accents out. Ten small shops, of which each query has an obvious answer; words alone, no encoder."""

from pathlib import Path

import pytest

from aisle import Shop

BARE = '[encoder]\nmodel = ""\n'
# language → titles by id, and queries with the ids that answer them
WORLDS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "de": ({
        "a": "Damen Laufschuhe schwarz", "b": "Herrenlaufschuhe mit Gel-Dämpfung",
        "c": "Kinderschuhe aus Leder", "d": "Kaffeetassen aus Porzellan, 6 Stück",
        "e": "Kaffeemaschine mit Mahlwerk", "f": "Esszimmerstühle grau, 2er Set", "g": "Gartenstuhl klappbar",
        "h": "Bücherregal weiß", "i": "Kühlschrank 200 Liter", "j": "Winterjacke für Herren",
        "k": "Jackenhaken aus Holz", "l": "Rotweinglas 4 Stück", "m": "rote Wolldecke",
        "n": "Bratpfanne ohne Deckel", "o": "Große Gießkanne grün",
    }, {
        "laufschuh": "ab", "laufschuhe": "ab", "schuhe": "abc", "stuhl": "fg", "stühle": "fg", "stuehle": "fg",
        "tasse": "d", "kaffeetasse": "d", "buecherregal": "h", "bücher regal": "h", "kuhlschrank": "i",
        "jacken": "j", "weinglas": "l", "rotes": "m", "grosse giesskanne": "o", "herren laufschuhe": "b",
        "regale": "h",
    }),
    "fr": ({
        "a": "Chaussures de course pour homme", "b": "Baskets rouges femme", "c": "Canapé d'angle gris",
        "d": "Crème hydratante visage", "e": "Étagère murale en bois", "f": "Manteaux d'hiver enfant",
        "g": "Machine à café avec broyeur", "h": "Tasse à café en porcelaine", "i": "Vélo électrique pliant",
        "j": "Lampes de bureau LED", "k": "Robe blanche en coton", "l": "Sac à dos sans lactose test",
    }, {
        "chaussure": "a", "basket rouge": "b", "canape": "c", "creme": "d", "etageres": "e", "étagères": "e",
        "manteau": "f", "velo": "i", "lampe de bureau": "j", "robes blanches": "k", "l'étagère": "e",
        "tasses": "h", "canapés d'angle": "c",
    }),
    "es": ({
        "a": "Zapatillas deportivas rojas mujer", "b": "Zapatos de cuero negro", "c": "Sillón reclinable gris",
        "d": "Lámpara de pie", "e": "Pantalones vaqueros hombre", "f": "Cafetera italiana",
        "g": "Mesa plegable de jardín", "h": "Sartenes antiadherentes", "i": "Reloj de pared",
        "j": "Luces de navidad", "k": "Colchón 90x190", "l": "Botellas de agua",
    }, {
        "zapato": "b", "zapatilla roja": "a", "sillones": "c", "lampara": "d", "lámparas": "d",
        "pantalon": "e", "jardin": "g", "relojes": "i", "colchones": "k", "botella": "l",
    }),
    "it": ({
        "a": "Scarpe da corsa uomo", "b": "Borsa in pelle rossa", "c": "Caffè in grani 1 kg",
        "d": "Lampade da tavolo", "e": "Coltelli da cucina", "f": "Tavoli allungabili",
        "g": "Orologio da parete",
    }, {
        "scarpa": "a", "borse rosse": "b", "caffe": "c", "lampada": "d", "coltello": "e",
        "tavolo allungabile": "f", "orologi": "g",
    }),
    "nl": ({
        "a": "Hardloopschoenen dames", "b": "Wandelschoen heren", "c": "Eettafel van eikenhout",
        "d": "Stoelen met armleuning", "e": "Keukenmes van staal", "f": "Tuinbank hout",
        "g": "Bureaulampen zwart",
    }, {
        "schoenen": "ab", "schoen": "ab", "tafel": "c", "stoel": "d", "tuinbanken": "f", "bureaulamp": "g",
    }),
    "ru": ({
        "a": "Кроссовки мужские чёрные", "b": "Лампы настольные", "c": "Платье летнее красное",
        "d": "Ёлка искусственная", "e": "Ножи кухонные", "f": "Книги для детей", "g": "Куртки зимние",
    }, {
        "лампа": "b", "платья": "c", "елка": "d", "нож": "e", "книга": "f", "куртка зимняя": "g",
        "черные кроссовки": "a", "красные платья": "c",
    }),
    "el": ({
        "a": "Παπούτσια τρεξίματος ανδρικά", "b": "Καρέκλες τραπεζαρίας", "c": "Λάμπα γραφείου",
        "d": "Μαχαίρια κουζίνας", "e": "Τσάντες ώμου",
    }, {
        "παπουτσια": "a", "ΠΑΠΟΥΤΣΙΑ": "a", "καρεκλα": "b", "λαμπες": "c", "μαχαίρι": "d", "τσαντα": "e",
    }),
    "pl": ({
        "a": "Łóżko drewniane 160x200", "b": "Krzesło biurowe", "c": "Żarówka LED",
        "d": "Buty do biegania męskie", "e": "Książka kucharska",
    }, {
        "lozko": "a", "krzeslo": "b", "zarowka": "c", "ksiazka": "e", "buty": "d",
    }),
    "ja": ({
        "a": "メンズスニーカー 黒 27cm", "b": "レディース ランニングシューズ", "c": "レザー財布 二つ折り",
        "d": "コーヒーメーカー 全自動", "e": "子供用の傘",
        "f": "電気ケトル 1L", "g": "ステンレス水筒 500ml", "h": "抹茶ラテ 粉末", "i": "ﾜｲﾔﾚｽ ｲﾔﾎﾝ", "j": "木製の本棚",
    }, {
        "スニーカー": "a", "シューズ": "b", "財布": "c", "コーヒー メーカー": "d", "傘": "e", "ケトル": "f",
        "水筒": "g", "抹茶": "h",
        "イヤホン": "i", "本棚": "j", "ワイヤレスイヤホン": "i", "ランニング シューズ": "b",
    }),
    "ko": ({
        "a": "여성운동화 검정", "b": "남성 가죽지갑", "c": "커피머신 전자동", "d": "어린이 우산",
        "e": "무선이어폰", "f": "책상의자 회색",
    }, {
        "운동화": "a", "지갑": "b", "커피 머신": "c", "우산": "d", "무선 이어폰": "e", "이어폰": "e",
        "의자": "f", "여성 운동화": "a",
    }),
    "th": ({
        "a": "รองเท้าวิ่งผู้ชาย", "b": "กระเป๋าสตางค์หนัง", "c": "เครื่องชงกาแฟ", "d": "ร่มเด็ก",
        "e": "หูฟังไร้สาย",
    }, {
        "รองเท้า": "a", "กระเป๋า": "b", "กาแฟ": "c", "ร่ม": "d", "หูฟัง": "e",
    }),
    "sv": ({
        "a": "Löparskor herr", "b": "Stolar i ek", "c": "Kaffekopp porslin", "d": "Böcker för barn",
        "e": "Vinterjacka dam",
    }, {
        "stol": "b", "kopp": "c", "kaffekoppar": "c", "jackor": "e",
    }),
}  # fmt: skip


@pytest.mark.parametrize("language", WORLDS)
def test_a_shop_is_searched_in_its_language(language: str, tmp_path: Path) -> None:
    titles, queries = WORLDS[language]
    (tmp_path / "shop.toml").write_text(f'[shop]\nlanguage = "{language}"\n[encoder]\nmodel = ""\n', "utf-8")
    with Shop(tmp_path) as shop:
        shop.load(products=[{"id": name, "title": title} for name, title in titles.items()])
        shop.train()
        found = {query: shop.search(query, size=10) for query in queries}
        first = {query: "".join(sorted(slate.ids[: len(queries[query])])) for query, slate in found.items()}
        assert first == queries
        assert not [query for query, slate in found.items() if any("nearest" in note for note in slate.notes)]


def test_an_english_encoder_is_not_fed_another_script(tmp_path: Path) -> None:
    for language in ("ru", "ja", "ko"):
        folder = tmp_path / language
        folder.mkdir()
        (folder / "shop.toml").write_text(f'[shop]\nlanguage = "{language}"\n', "utf-8")
        with Shop(folder) as shop:
            shop.load(products=[{"id": name, "title": title} for name, title in WORLDS[language][0].items()])
            assert "encoder" in shop.train().skipped["text vectors"]


def test_a_german_query_may_name_its_thing_first(tmp_path: Path) -> None:
    """The query "kleid schwarz 38" asks for a dress, "bis 35 €" is read, and "Gr." is not looked for."""
    colours, things = ("schwarz", "weiß", "blau", "rot"), ("Kleid", "Rucksack", "Teppich", "Ladekabel", "Bluse")
    goods = [{"id": f"{thing}-{colour}-{size}", "title": f"{thing} {colour} Gr. {size}", "farbe": colour, "größe": size,
              "price": f"{20 + 10 * at},50", "currency": "EUR", "description": f"In {colour}, Größe {size}."}
             for thing in things for at, colour in enumerate(colours) for size in ("36", "38")]  # fmt: skip
    (tmp_path / "shop.toml").write_text('[shop]\nlanguage = "de"\ncurrency = "EUR"\n' + BARE)
    with Shop(tmp_path) as shop:
        shop.load(products=goods)
        shop.train(seed=0)

        def first(query: str, many: int) -> set[str]:
            return set(shop.search(query, size=many).ids)

        for thing in ("Kleid", "Rucksack", "Teppich"):
            assert first(f"{thing.lower()} weiß", 2) == {f"{thing}-weiß-36", f"{thing}-weiß-38"}
            grey = shop.search(f"{thing} grau", size=4).ids
            assert grey and all(one.startswith(thing) for one in grey), "in no such colour"
        assert first("kleid gr. 38", 4) == {f"Kleid-{colour}-38" for colour in colours}
        assert first("kleid größe 38 schwarz", 1) == {"Kleid-schwarz-38"}
        assert first("bluse bis 35 €", 9) == {f"Bluse-{c}-{s}" for c in ("schwarz", "weiß") for s in ("36", "38")}
        other = shop.search("kleid nicht schwarz", size=6).ids
        assert len(other) == 6 and not any("schwarz" in one for one in other)


def test_who_asks_without_sugar_is_shown_what_is_free_of_it(tmp_path: Path) -> None:
    goods = {"a": "Bonbons mit Zucker", "b": "Bonbons zuckerfrei", "c": "Bonbons Kirsche", "d": "Salz", "e": "Tee"}
    (tmp_path / "shop.toml").write_text('[shop]\nlanguage = "de"\n' + BARE)
    with Shop(tmp_path) as shop:
        shop.load(products=[{"id": one, "title": title} for one, title in goods.items()])
        shop.train(seed=0)
        assert set(shop.search("bonbons ohne zucker", size=2).ids) == {"b", "c"}


def test_what_stands_behind_an_apostrophe_is_shown_as_it_is_written(tmp_path: Path) -> None:
    titles = ["Robe d'été fleurie", "Robe d'été longue", "Huile d'olive", "Huile d'olive vierge", "Manteau d'hiver"]
    (tmp_path / "shop.toml").write_text('[shop]\nlanguage = "fr"\n' + BARE)
    with Shop(tmp_path) as shop:
        shop.load(products=[{"id": f"p{at}", "title": title} for at, title in enumerate(titles)])
        shop.train(seed=0)
        for typed in ("robe d'é", "robe d", "robe dete", "été", "ete"):
            assert "robe d'été" in shop.suggest(typed), typed
        assert shop.suggest("oliv") == ["olive", "huile d'olive"]
        assert "dété" not in shop.suggest("d") + shop.suggest("dé")
        slate = shop.search("robe d’été", size=2)
        assert slate.query == "robe d'été" and set(slate.ids) == {"p0", "p1"} and not slate.notes


def test_one_odd_colour_takes_the_thing_from_no_query(tmp_path: Path) -> None:
    """One armchair is of the colour "Cream", one vitamin comes in the size "1 Bottle"; roses are sold where a cushion
    is rose."""
    goods = {"a": "Face cream", "b": "Hand cream", "c": "Cream whipper", "d": "Cream jug", "e": "Water bottle",
             "f": "Bottle opener", "g": "Bottle brush", "h": "Armchair", "i": "Vitamin C", "j": "Red rose",
             "k": "White rose", "l": "Rose fertiliser", **{f"m{at}": f"Cushion {at}" for at in range(6)}}  # fmt: skip
    more: dict[str, dict[str, str]] = {"h": {"color": "Cream"}, "i": {"size": "1 Bottle"},
                                       **{f"m{at}": {"color": "Rose"} for at in range(6)}}  # fmt: skip
    (tmp_path / "shop.toml").write_text(BARE)
    with Shop(tmp_path) as shop:
        shop.load(products=[{"id": one, "title": title, **more.get(one, {})} for one, title in goods.items()])
        shop.train(seed=0)
        assert set(shop.search("cream", size=2).ids) == {"a", "b"} and shop.search("bottle", size=1).ids == ["e"]
        assert set(shop.search("rose", size=2).ids) == {"j", "k"}
