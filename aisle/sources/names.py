"""What other systems call our columns, for a word of advice where one of theirs is all that a feed has.

Merchant Center, Shopify, WooCommerce, Google Retail, AWS Personalize, GA4 and public data sets. Nothing is renamed by
itself: what a column means only the shop knows.
"""

from collections.abc import Collection, Mapping

THEIRS: Mapping[str, Mapping[str, str]] = {
    "products": {
        "group": "item_group_id handle parent_id parent_asin product_group_id primary_product_id product_code spu",
        "category": "product_type google_product_category categories product_category category_hierarchy category_name",
        "price": "sale_price regular_price variant_price unit_price",
        "list_price": "compare_at_price variant_compare_at_price original_price",
        "cost": "cost_of_goods_sold cost_per_item cost_of_goods",
        "available": "availability in_stock stock_status",
        "image": "image_link image_url images image_src product_image_url",
        "url": "link uri product_url external_url",
        "brand": "vendor manufacturer brand_name product_brand",
        "description": "body_html product_description short_description",
        "created_at": "creation_timestamp publish_time release_date created",
        "id": "item_id product_id sku asin article_id itemid variant_sku",
        "title": "name product_name product_title item_name prod_name",
    },
    "events": {
        "user": "user_id userid visitor_id visitorid customer_id customerid reviewer_id reviewerid user_pseudo_id",
        "session": "session_id sessionid visit_id",
        "product": "item_id itemid product_id productid article_id asin sku parent_asin",
        "timestamp": "time event_time event_timestamp created_at date t_dat datetime unix_review_time unixreviewtime",
        "order": "order_id orderid transaction_id transactionid basket_id invoice invoice_no invoiceno",
        "type": "event event_type eventtype event_name action action_type behavior behavior_type",
        "value": "rating stars score overall event_value",
        "query": "search_term search_query",
    },
    "judgements": {
        "product": "product_id item_id product_uid",
        "relevance": "label grade score esci_label rating relevance_score",
        "query": "search_term query_text",
    },
    "users": {"id": "user_id user userid customer_id"},
}

# the same in Chinese
CHINESE: Mapping[str, Mapping[str, str]] = {
    "products": {
        "group": "款号 商品款号",
        "category": "类目 分类 品类 商品类目 商品分类",
        "price": "价格 售价 销售价 现价",
        "list_price": "原价 市场价 划线价",
        "cost": "成本 成本价",
        "available": "上架状态 是否有货",
        "image": "图片 主图 商品图片",
        "url": "链接 商品链接",
        "brand": "品牌 商品品牌",
        "description": "描述 商品描述 详情 商品详情",
        "created_at": "上架时间 创建时间",
        "id": "商品id 商品编号 商品编码 货号",
        "title": "标题 名称 商品名称 商品标题 品名",
    },
    "events": {
        "user": "用户id 用户编号 会员id 买家id",
        "session": "会话id",
        "product": "商品id 商品编号",
        "timestamp": "时间 时间戳 行为时间 下单时间",
        "order": "订单号 订单编号 订单id",
        "type": "行为 行为类型 事件 事件类型",
        "value": "评分",
        "query": "搜索词 关键词",
    },
}
# and in other languages of Europe
EUROPEAN: Mapping[str, Mapping[str, str]] = {
    "products": {
        "group": "artikelgruppe variantengruppe",
        "category": "kategorie warengruppe rubrik catégorie categorie categoría categoria rayon kategoria",
        "price": "preis verkaufspreis vk prix precio preço prezzo prijs pris cena",
        "list_price": "uvp streichpreis listenpreis prix_barré prix_conseillé",
        "cost": "einkaufspreis ek coût costo",
        "available": "verfügbarkeit verfügbar lagerstatus disponibilité disponibilidad disponibilidade disponibilità",
        "quantity": "bestand lagerbestand menge quantité cantidad quantità voorraad",
        "image": "bild bilder_url bild_url afbeelding immagine imagen imagem",
        "url": "produktlink lien enlace",
        "brand": "marke hersteller marque marca merk varumärke marka",
        "description": "beschreibung produktbeschreibung descripción descrição descrizione omschrijving opis",
        "created_at": "erstellt_am angelegt_am date_de_création",
        "id": "artikelnummer artikelnr art_nr sku_nr référence",
        "title": "titel bezeichnung artikelbezeichnung produktname titre nom titulo título titolo nome naam nazwa",
    },
    "events": {
        "user": "kunde kundennummer kunden_id client cliente klant",
        "product": "artikelnummer artikel produkt produit producto prodotto",
        "timestamp": "datum zeit zeitpunkt fecha data date_commande",
        "order": "bestellnummer bestellung commande pedido ordine",
        "type": "typ ereignis événement evento",
        "value": "bewertung note",
        "query": "suchbegriff suchanfrage recherche",
    },
}
# what they call events, by ours
EVENTS: Mapping[str, str] = {
    "view": "pv pageview page_view view_item detail detail_view product_viewed item_view 浏览 查看",
    "click": "select_item 点击", "impression": "view_item_list 曝光",
    "cart": "addtocart add_to_cart add-to-cart basket product_added 加购 加购物车 加入购物车",
    "uncart": "remove_from_cart removefromcart 移出购物车",
    "wishlist": "fav favorite favourite add_to_wishlist 收藏",
    "purchase": "buy order transaction purchased checkout_completed 购买 下单 支付 成交",
    "refund": "return returned 退款 退货", "search": "view_search_results 搜索",
}  # fmt: skip
OURS = {theirs: ours for ours, names in EVENTS.items() for theirs in names.split()}


def called(event: str) -> str:
    """What we call an event that others call so; empty where nobody does."""
    return OURS.get(event, "")


def advice(part: str, columns: Collection[str]) -> list[str]:
    """A line for each of our columns that a feed lacks while it has what others call so."""
    theirs = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in columns}
    made = []
    for ours, names in THEIRS[part].items():
        named = [name for of in (CHINESE, EUROPEAN) for name in of.get(part, {}).get(ours, "").split()]
        named = [*names.split(), *named]
        found = [theirs[name] for name in named if name in theirs] if ours not in columns else []
        if found:
            made.append(f"no column {ours}, but {', '.join(found)}: rename it if that is what it means")
    return made
