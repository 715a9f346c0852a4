"""Results for people: tables in the terminal."""

from itertools import zip_longest
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table as Grid

from aisle.evaluation.bootstrap import Interval
from aisle.records.issue import Issue, LoadReport
from aisle.records.money import to_major
from aisle.records.quiz import Question, Quiz
from aisle.records.slate import Explanation, Slate
from aisle.records.status import Status
from aisle.records.times import iso
from aisle.wiring.attributes import Attributes
from aisle.wiring.evaluate import Table
from aisle.wiring.exposed import Exposed
from aisle.wiring.report import Trained
from aisle.wiring.safety import Withheld
from aisle.wiring.simulate import Simulated
from aisle.wiring.synonyms import Synonym
from aisle.wiring.versions import Version
from aisle.wiring.weigh import Weighing

MIB = 1 << 20
SHOWN = 10  # proposals told on a screen
COLOURS = {"error": "red", "warning": "yellow", "note": "cyan"}


def console() -> Console:
    """Where results go."""
    return Console(highlight=False)


def grid(title: str, *columns: str) -> Grid:
    """An empty table; columns that end in a space hold numbers."""
    made = Grid(title=escape(title), title_justify="left", title_style="bold", header_style="dim")
    for column in columns:
        made.add_column(column.strip(), justify="right" if column.endswith(" ") else "left", overflow="fold")
    return made


def loaded(report: LoadReport) -> None:
    """What a load did."""
    made = grid("Loaded", "part", "from", "rows ", "accepted ", "of these known ", "quarantined ", "seconds ")
    for part in report.parts:
        made.add_row(part.part, escape(part.file), f"{part.rows:,}", f"{part.accepted:,}", f"{part.known:,}",
                     f"{part.quarantined:,}", f"{part.seconds:.1f}")  # fmt: skip
    out = console()
    out.print(made)
    for part in report.parts:
        for note in part.notes:
            out.print(f"[cyan]note[/cyan] {escape(f'{part.file}: {note}')}")
        for fault in part.faults[:5]:
            out.print(f"[red]set aside[/red] {escape(str(fault))}", soft_wrap=True)


def status(found: Status) -> None:
    """How a shop stands."""
    made = grid("Status", "what", "is")
    for name, moment in (("published", found.published), ("learned", found.learned), ("last event", found.last_event)):
        made.add_row(name, "never" if moment is None else iso(moment))
    made.add_row("generation", found.generation or "none")
    made.add_row("products", f"{found.products:,}, and {found.lacking:,} that came since")
    made.add_row("log", f"{found.log_bytes / MIB:,.0f} MiB; {found.free_bytes / MIB:,.0f} MiB of the disk are free")
    out = console()
    out.print(made)
    for problem in found.problems:
        out.print(f"[red]problem[/red] {escape(problem)}", soft_wrap=True)


def issues(found: list[Issue]) -> None:
    """What a check found."""
    out = console()
    if not found:
        out.print("nothing found")
    for issue in found:
        count = f"{issue.count:,} of {issue.of:,} " if issue.of else f"{issue.count:,} " if issue.count else ""
        out.print(f"[{COLOURS[issue.severity]}]{issue.severity:<8}[/] {count}{escape(issue.message)}", soft_wrap=True)
        if issue.examples:
            out.print(f"         such as {', '.join(issue.examples[:3])}", style="dim", markup=False, soft_wrap=True)
        if issue.advice:
            out.print(f"         → {issue.advice}", style="dim", markup=False, soft_wrap=True)


def trained(report: Trained) -> None:
    """What a training run did."""
    out = console()
    out.print(f"[bold]Generation {report.generation}[/bold] in {report.seconds['total']:.0f} s")
    for what in report.fitted:
        out.print(f"[green]fitted[/green]  {escape(what)}")
    for what, why in report.skipped.items():
        out.print(f"[yellow]skipped[/yellow] {escape(f'{what}: {why}')}", soft_wrap=True)
    for name, value in report.figures.items():
        out.print(f"        {name}: {value}", style="dim", markup=False, soft_wrap=True)


def slate(found: Slate, title: str = "") -> None:
    """A slate with its reasons."""
    made = grid(title or f"{found.scenario} {found.query}".strip(), "# ", "product", "title", "price ", "why")
    for placed in found:
        price = f"{to_major(placed.price, placed.currency):,}" if placed.price is not None else "–"
        why = "; ".join(reason.text for reason in placed.reasons[:2])
        made.add_row(str(placed.position + 1), *map(escape, (placed.product, placed.title, price, why)))
    out = console()
    out.print(made)
    for note in (*found.notes, *found.degraded):
        out.print(f"[cyan]note[/cyan] {escape(note)}", soft_wrap=True)
    if not len(found):
        out.print("nothing found")


def explanation(found: Explanation) -> None:
    """Why, or why not."""
    out = console()
    out.print(f"[bold]{escape(found.product)}[/bold]: {escape(found.verdict)}")
    for name, rank in sorted(found.sources.items(), key=lambda pair: pair[1]):
        out.print(f"  {name} named it {rank}.")
    for name, value in found.contributions.items():
        out.print(f"  {name:<28} {value:+.3f}", style="dim")


def table(found: Table, report: Path | None = None) -> None:
    """Figures beside their baselines."""
    metrics = list(dict.fromkeys(m.metric for m in found.measurements if " over " not in m.metric))
    made = grid(
        f"Recommendations, {found.shoppers} shoppers, seed {found.seed}",
        "system",
        *(f"{m} " for m in metrics),
    )
    values: dict[str, dict[str, Any]] = {}
    for m in found.measurements:
        values.setdefault(m.model, {})[m.metric] = m
    for model, of in values.items():
        made.add_row(model, *(f"{of[metric].value:.4f}" if metric in of else "" for metric in metrics),
                     style="bold" if model == "aisle" else "")  # fmt: skip
    out = console()
    out.print(made)
    for m in found.measurements:
        if " over " in m.metric:
            out.print(f"aisle {m.metric}: {m.value:+.1%} ({m.low:+.1%} … {m.high:+.1%})")
    if found.groups:
        told = grid(
            "How groups of shoppers fare", "group", "shoppers ", "NDCG@10 ", "to the others ", "over popularity "
        )
        for group in found.groups:
            told.add_row(escape(f"{group.field}: {group.value}"), str(group.shoppers), f"{group.ndcg.value:.4f}",
                         "\n".join(_relative(group.gap)), "\n".join(_relative(group.gain)))  # fmt: skip
        out.print(told)
    for note in found.notes:
        out.print(f"[cyan]note[/cyan] {note}")
    if report is not None:
        out.print(f"report: {report}")


def simulated(found: Simulated) -> None:
    """What other settings would do."""
    out = console()
    out.print(f"[bold]Asked again:[/bold] {found.source}")
    exchanged = found.exchanged
    out.print(f"{found.changed:.0%} of the slates of {found.shoppers:,} shoppers change; {exchanged.value:.1f} of "
              f"{found.places:.1f} products are others{_between(exchanged)}")  # fmt: skip
    made = grid("Expected of a slate", "", "in force ", "proposed ", "change ", "95 % ")
    for one in found.effects:
        made.add_row(one.metric, f"{one.before:.4f}", f"{one.after:.4f}", *_relative(one.change))
    out.print(made)
    for name, often in found.running.items():
        out.print(f"campaign {name!r} ran in {often} of {found.requests} requests", markup=False)
    for why, often in found.held_back.items():
        each = often / found.requests
        out.print(f"{each:.1f} candidates a request are kept off: {why}", markup=False, soft_wrap=True)
    if found.prices:
        title = f"What each rule adds, on what {found.prices[0].shoppers:,} shoppers bought in the last weeks"
        made = grid(title, "rule", "NDCG@10 ", "revenue ", "margin ", "buyers ")
        for price in found.prices:
            money = (price.revenue, price.revenue_each), (price.margin, price.margin_each)
            told = ["\n".join(_relative(price.ndcg)), *("\n".join(_money(*some)) for some in money)]
            made.add_row(escape(price.rule), *told, f"{price.buyers:,}")
        out.print(made)
    for example in found.examples:
        made = grid(f"{example.scenario} {example.query}".strip(), "in force", "proposed")
        for before, after in zip_longest(example.before, example.after, fillvalue=""):
            made.add_row(escape(before), escape(after))
        out.print(made)
    for note in found.notes:
        out.print(f"[cyan]note[/cyan] {escape(note)}", soft_wrap=True)


def asked(question: Question) -> str:
    """A question of a quiz, as it is put to a shopper."""
    meant = f" ({', '.join(question.examples)})" if question.examples else ""
    if question.field == "product":
        return f"Do you buy {question.examples[0]}?"
    return f"Do you buy {question.field} {question.value}?{meant}"


def quiz(found: Quiz) -> None:
    """What fits the answers."""
    slate(found.slate)


def weighed(found: Weighing) -> None:
    """What each weight does, and the one to take."""
    out, (chose, told) = console(), found.shoppers
    made = grid(f"{found.objective} beside purchases, told by {told} shoppers", "weight ", "NDCG@10 ", "95 % ",
                f"{found.objective} ", "95 % ", "")  # fmt: skip
    for point in found.points:
        mark = "← chosen" if point.weight == found.chosen else "" if point.front else "another is better in both"
        made.add_row(f"{point.weight:g}", *_relative(point.ndcg), *_money(point.gain, point.more), mark)
    out.print(made)
    limits = f"at most {found.lost:.1%} of NDCG@10 lost" + (
        f" and at least {found.least:.1%} gained" if found.least else ""
    )
    if found.chosen is None:
        out.print(f"no weight gains within the limits ({limits}), by {chose} other shoppers")
    else:
        out.print(f"by {chose} other shoppers, {limits}; in shop.toml:\n")
        out.print(f"[objectives.home]\n{found.setting}\n", markup=False)


def queue(found: list[Withheld]) -> None:
    """What waits, and what was decided."""
    made = grid("Withheld", "", "product", "title", "why", "decision")
    for one in found:
        state = "shown" if one.shown else "forbidden" if one.forbidden else "hidden" if one.decision else "waits"
        decision = one.decision
        told = "" if decision is None else f"{'show' if decision.show else 'hide'} {decision.by} {decision.why}".strip()
        made.add_row(state, escape(one.product), escape(one.title), escape(one.why), escape(told))
    console().print(made if found else "nothing is withheld")


def erased(found: dict[str, int]) -> None:
    """What the log no longer holds."""
    console().print(f"erased {found['erased']} rows")


def synonyms(found: list[Synonym]) -> None:
    """Phrases, what they may mean, and why."""
    if not found:
        console().print("nothing is suggested")
        return
    grid = Grid("phrase", "may mean", "because")
    for one in found:
        grid.add_row(escape(one.phrase), escape(one.other), escape(one.why))
    console().print(grid)


def attributes(found: Attributes) -> None:
    """How well each attribute is read, the surest proposals, and what was left alone."""
    out, made = console(), grid("Attributes", "attribute", "titles ", "right", "found", "products ")
    for one in found.learned:
        told = (f"{rate.value:.3f} ({rate.low:.3f} … {rate.high:.3f})" for rate in (one.right, one.found))
        made.add_row(escape(one.attribute), f"{one.titles:,}", *told, f"{one.proposed:,}")
    if found.learned:
        out.print(made)
    for proposal in found.proposals[:SHOWN]:
        line = f"{proposal.product}: {proposal.attribute} = {proposal.value} ({proposal.sure:.2f}), {proposal.title}"
        out.print(line, markup=False, soft_wrap=True)
    if len(found.proposals) > SHOWN:
        out.print(f"… and {len(found.proposals) - SHOWN} more: --out FILE writes all")
    for name, why in found.skipped.items():
        out.print(f"{name}: {why}", markup=False, soft_wrap=True)


def exposure(found: Exposed) -> None:
    """What was shown, period by period, beside what was taken."""
    title = f"Slates of {found.scenario}, in periods of {found.days} days, and what was bought"
    out, made = console(), grid(title, "from", "slates ", "people ", "items ", "alike ", "variety ", "bought alike ",
                                "variety ")  # fmt: skip
    if not found.periods:
        out.print(f"no slate of {found.scenario} is in the log", markup=False)
        return
    for one in found.periods:
        figures = _known(one.alike, ",.0f"), _known(one.variety, ".3f"), _known(one.bought_alike, ",.0f")
        made.add_row(iso(one.begins)[:10], f"{one.slates:,}", f"{one.shoppers:,}", f"{one.products:,}", *figures,
                     _known(one.bought_variety, ".3f"))  # fmt: skip
    out.print(made)
    change, told = _relative(found.change)
    if told:
        out.print(f"{found.both:,} shoppers saw slates in the first and the last period: two products of a slate are "
                  f"of different kinds {change} as often ({told})", soft_wrap=True)  # fmt: skip


def _known(value: float, how: str) -> str:
    """A number, or a dash where nothing can be said."""
    return format(value, how) if value == value else "–"


def versions(found: list[Version]) -> None:
    """What was in force when."""
    out = console()
    for one in found:
        out.print(f"{'→' if one.current else ' '} [bold]{one.id}[/bold] {one.written:%Y-%m-%d %H:%M:%S} UTC")
        for name, before, after in one.changes:
            out.print(f"    {name}: {before} → {after}", markup=False, soft_wrap=True)
        if one.unread:
            out.print(f"    {one.unread}", style="red", markup=False, soft_wrap=True)


def _between(one: Interval) -> str:
    """Its interval behind a figure, where there is one."""
    return f" ({one.low:.1f} … {one.high:.1f})" if one.low == one.low else ""


def _money(relation: Interval, each: Interval) -> tuple[str, str]:
    """A relation or, where there is a loss to relate to, the difference a shopper."""
    if relation.value == relation.value or each.value != each.value:
        return _relative(relation)
    return f"{each.value:+.2f} each", f"{each.low:+.2f} … {each.high:+.2f}" if each.low == each.low else "too few"


def _relative(change: Interval) -> tuple[str, str]:
    """A relation and its interval; a dash where there is nothing to relate to, or nobody to tell of one."""
    if change.value != change.value:
        return "–", ""
    if change.low != change.low:
        return f"{change.value:+.1%}", "too few"
    return f"{change.value:+.1%}", f"{change.low:+.1%} … {change.high:+.1%}"
