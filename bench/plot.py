"""Draws a Paxoscope comparison or sweep (schemas paxoscope.comparison/1, paxoscope.sweep/1) for a paper.

usage: plot.py RESULTS.json FORMAT OUTPUT
What plot_answers.py does not draw has four panels: throughput and ballots over the number of proposers; at the most proposers the trade-off between ballots
and time to decision with its Pareto front; and where the proposers' time went.
"""

import json
import sys

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (the backend must be chosen first)

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


def name(point):
    return point["experiment"]["strategy"].split(":")[0]


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
    chosen += [p["experiment"]["strategy"] for p in last if name(p) == "none"][:1]
    chosen = list(dict.fromkeys(chosen))
    return {text: (COLOURS[i % len(COLOURS)], MARKERS[i % len(MARKERS)]) for i, text in enumerate(chosen)}


def draw_lines(axis, points, metric, style):
    for text in dict.fromkeys(p["experiment"]["strategy"] for p in points):
        line = sorted((p["experiment"]["proposers"], p) for p in points if p["experiment"]["strategy"] == text)
        line = [(n, p) for n, p in line if figure(p, metric) is not None]
        if not line:
            continue
        xs = [n for n, _ in line]
        ys = [figure(p, metric) for _, p in line]
        errors = list(zip(*[interval(p, metric) for _, p in line]))
        if text in style:
            colour, marker = style[text]
            axis.errorbar(xs, ys, yerr=errors, color=colour, marker=marker, markersize=4, linewidth=1.4, capsize=2,
                          elinewidth=0.7, label=name(line[0][1]), zorder=3)
        else:
            axis.plot(xs, ys, color=GREY, linewidth=0.8, zorder=2)
    if any(p["experiment"]["strategy"] not in style for p in points):
        axis.plot([], [], color=GREY, linewidth=0.8, label="others")
    counts = sorted({p["experiment"]["proposers"] for p in points})
    axis.set_xscale("log", base=2)
    axis.set_xticks(counts, [str(n) for n in counts])
    axis.minorticks_off()
    axis.set_xlabel("proposers")


def draw_throughput(axis, points, style):
    draw_lines(axis, points, "decisions_per_s", style)
    axis.set_yscale("log")
    axis.set_ylabel("decisions per second")
    axis.set_title("Goodput")
    axis.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    marked = {p["experiment"]["proposers"] for p in points if p["oversubscribed"]}
    if marked:
        counts = sorted({p["experiment"]["proposers"] for p in points})
        axis.set_xticks(counts, [f"{n}*" if n in marked else str(n) for n in counts])
        axis.set_xlabel("proposers   (* more threads than cores)")


def draw_ballots(axis, points, style):
    draw_lines(axis, points, "ballots_per_decision", style)
    axis.axhline(1, color="black", linewidth=0.8, linestyle=":")
    axis.text(0.99, 1.02, "bound: one ballot a decision", transform=axis.get_yaxis_transform(), ha="right",
              va="bottom", fontsize=7)
    axis.set_yscale("log")
    axis.set_ylabel("ballots per decision")
    axis.set_title("Price in ballots")
    axis.grid(axis="y", color="#e6e6e6", linewidth=0.6)
    axis.legend(fontsize=7, loc="upper left", ncol=2)


def pareto_front(dots):
    """The dots that no other one beats in both directions, from left to right."""
    front = []
    for x, y, p in sorted(dots, key=lambda dot: (dot[0], dot[1])):
        if not front or y < front[-1][1]:
            front.append((x, y, p))
    return front


def draw_pareto(axis, points, most, style, round_trip_us):
    dots = [(figure(p, "ballots_per_decision"), figure(p, "chosen_p50_us"), p) for p in points
            if p["experiment"]["proposers"] == most]
    dots = [dot for dot in dots if None not in dot[:2]]
    for x, y, p in dots:
        colour, marker = style.get(p["experiment"]["strategy"], (GREY, "o"))
        axis.scatter([x], [y], color=colour, marker=marker, s=26, zorder=3)
        axis.annotate(name(p), (x, y), textcoords="offset points", xytext=(4, 3), fontsize=6.5,
                      color="black" if p["experiment"]["strategy"] in style else "#777777")
    front = pareto_front(dots)
    axis.step([x for x, _, _ in front], [y for _, y, _ in front], where="post", color="black", linewidth=0.8,
              linestyle="--", zorder=2)
    axis.axhline(1.5 * round_trip_us, color="black", linewidth=0.8, linestyle=":")
    axis.text(0.99, 1.5 * round_trip_us, "bound: 1.5 R, alone ", transform=axis.get_yaxis_transform(), ha="right",
              va="bottom", fontsize=7)
    axis.axvline(1, color="black", linewidth=0.8, linestyle=":")
    axis.set_xscale("log")
    axis.set_yscale("log")
    axis.set_xlabel("ballots per decision")
    axis.set_ylabel("time to chosen, median (µs)")
    axis.set_title(f"Trade-off and Pareto front, {most} proposers")


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
    axis.set_xlabel("share of the proposers' time (%)")
    axis.set_title(f"Where the time went, {most} proposers", pad=18)
    axis.tick_params(axis="y", labelsize=7, length=0)
    axis.legend(fontsize=7, ncol=5, loc="lower left", bbox_to_anchor=(0, 0.995), borderaxespad=0, columnspacing=1,
                handlelength=1)


def draw_comparison(results, points):
    most = max(p["experiment"]["proposers"] for p in points)
    style = styles(points, most)
    figure_, axes = plt.subplots(2, 2, figsize=(11, 8.2), constrained_layout=True)
    draw_throughput(axes[0][0], points, style)
    draw_ballots(axes[0][1], points, style)
    draw_pareto(axes[1][0], points, most, style, results["round_trip_ns"] / 1e3)
    draw_budget(axes[1][1], points, most)
    return figure_


def footer(results, points):
    """What was run, in one small line."""
    parts = []
    for engine, times in (("threads", "repetitions"), ("simulation", "seeds")):
        mine = [p for p in points if p["experiment"]["engine"] == engine]
        if not mine:
            continue
        e = mine[0]["experiment"]
        load = "open loop" if e["arrivals_per_second"] else "closed loop"
        if engine == "simulation" and e["operations_max"] > 0:
            load = f"{e['operations_max']} operation{'s' if e['operations_max'] > 1 else ''} each"
        where = "threads" if engine == "threads" else "virtual time"
        parts.append(f"{where}: {e['acceptors']} acceptors, {e['keys']} key, window {e['window']}, {load}, "
                     f"{e['give_up']}, {e['learning']}, {results[times]} {times}, R = {mine[0]['round_trip_ns'] / 1e3:.2f} µs")
    machine = results["machine"]
    return "; ".join(parts) + (f"; {machine['cpu']}, {machine['cores']} cores; paxoscope {machine['version']} "
                               f"({machine['commit']})")


def main():
    import plot_answers  # here, since it draws with this module

    source, kind, target = sys.argv[1:4]
    with open(source, encoding="utf-8") as file:
        results = json.load(file)
    points = [p for p in results["points"] if p["repetitions"] > 0]
    if not points:
        sys.exit("nothing was measured, so there is nothing to draw")
    figure_ = plot_answers.draw(results, points) or draw_comparison(results, points)
    figure_.text(0.01, -0.02, footer(results, points), fontsize=6.5, color="#555555")
    figure_.savefig(target, format=kind, dpi=160, bbox_inches="tight",
                    metadata={"Date": None} if kind == "svg" else None)


if __name__ == "__main__":
    main()
