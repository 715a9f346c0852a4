"""Every string of the pages, in English and in Chinese."""

from collections.abc import Mapping

LANGUAGES = ("en", "zh")

TEXTS: Mapping[str, tuple[str, str]] = {
    "lang": ("en", "zh-Hans"),
    "skip": ("Skip to content", "跳到主要内容"),
    "search": ("Search", "搜索"),
    "search_for": ("Search the shop", "搜索商品"),
    "suggestions": ("Suggestions", "搜索建议"),
    "basket": ("Basket", "购物车"),
    "basket_count": ("Basket, {n} items", "购物车，{n} 件商品"),
    "basket_count_one": ("Basket, 1 item", "购物车，1 件商品"),
    "shopper": ("Shopping as", "当前身份"),
    "guest": ("Guest", "访客"),
    "shopper_field": ("Shopper’s id", "顾客编号"),
    "shopper_help": (
        "See the shop as this shopper would. Leave it empty for a guest.",
        "以该顾客的身份浏览商店；留空即为访客。",
    ),
    "switch": ("Switch", "切换"),
    "be_guest": ("Continue as a guest", "以访客身份浏览"),
    "language": ("Language", "语言"),
    "inside": ("Look inside a search", "查看检索过程"),
    "preview": (
        "A preview of {name}, made by Aisle. No payment, no delivery.",
        "{name} 的预览商店，由 Aisle 生成，不会真实扣款或发货。",
    ),
    "hello": ("Good to see you again", "欢迎回来"),
    "hello_guest": ("What are you looking for today?", "今天想买点什么？"),
    "hello_line": (
        "Your usuals are at the top, followed by a few things you may not have tried yet.",
        "常买的放在最前面，下面还有一些你可能没试过的好东西。",
    ),
    "hello_line_guest": (
        "Start with what others buy, or browse a department.",
        "先看看大家都在买什么，或者按分类逛逛。",
    ),
    "departments": ("Departments", "商品分类"),
    "again": ("Buy again", "再次购买"),
    "discover": ("New for you", "为你推荐"),
    "because": ("Because you chose {about}", "因为你选过“{about}”"),
    "popular": ("Popular now", "大家都在买"),
    "new": ("New in the shop", "新品上架"),
    "category": ("{about}", "{about}"),
    "shelf": ("For you", "为你精选"),
    "add": ("Add to basket", "加入购物车"),
    "add_short": ("Add", "加购"),
    "add_this": ("Add to basket: {title}", "加购：{title}"),
    "added": ("Added to your basket: {title}", "已加入购物车：{title}"),
    "full": ("Your basket is full.", "购物车已满。"),
    "failed": ("That did not work. Please try again.", "操作失败，请重试。"),
    "no_price": ("No price given", "暂无价格"),
    "results_for": ("Results for “{q}”", "“{q}”的搜索结果"),
    "all": ("All products", "全部商品"),
    "results": ("{n} results", "共 {n} 件商品"),
    "results_one": ("1 result", "共 1 件商品"),
    "near": ("Near what you looked for", "与你要找的相近"),
    "range": ("{first}–{last} of {n} results", "第 {first}–{last} 件，共 {n} 件商品"),
    "showing": ("Showing results for “{q}”", "已为你显示“{q}”的结果"),
    "typed": ("You typed “{q}”.", "你输入的是“{q}”。"),
    "filters": ("Filter", "筛选"),
    "brand": ("Brand", "品牌"),
    "category_facet": ("Department", "分类"),
    "max_price": ("Highest price", "最高价"),
    "up_to": ("Up to {price}", "不高于 {price}"),
    "apply": ("Apply", "确定"),
    "chosen": ("Chosen filters", "已选条件"),
    "remove_filter": ("Remove filter: {name}", "移除条件：{name}"),
    "clear": ("Clear all", "清除全部"),
    "sort": ("Sort by", "排序"),
    "relevance": ("Best match", "综合排序"),
    "price": ("Price, low to high", "价格从低到高"),
    "-price": ("Price, high to low", "价格从高到低"),
    "more": ("More results", "更多结果"),
    "first_page": ("Back to the first results", "回到第一页"),
    "stale": (
        "The shop was updated in the meantime, so here are the first results again.",
        "商品数据刚刚更新，已回到第一页。",
    ),
    "nothing": ("Nothing found for “{q}”", "没有找到与“{q}”相关的商品"),
    "nothing_here": ("Nothing found with these filters", "没有符合筛选条件的商品"),
    "nothing_line": (
        "Try fewer or more general words, or take away a filter.",
        "换个说法、缩短关键词，或减少筛选条件试试。",
    ),
    "home": ("Home", "首页"),
    "you_are_here": ("You are here", "当前位置"),
    "available": ("In stock", "有货"),
    "variants": ("Sizes, colours and the like", "规格"),
    "unavailable": ("Not available at the moment", "暂时缺货"),
    "unit_size": ("Size", "规格"),
    "was": ("Instead of", "原价"),
    "quantity": ("Quantity", "数量"),
    "details": ("Details", "商品详情"),
    "description": ("Description", "商品介绍"),
    "product_id": ("Product number", "商品编号"),
    "seller": ("Sold by", "卖家"),
    "see_original": ("See it in the shop", "在商店中查看"),
    "similar": ("You may also like", "你可能还喜欢"),
    "together": ("Often bought together", "经常一起购买"),
    "not_found": ("There is no such product", "没有找到这件商品"),
    "not_found_line": (
        "It may have been taken out of the shop. These are bought often:",
        "它可能已经下架。看看大家都在买什么：",
    ),
    "basket_empty": ("Your basket is empty", "购物车还是空的"),
    "basket_empty_line": ("These are good to start with:", "不妨从这些商品开始："),
    "go_home": ("Back to the shop", "去逛逛"),
    "update": ("Update", "更新"),
    "quantity_of": ("Quantity of {title}", "{title} 的数量"),
    "remove": ("Remove", "移除"),
    "remove_this": ("Remove from basket: {title}", "从购物车移除：{title}"),
    "each": ("{price} each", "单价 {price}"),
    "total": ("Total", "合计"),
    "items": ("{n} items", "{n} 件商品"),
    "items_one": ("1 item", "1 件商品"),
    "unpriced": ("Products without a price are not in the total.", "合计不含暂无价格的商品。"),
    "place": ("Place the order", "提交订单"),
    "goes_with": ("Goes well with your basket", "搭配购买"),
    "ordered": ("Thank you for your order", "订单已提交，感谢购买"),
    "ordered_line": ("Order {order}, {n} items.", "订单号 {order}，共 {n} 件商品。"),
    "ordered_line_one": ("Order {order}, 1 item.", "订单号 {order}，共 1 件商品。"),
    "next_time": ("You may need these next", "接下来你可能需要"),
    "resting": ("The shop is not ready yet", "商店正在准备中"),
    "resting_line": ("Please try again in a moment.", "请稍后再试。"),
    "refused": ("This request came from another site", "请求来自其他网站，已被拒绝"),
    "refused_line": ("Nothing was changed.", "未做任何更改。"),
    "wrong": ("This could not be answered", "无法处理该请求"),
}


class Words:
    """The strings of one language: `words("items", n=2)`."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else LANGUAGES[0]
        self._at = LANGUAGES.index(self.language)

    def __call__(self, key: str, **values: object) -> str:
        """A string with its values filled in; of one thing in the singular."""
        single = f"{key}_one"
        text = TEXTS[single if values.get("n") in (1, "1") and single in TEXTS else key][self._at]
        return text.format(**values) if values else text
