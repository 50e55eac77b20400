// data/penguins.csv → work/train.csv and work/test.csv: a fifth of each species is held out.

import { features, species } from './penguins.mjs'
import { openRandom, shuffle } from './random.mjs'
import { readTable, writeTable } from './table.mjs'

const seed = process.env.SEED ?? '3'
const random = openRandom(seed)

const all = readTable('data/penguins.csv').map((penguin, index) => ({ id: index + 1, ...penguin }))
const measured = all.filter((penguin) => features.every((feature) => penguin[feature] !== ''))

const test = species.flatMap((name) => {
  const penguins = shuffle(
    measured.filter((penguin) => penguin.species === name),
    random,
  )
  return penguins.slice(0, Math.round(penguins.length / 5))
})
const held = new Set(test)
const train = shuffle(
  measured.filter((penguin) => !held.has(penguin)),
  random,
)

writeTable('work/train.csv', train)
writeTable('work/test.csv', test)
console.log(`${all.length} penguins, ${all.length - measured.length} without measurements left out`)
console.log(`${train.length} to learn from, ${test.length} held out (seed ${seed})`)
