"""settings → campaigns as the stages take them, and what a shop should know of its own rules before shoppers do."""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

from aisle.catalogue.catalogue import Catalogue
from aisle.catalogue.filters import passing
from aisle.catalogue.kinds import kinds
from aisle.catalogue.offers import Overlay
from aisle.errors import AisleError, InputError, SettingsError
from aisle.language.tongue import tongue
from aisle.language.words import words
from aisle.records.campaign import ALWAYS, Campaign, Campaigns, Rows
from aisle.records.history import Bools
from aisle.records.issue import Issue
from aisle.records.times import to_millis
from aisle.settings import Campaign as Said
from aisle.settings import Settings
from aisle.wiring.texts import language_of


def campaigns_of(
    catalogue: Catalogue, overlay: Callable[[], Overlay], settings: Settings, stem: Callable[[str], str],
    target: tuple[int, ...] = (),
) -> Campaigns:  # fmt: skip
    """Every campaign of shop.toml; stem: of a word; target: codes of the event types that count as taking. Raises
    SettingsError for a filter that cannot be asked."""
    zone = ZoneInfo(settings.shop.timezone)
    made = []
    for at, said in enumerate(settings.rules.campaigns):
        begins = ALWAYS[0] if said.begins is None else to_millis(said.begins, zone)
        ends = ALWAYS[1] if said.ends is None else to_millis(said.ends, zone)
        if begins >= ends:
            raise SettingsError(f"shop.toml, rules.campaigns.{at}.ends", said.ends, f"later than {said.begins}")
        mute = next((query for query in said.queries if not words(query)), None)
        if mute is not None:
            raise SettingsError(f"shop.toml, rules.campaigns.{at}.queries", mute, "queries with a word")
        pins, pinned = pins_of(catalogue, said.pins)
        made.append(Campaign(
            said.name, frozenset(said.scenarios), tuple(frozenset(map(stem, words(q))) for q in said.queries),
            begins, ends, pins,
            _rows(catalogue, overlay, said.boost, f"{at}.boost"), said.by,
            _rows(catalogue, overlay, said.bury, f"{at}.bury"),
            _rows(catalogue, overlay, said.hide, f"{at}.hide", by_unit=True),
            None if not said.audience else said.audience == "known",
            _rows(catalogue, overlay, said.took, f"{at}.took", by_unit=True),
            _rows(catalogue, overlay, said.lacks, f"{at}.lacks", by_unit=True), pinned,
        ))  # fmt: skip
    return Campaigns(tuple(made), stem, target, words)


def pins_of(catalogue: Catalogue, ids: Sequence[str]) -> tuple[tuple[int, ...], dict[int, int]]:
    """The rows that ids name; and rows → the unit, where an id names one of several."""
    known = [(catalogue.row_of_id(one), catalogue.ids.get(one)) for one in ids]
    several = {row: unit for row, unit in known
               if row >= 0 and unit is not None and catalogue.starts[row + 1] - catalogue.starts[row] > 1}  # fmt: skip
    return tuple(dict.fromkeys(row for row, _ in known if row >= 0)), several


def _rows(
    catalogue: Catalogue, overlay: Callable[[], Overlay], asked: Mapping[str, Any], where: str, by_unit: bool = False
) -> Rows | None:
    """The rows of which a unit passes a filter (`by_unit`: these units): worked out once for every state of prices and
    stock."""
    if not asked:
        return None
    kept: dict[tuple[int, str], Bools] = {}

    def rows(market: str) -> Bools:
        now = overlay()
        at = now.revision, now.known(market)
        if at not in kept:
            for old in [key for key in kept if key[0] != now.revision]:
                del kept[old]
            units = passing(catalogue, now, asked, market)
            kept[at] = units if by_unit else catalogue.any_unit(units)
        return kept[at]

    try:
        rows("")
    except InputError as error:
        raise SettingsError(f"shop.toml, rules.campaigns.{where}", error.found, error.expected) from None
    return rows


def examined(catalogue: Catalogue, settings: Settings) -> list[Issue]:
    """What a merchant would want to be told: ids that nobody sells, filters that find nothing, campaigns that hide
    what another one, or a rule, shows."""
    rules, said = settings.rules, settings.rules.campaigns
    try:
        stem = tongue(settings.shop.language or language_of(catalogue)).stem
        made = campaigns_of(catalogue, lambda: catalogue.offers, settings, stem).every
        counted = [kinds(catalogue, quota.field, quota.value) for quota in rules.quotas]
    except AisleError as error:
        advice = "mend it in shop.toml; until then quotas, campaigns, objectives and facets rest"
        return [Issue("rules", "error", f"cannot be followed: {error}", advice=advice)]
    named = {"rules.pins": rules.pins, "rules.buries": rules.buries, "rules.hides": rules.hides}
    named |= {f"campaign {one.name!r}": one.pins for one in said}
    issues = [Issue("rules", "warning", f"{where} names products that are not in the catalogue", len(lost), len(ids),
                    tuple(lost[:5]), "mend the ids in shop.toml")
              for where, ids in named.items() if (lost := [i for i in ids if catalogue.row_of_id(i) < 0])]  # fmt: skip
    for one, campaign in zip(said, made, strict=True):
        masks = {"boost": campaign.boosted, "bury": campaign.buried, "hide": campaign.hidden, "took": campaign.took,
                 "lacks": campaign.lacks}  # fmt: skip
        issues += [Issue("rules", "warning", f"campaign {one.name!r}: no product passes the filter under {action}",
                         advice="mend the filter in shop.toml")
                   for action, rows in masks.items() if rows is not None and not rows("").any()]  # fmt: skip
        if not (one.pins or one.boost or one.bury or one.hide):
            issues.append(Issue("rules", "warning", f"campaign {one.name!r} does nothing",
                                advice="give it pins, boost, bury or hide"))  # fmt: skip
    hidden = set(catalogue.units_of(*rules.hides).tolist())
    hides = {row for row in catalogue.row_of[sorted(hidden)].tolist()
             if hidden.issuperset(range(*catalogue.starts[row : row + 2]))}  # fmt: skip
    pins = [(f"campaign {one.name!r}", pin) for one in said for pin in one.pins]
    pins += [("rules.pins", pin) for pin in rules.pins]
    issues += [Issue("rules", "error", f"rules.hides hides what {where} pins", 1, 1, (pin,),
                     "name it in one of them only")
               for where, pin in pins if (row := catalogue.row_of_id(pin)) >= 0 and row in hides]  # fmt: skip
    issues += [Issue("rules", "warning", f"rules.quotas.{at}: no product has {quota.field} {quota.value}".rstrip(),
                     advice="mend the field or the value in shop.toml")
               for at, quota in enumerate(rules.quotas) if not (counted[at] >= 0).any()]  # fmt: skip
    pairs = [(a, b) for a, b in combinations(zip(said, made, strict=True), 2) if _together(a[1], b[1])]
    both = [_against(catalogue, a[0], b) for pair in pairs for a, b in (pair, pair[::-1])]
    return issues + [issue for issue in both if issue]


def _together(one: Campaign, other: Campaign) -> bool:
    """Can both run for one request?"""
    here = not one.scenarios or not other.scenarios or not one.scenarios.isdisjoint(other.scenarios)
    apart = None not in (one.known, other.known) and one.known != other.known
    return here and not apart and one.begins < other.ends and other.begins < one.ends


def _against(catalogue: Catalogue, one: Said, hiding: tuple[Said, Campaign]) -> Issue | None:
    """What one campaign pins and the other hides."""
    other, hides = hiding
    if hides.hidden is None:
        return None
    gone = ~catalogue.any_unit(~hides.hidden(""))
    lost = [pin for pin in one.pins if (row := catalogue.row_of_id(pin)) >= 0 and gone[row]]
    if not lost:
        return None
    return Issue("rules", "error", f"campaign {other.name!r} hides what campaign {one.name!r} pins", len(lost),
                 len(one.pins), tuple(lost[:5]), "let one of them end before the other begins")  # fmt: skip
