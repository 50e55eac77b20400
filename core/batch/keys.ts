import { batchNamePattern } from '../names.ts'
import { expressionPattern } from '../template.ts'
import { aws } from './aws-keys.ts'
import type { Batch } from './batch.ts'
import { checkpoint } from './checkpoint-keys.ts'
import { key, list, map, object } from './collections.ts'
import { checkEngine } from './engine-rules.ts'
import { input, inputTexts } from './input-keys.ts'
import { machine } from './machine-keys.ts'
import { defaultNotify, notify } from './notify-keys.ts'
import { output, outputTexts } from './output-keys.ts'
import { param } from './param-keys.ts'
import { duration, oneOf, text, wholeNumber, yesNo } from './scalars.ts'
import { checkVariables, secrets } from './secret-keys.ts'
import { refine, type Shape } from './shape.ts'
import { tasks } from './task-keys.ts'

// The batch file, declared once: what the reader accepts, what its messages say, and what schema/batch.json tells
// editors all come from here.

/** Texts with expressions, by what they have to look like before and after these are filled. */
export const filledTexts = {
  container: {
    expected: 'a container image such as asia-docker.pkg.dev/acme/ml/python:3.12',
    // Never a leading "-": the text becomes an argument of the container engine.
    pattern: new RegExp(`^(?!-)(?:${expressionPattern}|[A-Za-z0-9._:/@-])+$`, 'u'),
  },
  ...inputTexts,
  ...outputTexts,
} as const

const env = map(
  { expected: 'letters, digits and "_"', pattern: /^[A-Za-z_][A-Za-z0-9_]*$/u },
  text({ expected: 'text ("" for none)', expressions: 'filled' }),
)

const environment = {
  description: 'environment variables; `${{ }}` works in their values',
  default: {},
} as const

const secretVariables = {
  description: 'variables out of Secret Manager, which the machine reads as itself: `NAME: secret`',
  default: {},
} as const

const step = object(
  { what: 'a step', oneOf: ['run', 'container'] },
  {
    name: key(text({ expected: 'a name on one line', pattern: /^\S(?:.*\S)?$/u }), {
      description: '`step` and its number when absent',
      example: 'train',
    }),
    run: key(text({ expected: 'a shell script', pattern: /\S/u, expressions: 'script' }), {
      description: "a shell script; without it, the container's own command runs",
      example: 'python train.py --date "$DATE"',
    }),
    container: key(text({ ...filledTexts.container, expressions: 'filled' }), {
      description: 'the container image that the step runs in; on the machine itself when absent',
      example: 'asia-docker.pkg.dev/acme/ml/python:3.12',
    }),
    env: key(env, environment),
    secrets: key(secrets, secretVariables),
    timeout: key(duration('1s', '120d'), {
      description: 'the step is ended, and has failed, after this long',
      example: '30m',
      as: 'timeoutSeconds',
    }),
    retries: key(wholeNumber(0, 10), { description: 'further tries when the step fails', default: 0 }),
    if: key(oneOf(['success', 'always']), {
      description: '`always`: the step runs also after another one has failed',
      default: 'success',
    }),
  },
)

const steps = refine(list(refine(step, checkVariables), nameStep), (all) =>
  all.map((each, index) => ({ ...each, name: nameStep(each, index) })),
)

function nameStep({ name }: { readonly name?: string }, index: number): string {
  return name ?? `step ${index + 1}`
}

const keys = object(
  { what: 'a batch file' },
  {
    name: key(
      text({
        expected: 'up to 40 of a-z, 0-9 and "-", beginning with a letter',
        pattern: batchNamePattern,
      }),
      { description: 'the name of the batch', example: 'train-recommender', required: true },
    ),
    machine: key(machine, { description: 'the machine that exists for a run of the batch', required: true }),
    // What Compute Engine's maxRunDuration takes: https://cloud.google.com/compute/docs/instances/limit-vm-runtime
    timeout: key(duration('30s', '120d'), {
      description: 'the machine is gone by then, whatever happens',
      example: '2h',
      required: true,
      as: 'timeoutSeconds',
    }),
    attempts: key(wholeNumber(1, 10), {
      description:
        'machines that a run may use once work has begun; above 1 only for work that may run twice',
      default: 1,
    }),
    checkpoint: key(checkpoint, {
      description:
        'a folder that is kept while steps run, and restored before the first step of the next attempt',
      example: 'state/',
    }),
    code: key(
      text({
        expected: 'name@tag or none',
        pattern: /^(?:none|[A-Za-z0-9][A-Za-z0-9._/-]*@[^\s~^:?*[\]\\]+)$/u,
      }),
      {
        description:
          'the release that is the work directory, or `none`; this repository at the dispatched tag when absent',
        example: 'recommender@v1.4.0',
      },
    ),
    key: key(
      text({
        expected: 'a key such as daily-${{ params.date }}',
        pattern: /^\S(?:.*\S)?$/u,
        expressions: 'filled',
      }),
      {
        description:
          'names the run, for whoever asks: asking again for a key that runs follows it, for one that is over reports it',
        example: 'daily-${{ params.date }}',
      },
    ),
    reuse: key(yesNo, {
      description:
        'when the same code, image, params, env and steps have succeeded before, that run is reported and nothing is run',
      default: false,
    }),
    params: key(
      map({ expected: 'a letter, then letters, digits, "_" and "-"', pattern: /^[A-Za-z][\w-]*$/u }, param),
      {
        description: 'what whoever asks for a run may set',
        default: {},
      },
    ),
    env: key(env, environment),
    secrets: key(secrets, secretVariables),
    aws: key(aws, { description: 'what S3 needs beside credentials' }),
    inputs: key(
      list(input, ({ from, to }) => `${from} in ${to}`, 0),
      { description: 'what is fetched into the work directory before the first step', default: [] },
    ),
    steps: key(steps, { description: 'what runs, in this order', required: true }),
    outputs: key(
      list(output, ({ name }) => name, 0),
      {
        description: 'what is kept of the work directory',
        default: [],
      },
    ),
    engine: key(oneOf(['vm', 'cloud-batch']), {
      description:
        'vm: one machine; cloud-batch: a job of Google Cloud Batch, for tasks that one machine cannot hold',
      default: 'vm',
    }),
    tasks: key(tasks, {
      description: 'the tasks of a run with engine: cloud-batch; one when absent',
      example: '{ count: 200, parallelism: 50 }',
    }),
    notify: key(notify, {
      description: 'what people are told of runs, where there is a webhook or a token for it',
      default: defaultNotify,
    }),
  },
)

/** The whole file. */
export const batch: Shape<Batch> = refine(refine(keys, checkVariables), checkEngine)
