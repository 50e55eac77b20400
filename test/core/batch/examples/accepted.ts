import { type Example, image, machine, output, param, step, timeout, writeBatch, zones } from './write.ts'

/** Good files. */
export const accepted: readonly Omit<Example, 'problems'>[] = [
  { what: 'nothing but what is required', source: writeBatch() },
  { what: 'a machine type by name', source: machine('type: n2-standard-8') },
  { what: 'machine types in order', source: machine('type: [n2-standard-8, n2d-standard-8]') },
  { what: 'a spot machine if there is one', source: machine('cpus: 8, spot: preferred, patience: 0s') },
  { what: 'a checkpoint that is no more than a folder', source: writeBatch({ more: 'checkpoint: state' }) },
  {
    what: 'a checkpoint with everything',
    source: writeBatch({ more: 'checkpoint: { path: ./a/b, every: 1h }' }),
  },
  { what: 'memory alone', source: machine('memory: 3.75GB') },
  { what: 'binary units', source: machine('memory: 32GiB, disk: 1TiB') },
  { what: 'zones of two regions', source: zones('[us-east1-b, europe-west10-a, us-south1-ai1b]') },
  { what: 'an image of another project', source: image('"acme.com:images/ml-batch-v1-4-0"') },
  { what: 'code none', source: writeBatch({ more: 'code: none' }) },
  {
    what: 'code with a tag of a monorepo',
    source: writeBatch({ more: 'code: acme/recommender@model@1.4.0' }),
  },
  { what: 'the longest timeout', source: timeout('120d') },
  { what: 'the shortest timeout', source: timeout('30s') },
  { what: 'a container without a script', source: step('container: "busybox@sha256:0a"') },
  {
    what: 'numbers and words where text is expected',
    source: step('run: true, name: 1.10, env: { A: 1.10, B: no }'),
  },
  {
    what: 'expressions where they work',
    source: writeBatch({
      steps: 'steps: [{ container: "r:${{ params.v }}", env: { C: "${{code.commit}}" } }]',
      more: 'params: { v: string }\noutputs:\n  - { path: a, name: "a-${{ params.v }}", to: "gs://${{ run.batch }}/${{ run.id }}/" }',
    }),
  },
  { what: 'a param that is no more than a type', source: param('date') },
  {
    what: 'a param with everything',
    source: param('{ type: choice, options: [1.10, no], default: no, description: size }'),
  },
  {
    what: 'a date that is relative',
    source: param('{ type: date, default: today-3d, time_zone: America/Argentina/Buenos_Aires }'),
  },
  {
    what: 'an output in Cloud Storage whose name would not do for the depot',
    source: output('path: Model.PKL, to: gs://acme-lake'),
  },
  {
    what: 'secrets in every form',
    source: writeBatch({
      steps: 'steps: [{ run: a, env: { B: 1 }, secrets: { C: c, D: { secret: d@2, as: file } } }]',
      more: 'secrets: { A: redshift-password, B: b@prod, E: projects/acme.com:x/secrets/e_1/versions/3, F: projects/1/secrets/f }',
    }),
  },
  {
    what: 'inputs from everywhere',
    source: writeBatch({
      more: `params: { day: date }
aws: { region: eu-west-1, role: "arn:aws:iam::123456789012:role/batch/mayfly", endpoint: "http://127.0.0.1:9000" }
inputs:
  - { from: "gs://lake/ratings/\${{ params.day }}/", to: data/ }
  - { from: "gs://lake/**/part-{1,2}.csv", to: . }
  - { from: "s3://partner/a b", to: a b }
  - { from: "run:embed/latest-success/model", to: model/ }
  - { from: "run:embed/8f0c52b1a9d3e764/model/weights.bin", to: "w-\${{ params.day }}" }`,
    }),
  },
  {
    what: 'rows for Bigtable',
    source: output('path: a.csv, to: "bigtable://p/i/t", key: "{a}#{b}", family: s, types: { c: int64 }'),
  },
  { what: 'no outputs', source: writeBatch({ more: 'outputs: []' }) },
  { what: 'anchors', source: step('run: a, env: &e { A: 1 } }, { name: b, run: b, env: *e') },
]
