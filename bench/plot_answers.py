"""Draws what `paxoscope sweep` answers and the rankings of `paxoscope compare` in virtual time. See plot.py."""

import math
import sys

import matplotlib.pyplot as plt
from matplotlib import ticker

import plot

FAINT = "#e6e6e6"


def short(label):
    return label.split(":")[0]


def round_trips(point, metric):
    """A figure in microseconds, with its 95% interval, in R."""
    figures = point["metrics"][metric]
    if figures["value"] is None:
        return None
    scale = 1e3 / point["round_trip_ns"]
    low, high = plot.interval(point, metric)
    return figures["value"] * scale, low * scale, high * scale


def groups(points):
    """Points by all that their titles say: the number of proposers and what else varies but the strategy."""
    found = {}
    for p in points:
        key = tuple((k, str(v)) for k, v in p["experiment"].items() if k not in ("strategy", "seed"))
        found.setdefault(key, []).append(p)
    return list(found.values())


def plain_log(axis):
    """Logarithmic, with plain numbers at 1, 2 and 5."""
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    axis.set_major_locator(ticker.LogLocator(subs=(1, 2, 5)))
    axis.set_major_formatter(ticker.FuncFormatter(lambda value, _: f"{value:g}" if value < 1e4 else f"{value / 1e3:g}k"))
    axis.set_minor_formatter(ticker.NullFormatter())


def labels_of(points):
    """The strategy's name, with its parameters where a name alone is not unique."""
    texts = {p["experiment"]["strategy"] for p in points}
    names = [short(t) for t in texts]
    return {t: short(t) if names.count(short(t)) == 1 else t.replace(",reset=win", "") for t in texts}


def dot_rows(axis, rows, colour, bound, bound_text):
    """rows: (label, (value, below, above) or None), best first; None: cut off by a bound."""
    known = [value[0] for _, value in rows if value is not None]
    for i, (_, value) in enumerate(rows):
        if value is None:
            axis.text(0.985, i, "cut off", transform=axis.get_yaxis_transform(), ha="right", va="center", fontsize=7,
                      color="#777777")
            continue
        axis.errorbar([value[0]], [i], xerr=[[value[1]], [value[2]]], fmt="o", color=colour, markersize=4, capsize=2,
                      elinewidth=1, zorder=3)
    axis.set_yticks(range(len(rows)), [label for label, _ in rows])
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.tick_params(axis="y", labelsize=7.5, length=0)
    plain_log(axis.xaxis)
    if known:
        axis.set_xlim(min(min(known), bound) / 1.5, max(known) * 1.8)
    axis.axvline(bound, color="black", linewidth=0.8, linestyle=":")
    axis.text(bound, 1.0, f" {bound_text}", transform=axis.get_xaxis_transform(), fontsize=7, va="bottom", ha="center")
    axis.grid(axis="both", color=FAINT, linewidth=0.6)


def draw_ranking(points):
    """Completion time and ballots of every strategy, a row of panels for each group."""
    kinds = groups(points)
    tallest = max(len(group) for group in kinds)
    figure, axes = plt.subplots(len(kinds), 2, figsize=(10, 0.9 + len(kinds) * (0.7 + 0.19 * tallest)),
                                constrained_layout=True, squeeze=False)
    for row, group in zip(axes, kinds):
        n = group[0]["experiment"]["proposers"]
        label = labels_of(group)
        whole = [p for p in group if p["cut_off"] == 0 and round_trips(p, "all_done_us")]
        whole.sort(key=lambda p: round_trips(p, "all_done_us")[0])
        order = whole + [p for p in group if p not in whole]
        dot_rows(row[0], [(label[p["experiment"]["strategy"]], round_trips(p, "all_done_us") if p in whole else None)
                          for p in order], "#0072B2", n + 1, "perfect schedule")
        ballots = [(plot.figure(p, "ballots_total"), *plot.interval(p, "ballots_total")) for p in order]
        dot_rows(row[1], [(label[p["experiment"]["strategy"]], b if p in whole else None)
                          for p, b in zip(order, ballots)], "#D55E00", n, "one each")
        row[1].set_yticklabels([])
        row[0].set_title(f"{n} proposers: until everybody has learned", pad=14)
        row[1].set_title("ballots of all", pad=14)
        row[0].set_xlabel("completion time (R), mean and 95% interval")
        row[1].set_xlabel("ballots, mean and 95% interval")
    return figure


def draw_cliff(answer):
    if not answer:
        sys.exit("--cliff: nothing can be compared, so there is nothing to draw")
    strategies = list(dict.fromkeys(a["strategy"] for a in answer))
    networks = list(dict.fromkeys(a["network"] for a in answer))
    figure, axes = plt.subplots(len(strategies), len(networks), figsize=(2.6 * len(networks), 2.5 * len(strategies)),
                                constrained_layout=True, squeeze=False, sharex=True, sharey=True)
    counts = sorted({a["proposers"] for a in answer})
    colour = {n: plt.get_cmap("viridis")(i / max(1, len(counts) - 1) * 0.9) for i, n in enumerate(counts)}
    for row, strategy in zip(axes, strategies):
        for axis, network in zip(row, networks):
            for a in answer:
                if (a["strategy"], a["network"]) != (strategy, network):
                    continue
                steps = [(s["wait"], s["first_decision_us"]["value"]) for s in a["steps"]]
                steps = [(float(w.rstrip("R")), y / a["uncontended_us"]) for w, y in steps
                         if w.endswith("R") and y is not None]
                axis.plot([w for w, _ in steps], [y for _, y in steps], color=colour[a["proposers"]], linewidth=1.2,
                          marker="o", markersize=2, label=str(a["proposers"]))
                for w, y in steps:
                    if a["smallest"] and w == float(a["smallest"].rstrip("R")):
                        axis.plot([w], [y], marker="o", markersize=6, markerfacecolor="none", color=colour[a["proposers"]])
            axis.axhline(1.05, color="black", linewidth=0.8, linestyle=":")
            axis.set_xscale("symlog", base=2, linthresh=0.0625, linscale=0.5)
            axis.set_xticks([0, 0.25, 1, 4, 16, 64], ["0", "¼", "1", "4", "16", "64"])
            axis.minorticks_off()
            axis.set_yscale("log", base=2)
            axis.grid(color=FAINT, linewidth=0.6)
            axis.set_title(f"{strategy}\n{network}", fontsize=8)
        row[0].set_ylabel("first decision\n(1 = uncontended)")
    for axis in axes[-1]:
        axis.set_xlabel("wait (R)")
    ticks = [t for t in (0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256) if axes[0][0].get_ylim()[0] <= t <= axes[0][0].get_ylim()[1]]
    axes[0][0].set_yticks(ticks, [f"{t:g}" for t in ticks])
    axes[0][-1].legend(title="proposers", fontsize=7, title_fontsize=7, loc="upper right")
    return figure


def draw_pareto(answer):
    answer = [group for group in answer if group["settings"]]
    if not answer:
        sys.exit("--pareto: every setting was cut off by a bound, so there is nothing to draw")
    figure, axes = plt.subplots(1, len(answer), figsize=(7.5 * len(answer), 5.2), constrained_layout=True, squeeze=False)
    for axis, group in zip(axes[0], answer):
        settings = [dict(s, x=s["ballots"]["value"], y=s["completion_us"]["value"] * 1e3 / s["round_trip_ns"])
                    for s in group["settings"]]
        names = list(dict.fromkeys(short(s["strategy"]) for s in settings))
        best = {name: min((s for s in settings if short(s["strategy"]) == name), key=lambda s: s["y"]) for name in names}
        front = [s for s in settings if s["on_front"]]
        on_front = list(dict.fromkeys(short(s["strategy"]) for s in front))
        colour = {name: plot.COLOURS[i % len(plot.COLOURS)] for i, name in enumerate(on_front)}
        for s in settings:
            axis.scatter([s["x"]], [s["y"]], s=6, color=colour.get(short(s["strategy"]), plot.GREY), zorder=2, alpha=0.6)
        axis.step([s["x"] for s in front], [s["y"] for s in front], where="post", color="black", linewidth=0.9,
                  linestyle="--", zorder=1)
        # Those on the front have a colour and are in the legend, the rest a name where there is room; the table has all.
        placed = []
        for name, s in best.items():
            axis.scatter([s["x"]], [s["y"]], s=26, color=colour.get(name, "#888888"), zorder=3,
                         label=name if name in colour else None)
            x, y = math.log10(s["x"]), math.log10(s["y"])
            if name in colour or any(abs(x - a) < 0.25 and abs(y - b) < 0.035 for a, b in placed):
                continue
            placed.append((x, y))
            axis.annotate(name, (s["x"], s["y"]), textcoords="offset points", xytext=(5, 3), fontsize=7.5, color="#777777")
        axis.legend(title="on the front", fontsize=7.5, title_fontsize=7.5, loc="upper right")
        n = group["proposers"]
        axis.axhline(n + 1, color="black", linewidth=0.8, linestyle=":")
        axis.axvline(n, color="black", linewidth=0.8, linestyle=":")
        axis.text(0.99, n + 1, "bound: perfect schedule", transform=axis.get_yaxis_transform(), ha="right", va="bottom",
                  fontsize=7)
        axis.text(n, 0.99, " bound: one ballot each", transform=axis.get_xaxis_transform(), va="top", fontsize=7)
        plain_log(axis.xaxis)
        plain_log(axis.yaxis)
        axis.set_ylim(n * 0.8, max(s["y"] for s in best.values()) * 1.5)
        axis.set_xlabel("ballots until everybody has learned")
        axis.set_ylabel("completion time (R)")
        axis.grid(color=FAINT, linewidth=0.6)
        axis.set_title(f"{n} proposers: every dot a setting, each strategy's fastest one large")
    return figure


def draw_fit(answer, points):
    answer = [a for a in answer if "ballots" in a]
    if not answer:
        sys.exit("--fit: nothing could be fitted, so there is nothing to draw; it takes three numbers of proposers")
    figure, axes = plt.subplots(1, 2, figsize=(11, 4.6), constrained_layout=True)
    answer.sort(key=lambda a: a["ballots"]["exponent"]["value"])
    chosen = answer[:4] + answer[-3:] if len(answer) > 7 else answer
    for i, a in enumerate(chosen):
        line = sorted((p["experiment"]["proposers"], p) for p in points
                      if p["experiment"]["strategy"] == a["strategy"] and p["experiment"]["engine"] == a["engine"]
                      and p["cut_off"] == 0)
        style = {"color": plot.COLOURS[i % 7], "marker": plot.MARKERS[i % 7], "markersize": 4, "linewidth": 0, "zorder": 3}
        xs = [n for n, _ in line]
        smooth = [xs[0] * (xs[-1] / xs[0]) ** (k / 60) for k in range(61)]
        law = a["ballots"]
        axes[0].plot(xs, [plot.figure(p, a["price"]) for _, p in line], **style,
                     label=f"{a['label']}: N^{law['exponent']['value']:.2f}")
        axes[0].plot(smooth, [law["factor"] * x ** law["exponent"]["value"] for x in smooth], color=style["color"],
                     linewidth=1)
        label = a["label"]
        if "throughput" in a:
            usl = a["throughput"]
            curve = [usl["lambda"] * x / (1 + usl["sigma"] * (x - 1) + usl["kappa"] * x * (x - 1)) for x in smooth]
            axes[1].plot(smooth, curve, color=style["color"], linewidth=1)
            label += f": σ {usl['sigma']:.2g}, κ {usl['kappa']:.2g}"
        axes[1].plot(xs, [plot.figure(p, a["speed"]) for _, p in line], **style, label=label)
    counts = sorted({p["experiment"]["proposers"] for p in points})
    for axis in axes:
        axis.set_xscale("log", base=2)
        axis.set_xticks(counts, [str(n) for n in counts])
        axis.set_yscale("log")
        axis.minorticks_off()
        axis.set_xlabel("proposers (N)")
        axis.grid(color=FAINT, linewidth=0.6)
        axis.legend(fontsize=7)
    axes[0].set_ylabel(answer[0]["price"].replace("_", " "))
    axes[0].set_title("Price in ballots, and its power of N")
    axes[1].set_ylabel(answer[0]["speed"].replace("_per_s", " per second"))
    axes[1].set_title("Goodput, and the Universal Scalability Law")
    return figure


def draw_payers(points):
    most = max(p["experiment"]["proposers"] for p in points)
    rows = [p for p in points if p["experiment"]["proposers"] == most]
    rows.sort(key=lambda p: plot.figure(p, "decisions_per_s") or 0)
    label = labels_of(rows)
    names = [label[p["experiment"]["strategy"]] for p in rows]
    figure, axes = plt.subplots(1, 4, figsize=(13, 1.6 + 0.2 * len(rows)), constrained_layout=True, sharey=True,
                                gridspec_kw={"width_ratios": [1.5, 0.8, 1.2, 0.9]})
    plot.draw_budget(axes[0], rows, most)
    axes[0].set_yticks(range(len(names)), names)
    for metric, marker, colour in (("jain_wins", "o", "#0072B2"), ("jain_times", "D", "#E69F00")):
        axes[1].scatter([plot.figure(p, metric) for p in rows], range(len(rows)), marker=marker, color=colour, s=22,
                        zorder=3)
    axes[1].axvline(1 / most, color="black", linewidth=0.8, linestyle=":")
    axes[1].set_xlim(0, 1.03)
    axes[1].set_xlabel("Jain's index, dotted: one winner\n● wins   ◆ times")
    axes[1].grid(axis="y", color=FAINT, linewidth=0.6)
    axes[1].set_title("Fairness")
    for i, p in enumerate(rows):
        values = [round_trips(p, f"operation_{q}_us") for q in ("p50", "p99", "max")]
        if None in values:
            continue
        xs = [v[0] for v in values]
        axes[2].plot([xs[0], xs[2]], [i, i], color=plot.GREY, linewidth=1, zorder=1)
        for x, marker, colour in zip(xs, ("o", "D", "|"), ("#009E73", "#D55E00", "#000000")):
            axes[2].scatter([x], [i], marker=marker, color=colour, s=22, zorder=2)
    plain_log(axes[2].xaxis)
    axes[2].set_xlabel("time of an operation (R)\n● p50   ◆ p99   | max")
    axes[2].set_title("Tails")
    left = [0.0] * len(rows)
    for metric, colour, text in (("preempted_phase1", "#56B4E9", "phase 1"), ("preempted_phase2", "#D55E00", "phase 2")):
        widths = [plot.figure(p, metric) or 0 for p in rows]
        axes[3].barh(names, widths, left=left, color=colour, height=0.7, label=text)
        left = [a + b for a, b in zip(left, widths)]
    axes[3].set_xlabel("rounds lost per decision")
    axes[3].set_title("Phase split")
    axes[3].legend(fontsize=7, loc="upper right")
    for axis in axes:
        axis.tick_params(axis="y", labelsize=7.5, length=0)
    return figure


def draw_both(answer):
    answer = [a for a in answer if a["pairs"]]
    if not answer:
        sys.exit("--both: no strategy ran on both engines, so there is nothing to draw")
    figure, axes = plt.subplots(1, len(answer), figsize=(4.6 * len(answer), 4.8), constrained_layout=True, squeeze=False)
    for axis, a in zip(axes[0], answer):
        last = len(a["pairs"])
        axis.plot([1, last], [1, last], color=plot.GREY, linewidth=0.8, linestyle=":", zorder=1)
        taken = {}
        for pair in a["pairs"]:
            x, y = pair["rank_in_simulation"], pair["rank_on_threads"]
            far = abs(x - y) > last / 3
            place = taken[(x, y)] = taken.get((x, y), -1) + 1
            axis.scatter([x], [y], s=22, color="#D55E00" if far else "#0072B2", zorder=2)
            axis.annotate(short(pair["label"]), (x, y), textcoords="offset points", xytext=(3 + 9 * place, 3),
                          rotation=40, ha="left", va="bottom", fontsize=6.5)
        axis.set_xlim(0, last + 4)
        axis.set_ylim(last + 2, -1)
        for side in (axis.xaxis, axis.yaxis):
            side.set_major_locator(ticker.FixedLocator([1, *range(5, last + 1, 5)]))
        axis.set_xlabel("rank in virtual time")
        axis.set_ylabel("rank on threads")
        tau = a.get("kendall_tau")
        title = f"{a['proposers']} proposers"
        axis.set_title(title if tau is None else f"{title}: τ = {tau:.2f}" if not math.isnan(tau) else title)
    return figure


def draw(results, points):
    """The figure for results that plot.py's own four panels are not for; None for the rest."""
    question, answer = results.get("question", ""), results.get("answer")
    if question == "cliff":
        return draw_cliff(answer)
    if question == "pareto":
        return draw_pareto(answer)
    if question == "fit":
        return draw_fit(answer, points)
    if question == "who-pays":
        return draw_payers(points)
    if question == "both":
        return draw_both(answer)
    duel = all(p["experiment"]["engine"] == "simulation" and p["experiment"]["operations_max"] > 0 for p in points)
    return draw_ranking(points) if duel else None
