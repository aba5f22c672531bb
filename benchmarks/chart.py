"""Draws `benchmarks/results.json`: CPU per row of each client, as SVG and PNG for the README."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import matplotlib as mpl

from benchmarks.compare import OURS, RESULTS
from benchmarks.row_shapes import SHAPES

IMAGES = Path(__file__).parents[1] / "docs" / "images"
CLIENTS = {
    "put_item": "put_item, one by one",
    "batch_writer": "boto3 batch_writer",
    "threads": "boto3 client, 16 threads",
    OURS: "this project's load",
    "replay": "ready-made requests (the limit)",
}
COLOURS = ("#b9c0c7", "#8f99a3", "#65717d", "#d1495b", "#3b4650")


def draw(figures: list[dict[str, Any]]) -> None:
    """One group of bars for each shape of rows, without TLS, on a logarithmic scale."""
    mpl.use("Agg")
    mpl.rcParams["svg.hashsalt"] = "benchmark"  # the same picture from the same figures
    from matplotlib import pyplot  # noqa: PLC0415 - after the choice of its backend

    took = {(each["shape"], each["client"]): each["cpu_us_per_row"] for each in figures if not each["tls"]}
    shapes = [shape for shape in SHAPES if (shape.name, OURS) in took]
    picture, axes = pyplot.subplots(figsize=(9, 1.2 + 1.35 * len(shapes)))
    height = 0.8 / len(CLIENTS)
    for place, (client, label) in enumerate(CLIENTS.items()):
        at = [row + (place - 2) * height for row in range(len(shapes))]
        values = [took[shape.name, client] for shape in shapes]
        bars = axes.barh(at, values, height, label=label, color=COLOURS[place])
        axes.bar_label(
            bars, [f" {value:,.1f}" if value < 100 else f" {value:,.0f}" for value in values], fontsize=8
        )
    axes.set_yticks(range(len(shapes)), [f"{shape.name}\n{shape.about}" for shape in shapes], fontsize=8)
    axes.invert_yaxis()
    axes.set_xscale("log")
    axes.set_xlabel("CPU of the client per row, µs (logarithmic)")
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(
        fontsize=8, frameon=False, loc="upper center", bbox_to_anchor=(0.4, 1.0 + 0.5 / len(shapes)), ncols=3
    )
    IMAGES.mkdir(parents=True, exist_ok=True)
    picture.savefig(IMAGES / "benchmark.svg", bbox_inches="tight", metadata={"Date": None})
    picture.savefig(IMAGES / "benchmark.png", bbox_inches="tight", dpi=120)


if __name__ == "__main__":
    draw(json.loads(RESULTS.read_text())["figures"])
