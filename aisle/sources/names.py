"""What other systems call our columns, for a word of advice where one of theirs is all that a feed has.

Merchant Center, Shopify, WooCommerce, Google Retail, AWS Personalize, GA4 and public data sets. Nothing is renamed by
itself: what a column means only the shop knows.
"""

from collections.abc import Collection, Mapping

THEIRS: Mapping[str, Mapping[str, str]] = {
    "products": {
        "group": "item_group_id handle parent_id parent_asin product_group_id primary_product_id product_code",
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


def advice(part: str, columns: Collection[str]) -> list[str]:
    """A line for each of our columns that a feed lacks while it has what others call so."""
    theirs = {name.strip().lower().replace(" ", "_").replace("-", "_"): name for name in columns}
    made = []
    for ours, names in THEIRS[part].items():
        found = [theirs[name] for name in names.split() if name in theirs] if ours not in columns else []
        if found:
            made.append(f"no column {ours}, but {', '.join(found)}: rename it if that is what it means")
    return made
