"""work/train.csv -> model/model.json: softmax regression by gradient descent with momentum, on standardised features."""

import json
import os
import statistics

from penguins import FEATURES, SPECIES, compute_probabilities, read_penguins, standardise, write_text

STEPS = 1000
STEP_SIZE = 0.3
MOMENTUM = 0.95
# The best of train.mjs's four in cross-validation.
PENALTY = 0.0001


def fit(examples, labels):
    """Weights by class; the problem is convex, so that the starting point does not matter."""
    weights = [[0.0] * len(examples[0]) for _ in SPECIES]
    speeds = [[0.0] * len(examples[0]) for _ in SPECIES]
    for _ in range(STEPS):
        slopes = [[0.0] + [PENALTY * weight for weight in of_class[1:]] for of_class in weights]
        for example, label in zip(examples, labels):
            for index, probability in enumerate(compute_probabilities(weights, example)):
                error = (probability - (index == label)) / len(examples)
                for at, value in enumerate(example):
                    slopes[index][at] += error * value
        for of_class, of_speed, of_slope in zip(weights, speeds, slopes):
            for at, slope in enumerate(of_slope):
                of_speed[at] = MOMENTUM * of_speed[at] - STEP_SIZE * slope
                of_class[at] += of_speed[at]
    return weights


penguins = read_penguins("work/train.csv")
columns = list(zip(*(row for _, _, row in penguins)))
scale = {
    "means": [statistics.fmean(column) for column in columns],
    "deviations": [statistics.pstdev(column) for column in columns],
}
trained = fit([standardise(row, scale) for _, _, row in penguins], [label for _, label, _ in penguins])
model = {
    "kind": "softmax regression",
    "trained": os.environ.get("DATE"),
    "features": FEATURES,
    "classes": SPECIES,
    "penalty": PENALTY,
    **scale,
    "weights": trained,
}
write_text("model/model.json", json.dumps(model, indent=2))
print(f"model/model.json: {len(penguins)} penguins, penalty {PENALTY}")
