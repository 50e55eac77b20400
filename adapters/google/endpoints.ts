import { InputError, type Problem } from '../../core/errors.ts'

/** Which Google is talked to. Addresses are without a slash at the end and without an API's own path. */
export interface Endpoints {
  readonly storage: string
  readonly compute: string
  /** Neither is Google's: no credentials are sent, and none are looked for. */
  readonly local: boolean
  /** One line for the log. */
  readonly line: string
}

const storageNames = ['STORAGE_EMULATOR_HOST', 'CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE'] as const
const computeName = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE'

/**
 * Reads the addresses that gcloud and Google's clients read too. Throws InputError where they disagree, and where one is
 * local and the other is not: half of a run would then happen in the real project.
 */
export function readEndpoints(env: (name: string) => string | undefined): Endpoints {
  const problems: Problem[] = []
  const [emulator, override] = storageNames.map((name) => readAddress(name, env(name), problems))
  const storage = emulator ?? override ?? 'https://storage.googleapis.com'
  const compute = readAddress(computeName, env(computeName), problems) ?? 'https://compute.googleapis.com'
  if (emulator && override && emulator !== override) {
    problems.push({
      where: storageNames[0],
      message: `is ${emulator}, but ${storageNames[1]} is ${override}`,
    })
  }
  if (isGoogles(storage) !== isGoogles(compute)) {
    const [local, real] = isGoogles(compute) ? [storageNames[0], computeName] : [computeName, storageNames[0]]
    const message = `must be set too, or ${local} must not: one of them would be local and the other the real Google (storage ${storage}, compute ${compute})`
    problems.push({ where: real, message })
  }
  if (problems.length > 0) throw new InputError(problems)

  const local = !isGoogles(storage)
  const line = local
    ? `Google Cloud: a local one (storage ${storage}, compute ${compute})`
    : `Google Cloud: the real one (${new URL(storage).host}, ${new URL(compute).host})`
  return { storage, compute, local, line }
}

/** Where another of Google's APIs is, such as `serviceusage`; a local Google has one address for all of them. */
export function findEndpoint({ local, compute }: Endpoints, api: string): string {
  return local ? compute : `https://${api}.googleapis.com`
}

/** Takes `127.0.0.1:8080`, `http://127.0.0.1:8080` and, as gcloud wants it, `http://127.0.0.1:8080/compute/v1/`. */
function readAddress(where: string, text: string | undefined, problems: Problem[]): string | undefined {
  if (!text) return undefined
  const address = /^https?:\/\//.test(text) ? text : `http://${text}`
  const url = URL.canParse(address) ? new URL(address) : undefined
  if (url && /^\/((storage|compute)\/v1\/?)?$/.test(url.pathname) && !url.search) return url.origin
  problems.push({
    where,
    message: `expected an address such as http://127.0.0.1:8080, got ${JSON.stringify(text)}`,
  })
  return undefined
}

/** Private Service Connect has names of its own under Google's domain. */
function isGoogles(address: string): boolean {
  return new URL(address).hostname.endsWith('.googleapis.com')
}
