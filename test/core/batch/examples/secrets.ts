import { type Example, writeBatch } from './write.ts'

const expected =
  'expected a secret such as redshift-password, redshift-password@3 or projects/acme/secrets/redshift-password/versions/3'

/** A batch with these secrets, on line 5. */
function secrets(text: string): string {
  return writeBatch({ more: `secrets: ${text}` })
}

/** What is wrong with secrets. */
export const refusedSecrets: readonly Example[] = [
  {
    what: 'a value in place of the name of a secret',
    source: secrets('{ A: "hunter 22" }'),
    problems: [`5:15: secrets.A: ${expected}, got "hunter 22".`],
  },
  {
    what: 'a version behind a colon',
    source: secrets('{ A: "redshift-password:3" }'),
    problems: [`5:15: secrets.A: ${expected}, got "redshift-password:3".`],
  },
  {
    what: 'an expression in the name of a secret',
    source: secrets('{ A: "a-${{ run.batch }}" }'),
    problems: [
      '5:18: secrets.A: "${{" is not filled in here: expressions work in env, container, from, to and the name of an output only.',
    ],
  },
  {
    what: 'a secret as a list',
    source: secrets('{ A: [a] }'),
    problems: ['5:15: secrets.A: expected a secret (secret, as), got a list.'],
  },
  {
    what: 'a secret as nothing known',
    source: secrets('{ A: { secret: a, as: fil }, B: { as: file } }'),
    problems: [
      '5:32: secrets.A.as: expected variable or file, got "fil". Did you mean "file"?',
      '5:39: secrets.B: secret is missing: its name in Secret Manager; another version than the latest behind an @, such as redshift-password@3.',
    ],
  },
  {
    what: 'variables that cannot hold a secret',
    source: secrets('{ A-B: a, PATH: b, MAYFLY_RUN: c }'),
    problems: [
      '5:12: secrets.A-B: expected letters, digits and "_", and nothing like PATH, HOME, MAYFLY_… or DOCKER_… as the name, got "A-B".',
      '5:20: secrets.PATH: expected letters, digits and "_", and nothing like PATH, HOME, MAYFLY_… or DOCKER_… as the name, got "PATH".',
      '5:29: secrets.MAYFLY_RUN: expected letters, digits and "_", and nothing like PATH, HOME, MAYFLY_… or DOCKER_… as the name, got "MAYFLY_RUN".',
    ],
  },
  {
    what: 'a variable in env and among secrets',
    source: writeBatch({
      steps: 'steps: [{ run: a, env: { A: 1, B: 1 }, secrets: { A: a } }]',
      more: 'env: { C: 1 }\nsecrets: { B: b, C: c }',
    }),
    problems: [
      '4:51: steps.secrets.A: stands in env too: one of the two has to go.',
      '6:18: secrets.C: stands in env too: one of the two has to go.',
    ],
    beyondSchema: 'JSON Schema does not compare keys',
  },
]
