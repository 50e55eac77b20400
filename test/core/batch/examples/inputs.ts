import { type Example, input, writeBatch } from './write.ts'

const from = 'gs://bucket/…, s3://bucket/…, or run:batch/latest-success/output and run:batch/<run id>/output'

/** What is wrong with inputs, and with what S3 needs. */
export const refusedInputs: readonly Example[] = [
  {
    what: 'an input without a place',
    source: input('from: "gs://lake/a"'),
    problems: [
      '6:5: inputs: to is missing: where in the work directory it goes: a folder (with "/" at its end), or for one object a file, such as data/.',
    ],
  },
  {
    what: 'an input from the web',
    source: input('from: "https://example.com/a", to: a'),
    problems: [`6:13: inputs.from: expected ${from}, got "https://example.com/a".`],
  },
  {
    what: 'an input from a run without an output',
    source: input('from: "run:embed/latest-success", to: a'),
    problems: [`6:13: inputs.from: expected ${from}, got "run:embed/latest-success".`],
  },
  {
    what: 'an input that leaves the work directory',
    source: input('from: "gs://lake/a", to: ../a'),
    problems: [
      '6:32: inputs.to: expected a path inside the work directory, without a leading "/" and "..", got "../a".',
    ],
  },
  {
    what: 'an input of a param that is not there',
    source: input('from: "gs://lake/${{ params.day }}/", to: a'),
    problems: [
      '6:24: inputs.from: there is no value "params.day". There are run.id, run.batch, code.name, code.tag, code.commit.',
    ],
    beyondSchema: 'JSON Schema does not know what an expression may name',
  },
  {
    what: 'a role that is none',
    source: writeBatch({ more: 'aws: { role: mayfly }' }),
    problems: [
      '5:14: aws.role: expected a role such as arn:aws:iam::123456789012:role/mayfly, got "mayfly".',
    ],
  },
  {
    what: 'an endpoint with a path',
    source: writeBatch({ more: 'aws: { endpoint: "https://minio/bucket" }' }),
    problems: [
      '5:18: aws.endpoint: expected an address such as https://minio.example.com, got "https://minio/bucket".',
    ],
  },
]
