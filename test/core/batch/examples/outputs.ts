import { type Example, output } from './write.ts'

const twins = 'JSON Schema does not compare parts of items'
const paths = 'JSON Schema does not take paths apart'

/** What is wrong with outputs. */
export const refusedOutputs: readonly Example[] = [
  {
    what: 'an output without a path',
    source: output('name: model'),
    problems: ['6:5: outputs: path is missing: a file or folder of the work directory, such as model/.'],
  },
  {
    what: 'an output from the root',
    source: output('path: /etc/passwd'),
    problems: [
      '6:13: outputs.path: expected a path inside the work directory, without a leading "/" and "..", got "/etc/passwd".',
    ],
  },
  {
    what: 'an output from above',
    source: output('path: a/../../b'),
    problems: [
      '6:13: outputs.path: expected a path inside the work directory, without a leading "/" and "..", got "a/../../b".',
    ],
  },
  {
    what: 'an output with an expression in its path',
    source: output('path: "a/${{ run.id }}"'),
    problems: [
      '6:16: outputs.path: "${{" is not filled in here: expressions work in env, container, from, to and the name of an output only.',
    ],
  },
  {
    what: 'an output with a bad name',
    source: output('path: a, name: Model'),
    problems: ['6:22: outputs.name: expected a name of a-z, 0-9, ".", "_" and "-", got "Model".'],
  },
  {
    what: 'an output whose path is no name',
    source: output('path: out/Model Card/'),
    problems: [
      '6:5: outputs: "Model Card" cannot be a name in the depot. Give the output one, such as name: model.',
    ],
    beyondSchema: paths,
  },
  {
    what: 'the whole work directory without a name',
    source: output('path: .'),
    problems: ['6:5: outputs: "." cannot be a name in the depot. Give the output one, such as name: model.'],
    beyondSchema: paths,
  },
  {
    what: 'an output with a name that leaves its folder',
    source: output('path: a, name: ..'),
    problems: ['6:22: outputs.name: expected a name of a-z, 0-9, ".", "_" and "-", got "..".'],
  },
  {
    what: 'an output for another cloud',
    source: output('path: a, to: "azure://partner/x"'),
    problems: [
      '6:20: outputs.to: expected a place such as gs://bucket/folder/, s3://bucket/folder/ or bigtable://instance/table, got "azure://partner/x".',
    ],
  },
  {
    what: 'an output with a misspelt condition',
    source: output('path: a, when: sucess'),
    problems: [
      '6:22: outputs.when: expected success, failure or always, got "sucess". Did you mean "success"?',
    ],
  },
  {
    what: 'rows without a key and a family',
    source: output('path: a.csv, to: "bigtable://serving/scores"'),
    problems: [
      '6:5: outputs: an output for Bigtable needs key, such as key: user_id.',
      '6:5: outputs: an output for Bigtable needs family, such as family: s.',
    ],
    beyondSchema: twins,
  },
  {
    what: 'a key and types without rows',
    source: output('path: a.csv, to: "s3://partner/x", key: id, types: { score: float64 }'),
    problems: [
      '6:42: outputs.key: belongs to an output whose "to" is a table of Bigtable.',
      '6:51: outputs.types: belongs to an output whose "to" is a table of Bigtable.',
    ],
    beyondSchema: twins,
  },
  {
    what: 'a type that no cell has',
    source: output('path: a.csv, to: "bigtable://i/t", key: id, family: s, types: { score: flaot64 }'),
    problems: [
      '6:78: outputs.types.score: expected string, int64, float64 or bytes, got "flaot64". Did you mean "float64"?',
    ],
  },
  {
    what: 'a table without an instance',
    source: output('path: a.csv, to: "bigtable://scores", key: id, family: s'),
    problems: [
      '6:24: outputs.to: expected a place such as gs://bucket/folder/, s3://bucket/folder/ or bigtable://instance/table, got "bigtable://scores".',
    ],
  },
  {
    what: 'two outputs of one name',
    source: output('path: a/m }\n  - { path: b/m'),
    problems: ['7:5: outputs: two are called "m", the first on line 6.'],
    beyondSchema: twins,
  },
]
