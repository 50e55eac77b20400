/**
 * How good predicted probabilities are.
 * @param {number[]} labels the true class of each example, as an index
 * @param {number[][]} probabilities the probability of each class, for each example
 * @param {string[]} classes
 */
export function measure(labels, probabilities, classes) {
  const confusion = classes.map(() => classes.map(() => 0))
  for (const [at, label] of labels.entries()) confusion[label][chooseClass(probabilities[at])]++
  const correct = sum(classes.map((_, index) => confusion[index][index]))
  const losses = labels.map((label, at) => -Math.log(Math.max(probabilities[at][label], 1e-15)))
  return {
    examples: labels.length,
    accuracy: correct / labels.length,
    accuracyInterval95: computeWilsonInterval(correct, labels.length),
    logLoss: sum(losses) / losses.length,
    classes: classes.map((name, index) => measureClass(name, index, confusion)),
    /** Rows are the true classes, columns the predicted ones. */
    confusion,
  }
}

/** The index of the most probable class. */
export function chooseClass(probabilities) {
  return probabilities.indexOf(Math.max(...probabilities))
}

function measureClass(name, index, confusion) {
  const predicted = sum(confusion.map((row) => row[index]))
  const actual = sum(confusion[index])
  const correct = confusion[index][index]
  return {
    name,
    examples: actual,
    precision: predicted === 0 ? null : correct / predicted,
    recall: actual === 0 ? null : correct / actual,
  }
}

/** With few examples the accuracy itself is uncertain (Wilson 1927); near 100 % the usual ± would leave the scale. */
function computeWilsonInterval(correct, count) {
  const z = 1.959964
  const share = correct / count
  const middle = (share + z ** 2 / (2 * count)) / (1 + z ** 2 / count)
  const margin =
    (z / (1 + z ** 2 / count)) * Math.sqrt((share * (1 - share)) / count + z ** 2 / (4 * count ** 2))
  return [middle - margin, middle + margin]
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}
