import type { SecretWish } from './batch.ts'
import { key, map, object } from './collections.ts'
import type { Item } from './document.ts'
import { isScalar, oneOf, text } from './scalars.ts'
import { refine, type Shape } from './shape.ts'

const version = '[\\w-]{1,63}'

const reference = refine(
  text({
    expected:
      'a secret such as redshift-password, redshift-password@3 or projects/acme/secrets/redshift-password/versions/3',
    // https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions
    pattern: new RegExp(
      `^(?:[\\w-]{1,255}(?:@${version})?|projects/[a-z0-9.:-]+/secrets/[\\w-]{1,255}(?:/versions/${version})?)$`,
      'u',
    ),
  }),
  readReference,
)

type Reference = Omit<SecretWish, 'as'>

function readReference(written: string): Reference {
  const [, project, secret = '', , version = 'latest'] =
    /^(?:projects\/(.+)\/secrets\/)?([\w-]+)((?:@|\/versions\/)(.+))?$/.exec(written) ?? []
  return { ...(project !== undefined && { project }), secret, version }
}

const longSecret = object(
  { what: 'a secret' },
  {
    secret: key(reference, {
      description: 'its name in Secret Manager; another version than the latest behind an @',
      example: 'redshift-password@3',
      required: true,
    }),
    as: key(oneOf(['variable', 'file']), {
      description: '`file`: the variable holds the path of a file that holds the value',
      default: 'variable',
    }),
  },
)

const secret: Shape<SecretWish> = {
  schema: { anyOf: [reference.schema, longSecret.schema] },
  read: (item, names) => {
    if (!isScalar(item)) {
      const read = longSecret.read(item, names)
      return read && { ...read.secret, as: read.as }
    }
    const read = reference.read(item, names)
    return read && { ...read, as: 'variable' }
  },
}

/** What the machine sets itself, and what would steer the engine's client, which is given all secrets by its environment. */
const taken = 'MAYFLY_.*|PATH|HOME|TMPDIR|LD_.*|DOCKER_.*|CONTAINERS?_.*|XDG_.*'

/** `secrets:` of a batch file or of a step: environment variables, by their names. */
export const secrets: Shape<Readonly<Record<string, SecretWish>>> = map(
  {
    expected: 'letters, digits and "_", and nothing like PATH, HOME, MAYFLY_… or DOCKER_…',
    pattern: new RegExp(`^(?!(?:${taken})$)[A-Za-z_][A-Za-z0-9_]*$`, 'u'),
  },
  secret,
)

interface Holder {
  readonly env: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, SecretWish>>
}

/** For what has both: complains of a variable that is given twice. */
export function checkVariables<Written extends Holder>(written: Written, item: Item): Written {
  const place = item.entries().find(({ key }) => key === 'secrets')?.value
  for (const { key: name, value } of place?.entries() ?? [])
    if (Object.hasOwn(written.env, name)) value.complainAtKey('stands in env too: one of the two has to go.')
  return written
}
