import { setTimeout as sleep } from 'node:timers/promises'

/** A resource, an operation, a list: what the tests read of it by name. */
export interface Resource {
  readonly [member: string]: unknown
  readonly id: string
  readonly name: string
  readonly status: string
  readonly selfLink: string
  readonly contents: string
  readonly nextPageToken?: string
  readonly items?: readonly Resource[]
}

interface Answer {
  readonly status: number
  readonly json: Resource
}

/** Calls of Compute Engine below a project, by plain HTTP. */
export interface Calls {
  get(path: string): Promise<Answer>
  post(path: string, body?: unknown): Promise<Answer>
  send(method: string, path: string, body?: unknown): Promise<Answer>
  /** Waits for the operation that an answer holds, and gives it as it is then. */
  done(answer: Answer): Promise<Resource>
}

export const zone = 'zones/us-central1-a'

export function openCalls(url: string, project = 'acme'): Calls {
  const base = `${url}/compute/v1/projects/${project}`
  const send = async (method: string, path: string, body?: unknown) => {
    const init = body === undefined ? { method } : { method, body: JSON.stringify(body) }
    const response = await fetch(`${base}${path}`, init)
    return { status: response.status, json: (await response.json()) as Resource }
  }
  return {
    send,
    get: (path) => send('GET', path),
    post: (path, body) => send('POST', path, body),
    async done({ status, json }) {
      if (status !== 200) throw new Error(`${status}: ${JSON.stringify(json)}`)
      const response = await fetch(`${json.selfLink}/wait`, { method: 'POST' })
      return (await response.json()) as Resource
    },
  }
}

/** The body of an insert: a small machine from the local image, which runs `script`. */
export function machine(name: string, script?: string, members: object = {}): object {
  return {
    name,
    machineType: `${zone}/machineTypes/e2-small`,
    disks: [
      {
        boot: true,
        autoDelete: true,
        initializeParams: { sourceImage: 'global/images/family/mayfly-local' },
      },
    ],
    networkInterfaces: [{ accessConfigs: [{}] }],
    ...(script !== undefined && { metadata: { items: [{ key: 'startup-script', value: script }] } }),
    ...members,
  }
}

/** Asks again and again until there is an answer; a test's own time limit ends it otherwise. */
export async function until<T>(ask: () => T | Promise<T>): Promise<Exclude<T, false | undefined>> {
  for (;;) {
    const answer = await ask()
    if (answer) return answer as Exclude<T, false | undefined>
    await sleep(10)
  }
}
