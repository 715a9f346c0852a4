"""The engine's reasons, which are English, as a shopper reads them."""

import re
from collections.abc import Sequence

_AGO = {"today": "今天", "yesterday": "昨天"}
_CHOSEN = {"what you chose": "你选的商品"}

# Pattern of a whole reason → how a Chinese shop would say it; the groups are filled in.
CHINESE: Sequence[tuple[re.Pattern[str], str]] = tuple(
    (re.compile(pattern, re.DOTALL), said)
    for pattern, said in (
        (r"you bought it (\d+) times, last (today|yesterday|\d+ days ago)", "买过 {0} 次，最近一次是{1}"),
        (r"you bought it (\d+) times", "买过 {0} 次"),
        (r"you bought it (today|yesterday|\d+ days ago)", "你{0}买过"),
        (r"bought together with (.+)", "常与“{0}”一起购买"),
        (r"looked at together with (.+)", "常与“{0}”一起浏览"),
        (r"often bought after (.+)", "买过“{0}”的顾客常会再买"),
        (r"similar to (.+)", "与“{0}”相似"),
        (r"goes with (.+)", "常与“{0}”搭配"),
        (r"chosen next by shoppers who chose (.+)", "选过“{0}”的顾客接着选"),
        (r"bought by others who chose (.+)", "选过“{0}”的其他顾客也买"),
        (r"bought by (\d+) of the (\d+) shoppers most like you", "与你最相似的 {1} 位顾客中，{0} 位买过"),
        (r"bought by (\d+) shoppers?", "{0} 位顾客买过"),
        (r"popular in the categories and brands you (?:buy|like)", "在你常买的分类和品牌中很受欢迎"),
        (r"popular in the categories you (?:buy|like)", "在你常买的分类中很受欢迎"),
        (r"popular in the brands you (?:buy|like)", "在你常买的品牌中很受欢迎"),
        (r"popular lately", "近来很受欢迎"),
        (r"bought by shoppers like you", "与你相似的顾客买过"),
        (r"like what shoppers choose after (.+)", "与选过“{0}”的顾客接着选的相似"),
        (r"more from the shop", "店内更多商品"),
        (r"comes next for shoppers who chose what you chose", "和你选择相似的顾客接着会选"),
        (r"bought by shoppers who would answer as you did", "与你回答相似的顾客买过"),
        (r"you put it in your basket", "你加入过购物车"),
        (r"you looked at it", "你看过"),
        (r"new in the shop", "新品上架"),
        (r"first (?:bought|chosen) lately", "近来首次有人购买"),
        (r"matches “(.+)”", "与“{0}”匹配"),
        (r"close in meaning to “(.+)”", "与“{0}”意思相近"),
        (r"chosen by the shop", "店家推荐"),
        (r"known to answer this search", "已知符合这一搜索"),
        (r"has the number you asked for", "编号与你搜索的一致"),
        (r"nothing has all of these words: these are the nearest", "没有商品同时符合所有词，以下是最接近的商品"),
        (r"nothing has (.+): these are the nearest", "没有找到 {0}，以下是最接近的商品"),
        (r"price to ([\d.]+)", "价格不超过 {0}"),
        (r"price from ([\d.]+) to ([\d.]+)", "价格 {0} 到 {1}"),
        (r"price from ([\d.]+)", "价格 {0} 起"),
        (r"without '(.+)'", "不含“{0}”"),
        (r"low prices preferred", "优先显示低价商品"),
    )
)


def reason(text: str, language: str) -> str:
    """A reason in the language of the page; one that is not known stays as the engine said it."""
    if language == "zh":
        for pattern, said in CHINESE:
            match = pattern.fullmatch(text)
            if match:
                return said.format(*map(_chinese, match.groups()))
    return text[:1].upper() + text[1:]


def _chinese(part: str) -> str:
    days = re.fullmatch(r"(\d+) days ago", part)
    if days:
        return f" {days[1]} 天前"
    return _AGO.get(part) or _CHOSEN.get(part) or part
