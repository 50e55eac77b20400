// Softmax regression on standardised features, fitted by gradient descent with momentum. The problem is convex, so
// there is one answer and the starting point does not matter.

const steps = 1000
const stepSize = 0.3
const momentum = 0.95

/**
 * Fits class probabilities to rows of numbers.
 * @param {number[][]} rows one row of features per example
 * @param {number[]} labels the class of each row, as an index
 * @param {{ classes: number, penalty: number }} options `penalty` is the weight of the squared weights (L2)
 */
export function fitModel(rows, labels, { classes, penalty }) {
  const scale = measureScale(rows)
  const examples = rows.map((row) => standardise(row, scale))
  const makeTable = () => Array.from({ length: classes }, () => new Float64Array(examples[0].length))
  const weights = makeTable()
  const speeds = makeTable()
  for (let step = 0; step < steps; step++) {
    const slopes = computeSlopes(makeTable(), weights, examples, labels)
    for (const [label, of] of weights.entries()) {
      for (let index = 0; index < of.length; index++) {
        // The constant's weight is free: a penalty on it would pull all classes to the same share.
        const slope = slopes[label][index] + (index === 0 ? 0 : penalty * of[index])
        speeds[label][index] = momentum * speeds[label][index] - stepSize * slope
        of[index] += speeds[label][index]
      }
    }
  }
  return { ...scale, weights: weights.map((of) => [...of]) }
}

/** The probability of each class. */
export function predict(model, row) {
  return computeProbabilities(model.weights, standardise(row, model))
}

function computeSlopes(slopes, weights, examples, labels) {
  for (let at = 0; at < examples.length; at++) {
    const probabilities = computeProbabilities(weights, examples[at])
    for (let label = 0; label < weights.length; label++) {
      const error = (probabilities[label] - (labels[at] === label ? 1 : 0)) / examples.length
      for (let index = 0; index < examples[at].length; index++)
        slopes[label][index] += error * examples[at][index]
    }
  }
  return slopes
}

function computeProbabilities(weights, example) {
  const scores = weights.map((of) => {
    let score = 0
    for (let index = 0; index < of.length; index++) score += of[index] * example[index]
    return score
  })
  // The largest score is taken away first, so that no power overflows.
  const largest = Math.max(...scores)
  const powers = scores.map((score) => Math.exp(score - largest))
  const total = powers.reduce((sum, power) => sum + power)
  return powers.map((power) => power / total)
}

function measureScale(rows) {
  const columns = rows[0].map((_, index) => rows.map((row) => row[index]))
  const means = columns.map(average)
  const deviations = columns.map((column, index) =>
    Math.sqrt(average(column.map((value) => (value - means[index]) ** 2))),
  )
  return { means, deviations }
}

/** A constant 1 goes first: its weight is the class's base rate. */
function standardise(row, { means, deviations }) {
  return [1, ...row.map((value, index) => (value - means[index]) / deviations[index])]
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}
