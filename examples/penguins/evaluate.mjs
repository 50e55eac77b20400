// model/model.json on work/test.csv → metrics.json and scores/scores.csv. Exits 1 when the model is not good enough.

import { readFileSync } from 'node:fs'
import { chooseClass, measure } from './metrics.mjs'
import { readFeatures, readLabel, species } from './penguins.mjs'
import { predict } from './softmax.mjs'
import { readTable, writeJson, writeTable } from './table.mjs'

const wanted = Number(process.env.MIN_ACCURACY ?? '0.9')

const model = JSON.parse(readFileSync('model/model.json', 'utf8'))
const penguins = readTable('work/test.csv')
const probabilities = penguins.map((penguin) => predict(model, readFeatures(penguin)))
const metrics = measure(penguins.map(readLabel), probabilities, species)
// What always saying the commonest species would give.
const commonest = metrics.classes.reduce((a, b) => (b.examples > a.examples ? b : a))
const baseline = commonest.examples / metrics.examples

writeJson('metrics.json', { ...metrics, baselineAccuracy: baseline, validation: model.validation })
writeTable(
  'scores/scores.csv',
  penguins.map(({ id, species: actual }, at) => ({
    id,
    actual,
    predicted: species[chooseClass(probabilities[at])],
    ...Object.fromEntries(species.map((name, index) => [name, probabilities[at][index].toFixed(6)])),
  })),
)

const [low, high] = metrics.accuracyInterval95
console.log(`${metrics.examples} held-out penguins`)
console.log(`accuracy  ${percent(metrics.accuracy)}  (95 % interval ${percent(low)} to ${percent(high)})`)
console.log(`baseline  ${percent(baseline)}  (always ${commonest.name}, the commonest)`)
console.log(`log loss  ${metrics.logLoss.toFixed(4)}`)
console.log('')
console.log(`${''.padEnd(12)}${species.map((name) => name.padStart(11)).join('')}     recall  precision`)
for (const [index, { name, recall, precision }] of metrics.classes.entries()) {
  const counts = metrics.confusion[index].map((count) => String(count).padStart(11)).join('')
  console.log(
    `${name.padEnd(12)}${counts}  ${percent(recall).padStart(9)}  ${percent(precision).padStart(9)}`,
  )
}
if (metrics.accuracy < wanted) {
  console.error(`Accuracy ${percent(metrics.accuracy)} is below the ${percent(wanted)} that was asked for.`)
  process.exitCode = 1
}

function percent(share) {
  return share === null ? '-' : `${(share * 100).toFixed(1)} %`
}
