"""What the model sees and tells of a penguin, and the softmax that does it."""

import csv
import math
from pathlib import Path

FEATURES = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
SPECIES = ["Adelie", "Chinstrap", "Gentoo"]


def read_penguins(path):
    """The rows of a table: id, true class as an index, features."""
    with open(path, newline="", encoding="utf-8") as file:
        return [
            (row["id"], SPECIES.index(row["species"]), [float(row[name]) for name in FEATURES])
            for row in csv.DictReader(file)
        ]


def standardise(row, model):
    """A constant 1 goes first: its weight is the class's base rate."""
    return [1.0] + [
        (value - mean) / deviation
        for value, mean, deviation in zip(row, model["means"], model["deviations"])
    ]


def compute_probabilities(weights, example):
    """The probability of each class for a standardised example."""
    scores = [sum(w * x for w, x in zip(of_class, example)) for of_class in weights]
    # The largest score is taken away first, so that no power overflows.
    powers = [math.exp(score - max(scores)) for score in scores]
    return [power / sum(powers) for power in powers]


def write_text(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    Path(path).write_text(text + "\n", encoding="utf-8")
