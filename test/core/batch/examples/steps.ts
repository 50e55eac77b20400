import { type Example, step, writeBatch } from './write.ts'

const units = 'JSON Schema does not count in units'
const twins = 'JSON Schema does not compare parts of items'
const names = 'JSON Schema does not know which names there are'

/** What is wrong with steps, environments and expressions. */
export const refusedSteps: readonly Example[] = [
  {
    what: 'an environment variable without a value',
    source: writeBatch({ more: 'env:\n  A:' }),
    problems: ['6:3: env.A: expected text ("" for none), got nothing.'],
  },
  {
    what: 'an environment variable that is a list',
    source: writeBatch({ more: 'env:\n  A: [a]' }),
    problems: ['6:6: env.A: expected text ("" for none), got a list.'],
  },
  {
    what: 'an environment variable with a bad name',
    source: writeBatch({ more: 'env:\n  A-B: x' }),
    problems: ['6:3: env.A-B: expected letters, digits and "_" as the name, got "A-B".'],
  },
  {
    what: 'an unknown param in an expression',
    source: writeBatch({ more: 'params: { date: date }\nenv:\n  A: x ${{ run.id }} ${{ params.dat }}' }),
    problems: ['7:22: env.A: there is no value "params.dat". Did you mean "params.date"?'],
    beyondSchema: names,
  },
  {
    what: 'an unknown value in an expression',
    source: writeBatch({ more: 'env:\n  A: ${{ secrets.password }}' }),
    problems: [
      '6:6: env.A: there is no value "secrets.password". There are run.id, run.batch, code.name, code.tag, code.commit.',
    ],
    beyondSchema: names,
  },
  {
    what: 'a value of the code where there is none',
    source: writeBatch({ more: 'code: none\nenv:\n  A: ${{ code.tag }}' }),
    problems: ['7:6: env.A: there is no value "code.tag". There are run.id, run.batch.'],
    beyondSchema: names,
  },
  {
    what: 'an expression that computes',
    source: writeBatch({ more: 'env:\n  A: ${{ run.id || 1 }}' }),
    problems: [
      '6:6: env.A: expected one name between ${{ and }}, got "run.id || 1". Nothing is computed there.',
    ],
    beyondSchema: names,
  },
  {
    what: 'an expression without an end',
    source: writeBatch({ more: 'env:\n  A: ${{ run.id' }),
    problems: ['6:6: env.A: expected }} after ${{, as in ${{ run.id }}.'],
    beyondSchema: names,
  },
  {
    what: 'no steps',
    source: writeBatch({ steps: 'steps: []' }),
    problems: ['4:8: steps: expected a list of at least 1, got an empty list.'],
  },
  {
    what: 'steps that are none',
    source: writeBatch({ steps: 'steps: make' }),
    problems: ['4:8: steps: expected a list, got "make".'],
  },
  {
    what: 'a step that is a text',
    source: writeBatch({ steps: 'steps: [make]' }),
    problems: [
      '4:9: steps: expected a step (name, run, container, env, secrets, timeout, retries, if), got "make".',
    ],
  },
  {
    what: 'a step without work',
    source: step('name: train'),
    problems: ['4:9: steps: a step needs run or container.'],
  },
  {
    what: 'an empty script',
    source: step('run: ""'),
    problems: ['4:16: steps.run: expected a shell script, got "".'],
  },
  {
    what: 'an expression in a script',
    source: writeBatch({
      steps: 'steps:\n  - run: |\n      echo start\n      echo ${{ params.run-date }} and ${{ x || y }}',
    }),
    problems: [
      '7:12: steps.run: "${{" is not filled in here: values reach scripts as environment variables. Write env: { RUN_DATE: "${{ params.run-date }}" } and "$RUN_DATE".',
      '7:39: steps.run: "${{" is not filled in here: values reach scripts as environment variables. Write env: { X: "${{ x }}" } and "$X".',
    ],
  },
  {
    what: 'a container that is an option',
    source: step('container: --privileged'),
    problems: [
      '4:22: steps.container: expected a container image such as asia-docker.pkg.dev/acme/ml/python:3.12, got "--privileged".',
    ],
  },
  {
    what: 'a step with a misspelt condition',
    source: step('run: a, if: allways'),
    problems: ['4:23: steps.if: expected success or always, got "allways". Did you mean "always"?'],
  },
  {
    what: 'a step that never gives up',
    source: step('run: a, retries: 11'),
    problems: ['4:28: steps.retries: expected a whole number from 0 to 10, got 11.'],
  },
  {
    what: 'a step without time',
    source: step('run: a, timeout: 0s'),
    problems: ['4:28: steps.timeout: expected a duration from 1s to 120d, got "0s".'],
    beyondSchema: units,
  },
  {
    what: 'two steps of one name',
    source: step('run: a, name: step 2 }, { run: b'),
    problems: ['4:35: steps: two are called "step 2", the first on line 4.'],
    beyondSchema: twins,
  },
  {
    what: 'a step with a name of two lines',
    source: step('run: a, name: "a\\nb"'),
    problems: ['4:25: steps.name: expected a name on one line, got "a\\nb".'],
  },
]
