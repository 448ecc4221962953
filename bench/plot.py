"""Draws a Paxoscope comparison or sweep (schemas paxoscope.comparison/1, paxoscope.sweep/1) for a paper.

usage: plot.py RESULTS.json FORMAT OUTPUT
What plot_answers.py does not draw has four panels: throughput and ballots over the number of proposers; at the most
proposers the trade-off between ballots and time to decision with its Pareto front; and where the proposers' time went.
"""

import json
import math
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend must be chosen first)
from matplotlib import ticker  # noqa: E402

matplotlib.rcParams.update({
    "font.size": 9, "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
    "svg.fonttype": "none", "svg.hashsalt": "paxoscope",
})
# Okabe and Ito's palette, which stays apart for colour-blind readers; the markers repeat what the colours say.
COLOURS = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#CC79A7", "#56B4E9", "#000000"]
MARKERS = ["o", "s", "^", "D", "v", "P", "X"]
GREY = "#b8b8b8"
HIGHLIGHTED = 6


def label_points(points):
    """Names each point by its strategy, with those of its parameters that are not the same in all of that name."""
    variants = {}
    for text in {p["experiment"]["strategy"] for p in points}:
        kind, _, parameters = text.partition(":")
        variants.setdefault(kind, {})[text] = parameters.split(",")
    for point in points:
        text = point["experiment"]["strategy"]
        kind = text.partition(":")[0]
        common = set.intersection(*map(set, variants[kind].values()))
        own = [parameter for parameter in variants[kind][text] if parameter and parameter not in common]
        point["label"] = kind + (":" + ",".join(own) if own else "")


def name(point):
    return point.get("label") or point["experiment"]["strategy"].split(":")[0]


def counted(count, noun):
    return f"{count} {noun}{'' if count == 1 else 's'}"


def figure(point, metric):
    return point["metrics"][metric]["value"]


def interval(point, metric):
    figures = point["metrics"][metric]
    if None in (figures["low"], figures["high"], figures["value"]):
        return 0, 0
    # A mean's interval may reach below zero; what it measures cannot.
    return min(figures["value"] - figures["low"], figures["value"]), figures["high"] - figures["value"]


def styles(points, most):
    """A colour and a marker for `none` and the fastest few with the most proposers; the rest are grey."""
    last = [p for p in points if p["experiment"]["proposers"] == most]
    last.sort(key=lambda p: -(figure(p, "decisions_per_s") or 0))
    chosen = [p["experiment"]["strategy"] for p in last[:HIGHLIGHTED]]
    chosen += [p["experiment"]["strategy"] for p in last if p["experiment"]["strategy"] == "none"]
    chosen = list(dict.fromkeys(chosen))
    return {text: (COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i, text in enumerate(chosen)}


def short_number(value, _=None):
    """20k, 1.5M: as on the command line, for the axes."""
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def log_axis(axis, values, bounds=()):
    """A logarithmic axis just around the values, labelled in plain numbers."""
    values = [v for v in [*values, *bounds] if v is not None and v > 0]
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    if values:
        low, high = min(values), max(values)
        margin = max((high / low) ** 0.08, 1.08)
        axis.axes.set(**{f"{axis.axis_name}lim": (low / margin, high * margin)})
        few = high / low < 12
        axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5) if few or high / low < 150 else (1,)))
    axis.set_major_formatter(ticker.FuncFormatter(short_number))
    axis.set_minor_formatter(ticker.NullFormatter())


BOUND = {"color": "#444444", "linewidth": 0.9, "linestyle": ":", "zorder": 1}


def draw_bound(axis, y, text):
    axis.axhline(y, **BOUND)
    axis.annotate(text, (1, y), xycoords=axis.get_yaxis_transform(), textcoords="offset points", xytext=(-2, -2),
                  ha="right", va="top", fontsize=7, color="#444444")


def draw_lines(axis, points, metric, style, bounds=()):
    values = []
    for i, text in enumerate(dict.fromkeys(p["experiment"]["strategy"] for p in points)):
        line = sorted((p["experiment"]["proposers"], i, p) for i, p in enumerate(points)
                      if p["experiment"]["strategy"] == text)
        xs = [n for n, _, _ in line]
        ys = [figure(p, metric) or math.nan for _, _, p in line]  # nothing decided: a gap
        values += [y for y in ys if y > 0]
        if text in style:
            colour, marker = style[text]
            # Side by side, so that the intervals can be told apart.
            aside = 2 ** (0.045 * (list(style).index(text) - (len(style) - 1) / 2))
            errors = list(zip(*[interval(p, metric) for _, _, p in line]))
            axis.errorbar([x * aside for x in xs], ys, yerr=errors, color=colour, marker=marker, markersize=4,
                          linewidth=1.3, elinewidth=0.7, label=name(line[0][2]), zorder=3)
            nothing = [x * aside for x, y in zip(xs, ys) if math.isnan(y)]
            axis.plot(nothing, [0.02] * len(nothing), color=colour, marker=marker, markersize=4, linewidth=0,
                      markerfacecolor="none", transform=axis.get_xaxis_transform(), zorder=3)
        else:
            axis.plot(xs, ys, color=GREY, linewidth=0.8, zorder=2)
    if any(p["experiment"]["strategy"] not in style for p in points):
        axis.plot([], [], color=GREY, linewidth=0.8, label="others")
    counts = sorted({p["experiment"]["proposers"] for p in points})
    marked = {p["experiment"]["proposers"] for p in points if p["oversubscribed"]}
    axis.set_xscale("log", base=2)
    axis.set_xticks(counts, [f"{n}*" if n in marked else str(n) for n in counts])
    axis.set_xlabel("proposers   (* more threads than cores)" if marked else "proposers")
    axis.grid(axis="y", color="#ececec", linewidth=0.6)
    log_axis(axis.yaxis, values, bounds)
    axis.xaxis.set_minor_locator(ticker.NullLocator())


def draw_throughput(axis, points, style):
    # A stable leader needs one round trip for each instance of its window.
    leader = points[0]["experiment"]["window"] * 1e9 / max(points[0]["round_trip_ns"], 1)
    draw_lines(axis, points, "decisions_per_s", style, (leader,))
    draw_bound(axis, leader, "bound: a stable leader, one R a decision")
    axis.set_ylabel("decisions per second")
    axis.set_title("Goodput")


def draw_ballots(axis, points, style):
    draw_lines(axis, points, "ballots_per_decision", style, (0.8, 1))
    draw_bound(axis, 1, "bound: one ballot a decision")
    # Where each proposer learns every decision by a round of its own, a perfect schedule takes N ballots.
    counts = sorted({p["experiment"]["proposers"] for p in points})
    if len(counts) > 1:
        axis.plot(counts, counts, **BOUND)
        offset, side, height = ((-6, 8), "right", "bottom") if len(counts) > 2 else ((12, -6), "left", "top")
        axis.annotate("N: each its own ballot", (counts[-2], counts[-2]), textcoords="offset points", xytext=offset,
                      ha=side, va=height, fontsize=7, color="#444444",
                      arrowprops={"arrowstyle": "-", "color": "#444444", "linewidth": 0.5})
    axis.set_ylabel("ballots per decision")
    axis.set_title("Price in ballots")


def pareto_front(dots):
    """The dots that no other one beats in both directions, from left to right."""
    front = []
    for x, y, p in sorted(dots, key=lambda dot: (dot[0], dot[1])):
        if not front or y < front[-1][1]:
            front.append((x, y, p))
    return front


def overlap(a, b):
    return max(0, min(a[2], b[2]) - max(a[0], b[0])) * max(0, min(a[3], b[3]) - max(a[1], b[1]))


def label_dots(axis, dots):
    """Writes (x, y, text, colour) beside each dot where it hides least, with a thin line when that is not close."""
    canvas = axis.figure.canvas
    canvas.draw()
    to_points = 72 / axis.figure.dpi
    frame = [v * to_points for v in axis.get_window_extent().extents]
    places = [tuple(v * to_points for v in axis.transData.transform((x, y))) for x, y, _, _ in dots]
    taken = [(x - 4, y - 4, x + 4, y + 4) for x, y in places]
    offsets = [(r * math.cos(a * math.pi / 8), r * math.sin(a * math.pi / 8)) for r in (6, 13, 22, 33, 46)
               for a in (1, 15, 0, 7, 9, 8, 2, 14, 6, 10, 4, 12, 3, 5, 11, 13)]
    for (x, y), (_, _, text, colour) in sorted(zip(places, dots), key=lambda pair: -pair[0][1]):
        width, height = 3.7 * len(text), 7.5
        best = None
        for dx, dy in offsets:
            left = x + dx - (0 if dx > 1 else width if dx < -1 else width / 2)
            box = (left, y + dy - height / 2, left + width, y + dy + height / 2)
            outside = max(0, frame[0] - box[0]) + max(0, box[2] - frame[2] - 20) + max(0, frame[1] - box[1]) \
                + max(0, box[3] - frame[3])
            cost = sum(overlap(box, other) for other in taken) + 40 * outside + 0.6 * math.hypot(dx, dy)
            if best is None or cost < best[0]:
                best = (cost, dx, dy, box)
        _, dx, dy, box = best
        taken.append(box)
        far = math.hypot(dx, dy) > 8
        data = axis.transData.inverted().transform((x / to_points, y / to_points))
        axis.annotate(text, data, textcoords="offset points", xytext=(dx, dy), fontsize=6.5, color=colour, va="center",
                      ha="left" if dx > 1 else "right" if dx < -1 else "center", annotation_clip=False, zorder=4,
                      arrowprops={"arrowstyle": "-", "color": "#aaaaaa", "linewidth": 0.5, "shrinkA": 0,
                                  "shrinkB": 3} if far else None)


def draw_pareto(axis, points, most, style, round_trip_us):
    """Last of the panels: its labels find their place in the finished layout."""
    dots = [(figure(p, "ballots_per_decision"), figure(p, "chosen_p50_us"), p) for p in points
            if p["experiment"]["proposers"] == most]
    dots = [dot for dot in dots if None not in dot[:2]]
    for x, y, p in dots:
        colour, marker = style.get(p["experiment"]["strategy"], (GREY, "o"))
        axis.scatter([x], [y], color=colour, marker=marker, s=26, zorder=3)
    front = pareto_front(dots)
    log_axis(axis.xaxis, [x for x, _, _ in dots], (0.9, 1))
    log_axis(axis.yaxis, [y for _, y, _ in dots], (1.3 * round_trip_us,))
    if front:  # from the upper edge to the right one: what lies beyond is beaten
        axis.step([front[0][0], *(x for x, _, _ in front), axis.get_xlim()[1]],
                  [axis.get_ylim()[1], *(y for _, y, _ in front), front[-1][1]], where="post", color="black",
                  linewidth=0.9, linestyle="--", zorder=2, label="Pareto front")
    draw_bound(axis, 1.5 * round_trip_us, "bound: 1.5 R until a quorum has voted")
    axis.axvline(1, **BOUND)
    axis.set_xlabel("ballots per decision")
    axis.set_ylabel("time until chosen, median (µs)")
    axis.set_title(f"Trade-off and Pareto front, {counted(most, 'proposer')}", pad=18)
    axis.legend(fontsize=7, loc="lower left", bbox_to_anchor=(0, 0.995), borderaxespad=0)
    label_dots(axis, [(x, y, name(p), "black" if p["experiment"]["strategy"] in style else "#777777")
                      for x, y, p in dots])


def draw_budget(axis, points, most):
    rows = [p for p in points if p["experiment"]["proposers"] == most and p["repetitions"] > 0]
    rows.sort(key=lambda p: figure(p, "decisions_per_s") or 0)
    parts = [("working", "#009E73"), ("waiting", "#56B4E9"), ("queued", "#999999"), ("backing_off", "#E69F00"),
             ("idle", "#ededed")]
    left = [0.0] * len(rows)
    for part, colour in parts:
        widths = [figure(p, part + "_percent") or 0 for p in rows]
        axis.barh([name(p) for p in rows], widths, left=left, color=colour, height=0.75,
                  label=part.replace("_", " "))
        left = [a + b for a, b in zip(left, widths)]
    axis.set_xlim(0, 100)
    axis.set_ylim(-0.6, len(rows) - 0.4)
    axis.set_xlabel("share of the proposers' time (%); the fastest at the top")
    axis.set_title(f"Where the time went, {counted(most, 'proposer')}", pad=18)
    axis.tick_params(axis="y", labelsize=7, length=0)
    axis.legend(fontsize=7, ncol=5, loc="lower left", bbox_to_anchor=(0, 0.995), borderaxespad=0, columnspacing=1,
                handlelength=1)


ENGINES = {"threads": "threads", "wire": "over gRPC", "simulation": "virtual time"}


def settings(points):
    """The points by all that varies besides strategies and proposers, with the words that tell each setting apart."""
    # In virtual time the two times follow R, which may depend on the number of proposers.
    apart = ("strategy", "proposers", "seed", "warm_up_s", "duration_s")
    found = {}
    for p in points:
        key = tuple((member, str(value)) for member, value in p["experiment"].items() if member not in apart)
        found.setdefault(key, []).append(p)
    every = [dict(key) for key in found]
    named = []
    for own, group in zip(every, found.values()):
        others = [other for other in every if other["engine"] == own["engine"]]  # engines have defaults of their own
        words = [ENGINES[own["engine"]]] if len(others) < len(every) else []
        words += [f"{member} {value}" for member, value in own.items() if any(o[member] != value for o in others)]
        named.append((", ".join(words), group))
    return named


def draw_comparison(points):
    """Four panels for each setting."""
    named = settings(points)
    most = max(p["experiment"]["proposers"] for p in points)
    style = styles(named[0][1], most)
    figure_, axes = plt.subplots(2 * len(named), 2, figsize=(11, 8.2 * len(named)), constrained_layout=True)
    for i, (words, group) in enumerate(named):
        upper, lower = axes[2 * i], axes[2 * i + 1]
        draw_throughput(upper[0], group, style)
        draw_ballots(upper[1], group, style)
        draw_budget(lower[1], group, most)
        if words:
            for axis in upper:
                axis.set_title(f"{axis.get_title(loc='left')}: {words}")
    lines, labels = axes[0][1].get_legend_handles_labels()
    figure_.legend(lines, labels, fontsize=8, loc="lower left", bbox_to_anchor=(0.01, 1), ncol=len(labels),
                   columnspacing=1.4)
    for i, (_, group) in enumerate(named):
        draw_pareto(axes[2 * i + 1][0], group, most, style, group[0]["round_trip_ns"] / 1e3)
    return figure_


def footer(results, points):
    """What was run, in one small line for each engine."""
    parts = []
    for engine, run in (("threads", "repetition"), ("wire", "repetition"), ("simulation", "seed")):
        mine = [p for p in points if p["experiment"]["engine"] == engine]
        if not mine:
            continue
        e = mine[0]["experiment"]
        load = "open loop" if e["arrivals_per_second"] else "closed loop"
        if engine == "simulation" and e["operations_max"] > 0:
            load = f"{counted(e['operations_max'], 'operation')} each"
        parts.append(f"{ENGINES[engine]}: {counted(e['acceptors'], 'acceptor')}, {e['keys']} key, "
                     f"window {e['window']}, {load}, "
                     f"{e['give_up']}, {e['learning']}, {counted(results[run + 's'], run)}, 95% intervals, "
                     f"R = {mine[0]['round_trip_ns'] / 1e3:.2f} µs")
    machine = results["machine"]
    return ";\n".join(parts) + (f"; {machine['cpu']}, {machine['cores']} cores; paxoscope {machine['version']} "
                               f"({machine['commit']})")


def main():
    import plot_answers  # here, since it draws with this module

    source, kind, target = sys.argv[1:4]
    with open(source, encoding="utf-8") as file:
        results = json.load(file)
    points = [p for p in results["points"] if p["repetitions"] > 0]
    if not points:
        sys.exit("nothing was measured, so there is nothing to draw")
    label_points(points)
    figure_ = plot_answers.draw(results, points) or draw_comparison(points)
    figure_.text(0.01, -0.01, footer(results, points), fontsize=6.5, color="#555555", va="top")
    figure_.savefig(target, format=kind, dpi=160, bbox_inches="tight",
                    metadata={"Date": None} if kind == "svg" else None)


if __name__ == "__main__":
    main()
