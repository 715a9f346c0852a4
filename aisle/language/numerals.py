"""Chinese numbers of prices as digits: 一百元以下, 两百块以内, 5千以下, 1万元左右."""

import re

DIGITS = {**dict(zip("零一二三四五六七八九", range(10), strict=True)), "〇": 0, "两": 2}
UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
DIGIT, UNIT = f"[{''.join(DIGITS)}]", f"[{''.join(UNITS)}]"
ONE = rf"(?:\d+(?:\.\d+)?|(?:{DIGIT}|{UNIT})*){UNIT}{DIGIT}?"
MONEY = r"\s?(?:元|块钱|块|人民币)"
# a number is one of money where a bound stands behind it or before it
PRICED = re.compile(
    rf"{ONE}(?={MONEY}?(?:以下|以内|之内|以上|左右)|{MONEY}[内到至]|[到至](?:\d|{DIGIT}|{UNIT})+{MONEY})"
    rf"|(?<=[低高少多小大]于){ONE}(?={MONEY})|(?<=超过){ONE}(?={MONEY})|(?<=[到至]){ONE}(?={MONEY})"
)


def in_digits(text: str) -> str:
    """A text with its prices in digits."""
    return PRICED.sub(lambda found: f"{number(found[0]):.10g}", text)


def number(said: str) -> float:
    """What a numeral says: 三千五 is 3,500, 百 is 100.

    >>> number("一百五"), number("1.5万"), number("两千零五")
    (150.0, 15000.0, 2005.0)
    """
    whole = part = one = 0.0
    unit, zero = 1, False
    for piece in re.findall(r"\d+(?:\.\d+)?|.", said):
        if piece in UNITS:
            unit, zero = UNITS[piece], False
            if unit == UNITS["万"]:
                whole, part, one = whole + (part + one or 1) * unit, 0.0, 0.0
            else:
                part, one = part + (one or 1) * unit, 0.0
        else:
            one = float(DIGITS.get(piece, piece) if piece in DIGITS else piece)
            zero = zero or piece in "零〇"
    return whole + part + one * (unit / 10 if unit > 10 and not zero else 1)
