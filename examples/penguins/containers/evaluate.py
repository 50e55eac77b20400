"""model/model.json on work/test.csv -> metrics.json and scores/scores.csv. Fails when the model is not good enough."""

import json
import math
import os
import sys

from penguins import SPECIES, compute_probabilities, read_penguins, standardise, write_text

wanted = float(os.environ.get("MIN_ACCURACY", "0.9"))

with open("model/model.json", encoding="utf-8") as file:
    model = json.load(file)
penguins = read_penguins("work/test.csv")
labels = [label for _, label, _ in penguins]
probabilities = [
    compute_probabilities(model["weights"], standardise(row, model)) for _, _, row in penguins
]
predicted = [row.index(max(row)) for row in probabilities]

confusion = [[0] * len(SPECIES) for _ in SPECIES]
for label, guess in zip(labels, predicted):
    confusion[label][guess] += 1
correct = [confusion[index][index] for index in range(len(SPECIES))]
predictions = [sum(column) for column in zip(*confusion)]
metrics = {
    "examples": len(labels),
    "accuracy": sum(correct) / len(labels),
    "logLoss": -sum(math.log(max(row[label], 1e-15)) for row, label in zip(probabilities, labels)) / len(labels),
    "classes": [
        {
            "name": name,
            "examples": sum(confusion[index]),
            "precision": correct[index] / predictions[index] if predictions[index] else None,
            "recall": correct[index] / sum(confusion[index]) if sum(confusion[index]) else None,
        }
        for index, name in enumerate(SPECIES)
    ],
    "confusion": confusion,
    "baselineAccuracy": max(sum(row) for row in confusion) / len(labels),
}
write_text("metrics.json", json.dumps(metrics, indent=2))
write_text(
    "scores/scores.csv",
    "\n".join(
        [",".join(["id", "actual", "predicted", *SPECIES])]
        + [
            ",".join([number, SPECIES[label], SPECIES[guess], *(f"{share:.6f}" for share in row)])
            for (number, label, _), guess, row in zip(penguins, predicted, probabilities)
        ]
    ),
)
print(f"{len(labels)} held-out penguins")
print(f"accuracy  {metrics['accuracy']:.1%}  (always the commonest species: {metrics['baselineAccuracy']:.1%})")
print(f"log loss  {metrics['logLoss']:.4f}")
if metrics["accuracy"] < wanted:
    sys.exit(f"Accuracy {metrics['accuracy']:.1%} is below the {wanted:.1%} that was asked for.")
