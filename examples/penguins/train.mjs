// work/train.csv → model/model.json. Five-fold cross-validation chooses the penalty; the held-out penguins are not seen.

import { measure } from './metrics.mjs'
import { features, readFeatures, readLabel, species } from './penguins.mjs'
import { fitModel, predict } from './softmax.mjs'
import { readTable, writeJson } from './table.mjs'

const folds = 5
const penalties = [0.0001, 0.001, 0.01, 0.1]

const penguins = readTable('work/train.csv')
const rows = penguins.map(readFeatures)
const labels = penguins.map(readLabel)

const trials = penalties.map((penalty) => ({ penalty, ...validate(penalty) }))
for (const { penalty, accuracy, logLoss } of trials)
  console.log(
    `penalty ${penalty}: accuracy ${(accuracy * 100).toFixed(1)} %, log loss ${logLoss.toFixed(4)} (${folds} folds)`,
  )
const best = trials.reduce((a, b) => (b.logLoss < a.logLoss ? b : a))

writeJson('model/model.json', {
  kind: 'softmax regression',
  trained: process.env.DATE ?? null,
  features,
  classes: species,
  penalty: best.penalty,
  validation: { folds, accuracy: best.accuracy, logLoss: best.logLoss },
  ...fitModel(rows, labels, { classes: species.length, penalty: best.penalty }),
})
console.log(`model/model.json: ${rows.length} penguins, penalty ${best.penalty}`)

/** Every penguin is predicted once, by a model that has not seen it. */
function validate(penalty) {
  const probabilities = []
  for (let fold = 0; fold < folds; fold++) {
    const seen = [...rows.keys()].filter((at) => at % folds !== fold)
    const model = fitModel(
      seen.map((at) => rows[at]),
      seen.map((at) => labels[at]),
      { classes: species.length, penalty },
    )
    for (let at = fold; at < rows.length; at += folds) probabilities[at] = predict(model, rows[at])
  }
  return measure(labels, probabilities, species)
}
