"""The evaluation as one self-contained HTML page: the table, intervals as a plot, and how shoppers fare."""

import base64
import io
from pathlib import Path
from typing import Any

from jinja2 import Environment, select_autoescape

from aisle.evaluation.bootstrap import Interval
from aisle.wiring.evaluate import Table

PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Aisle: evaluation</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; color: #1c2430; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { padding: .35rem .6rem; text-align: right; border-bottom: 1px solid #dde3ea } th { font-weight: 600 }
th:first-child, td:first-child { text-align: left } tr.ours { background: #eef6f1; font-weight: 600 }
small { color: #5a6675; font-weight: 400 } img { max-width: 100%; height: auto } .wide { overflow-x: auto }
</style>
<h1>Evaluation</h1>
<p>What {{ shoppers }} shoppers took {{ split }}, which the measured ranker never saw.
Brackets are 95 % intervals by bootstrap over shoppers; seed {{ seed }}.</p>
{% if plot %}<p><img alt="NDCG@10 of each system with its interval"
  src="data:image/png;base64,{{ plot }}"></p>{% endif %}
<div class="wide"><table>
<tr><th>system</th>{% for metric in metrics %}<th>{{ metric }}</th>{% endfor %}</tr>
{% for model, of in models.items() %}<tr{% if model == "aisle" %} class="ours"{% endif %}><td>{{ model }}</td>
{% for metric in metrics %}{% set cell = of.get(metric, ("–", "")) %}
<td>{{ cell[0] }}<br><small>{{ cell[1] }}</small></td>{% endfor %}</tr>
{% endfor %}</table></div>
<h2>Gain over the baselines</h2>
<ul>{% for gain in gains %}<li>{{ gain }}</li>{% endfor %}</ul>
{% if groups %}<h2>Groups of shoppers</h2>
<div class="wide"><table><tr><th>group</th><th>shoppers</th><th>NDCG@10</th><th>to the others</th>
<th>over popularity</th></tr>
{% for group in groups %}<tr><td>{{ group[0] }}</td>{% for cell in group[1:] %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></div>{% endif %}
{% if spread %}<p><img alt="How NDCG@10 is spread over shoppers"
  src="data:image/png;base64,{{ spread }}"></p>{% endif %}
<p><small>{% for note in notes %}{{ note }}. {% endfor %}</small></p>
</html>
"""


def write_report(table: Table, path: Path) -> Path:
    """Write the page; without matplotlib it has tables only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page = Environment(autoescape=select_autoescape(default=True)).from_string(PAGE)
    metrics = list(dict.fromkeys(m.metric for m in table.measurements if " over " not in m.metric))
    models: dict[str, dict[str, tuple[str, str]]] = {}
    for m in table.measurements:
        if " over " not in m.metric:
            interval = f"{m.low:.4f} … {m.high:.4f}" if m.low == m.low else ""
            models.setdefault(m.model, {})[m.metric] = (f"{m.value:.4f}", interval)
    gains = [
        f"{m.metric.removeprefix('ndcg@10 ')}: {m.value:+.1%} ({m.low:+.1%} … {m.high:+.1%})"
        for m in table.measurements if " over " in m.metric
    ]  # fmt: skip
    path.write_text(page.render(
        shoppers=table.shoppers, split=table.split, seed=table.seed, metrics=metrics, models=models, gains=gains,
        groups=[(f"{one.field}: {one.value}", one.shoppers, f"{one.ndcg.value:.4f}", _relative(one.gap),
                 _relative(one.gain)) for one in table.groups],
        notes=table.notes, plot=_drawn(_intervals, table), spread=_drawn(_spread, table),
    ))  # fmt: skip
    return path


def _relative(one: Interval) -> str:
    return f"{one.value:+.1%} ({one.low:+.1%} … {one.high:+.1%})" if one.value == one.value else "–"


def _drawn(draw: Any, table: Table) -> str:
    """A plot as base64 PNG; empty without matplotlib."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        return ""
    figure = Figure(figsize=(8, 3), dpi=130, layout="constrained")
    draw(figure.subplots(), table)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return base64.b64encode(buffer.getvalue()).decode()


def _intervals(axes: Any, table: Table) -> None:
    shown = [m for m in table.measurements if m.metric == "ndcg@10"][::-1]
    for place, m in enumerate(shown):
        colour = "#1b7f4d" if m.model == "aisle" else "#8a97a6"
        axes.plot([m.low, m.high], [place, place], color=colour, linewidth=3, solid_capstyle="round")
        axes.plot(m.value, place, "o", color=colour)
    axes.set_yticks(range(len(shown)), [m.model for m in shown])
    axes.set_xlabel("NDCG@10")
    axes.spines[["top", "right"]].set_visible(False)


def _spread(axes: Any, table: Table) -> None:
    for model, values in table.curves.get("ndcg@10", {}).items():
        share = [k / (len(values) - 1) for k in range(len(values))]
        ours = model == "aisle"
        axes.plot(share, values, label=model, linewidth=2.5 if ours else 1.2, color="#1b7f4d" if ours else None)
    axes.set_xlabel("share of shoppers")
    axes.set_ylabel("NDCG@10 at most")
    axes.legend(frameon=False, fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
