import { type Stage, setStage } from './stage.ts'

type Labels = Readonly<Record<string, string>>

/** A stage whose cloud's time can be moved on; Compute Engine's own timers do not follow, as if nobody had set them. */
export interface SweepStage extends Stage {
  /** Seconds since the epoch on the cloud's clock. */
  now(): number
  pass(seconds: number): void
  addMachine(name: string, labels: Labels, options?: { readonly zone?: string }): Promise<void>
  addDisk(name: string, labels: Labels): Promise<void>
  addImage(name: string, labels: Labels, family?: string): Promise<void>
  /** Switches a machine off, disk and all. */
  stop(name: string): Promise<void>
  machines(): readonly string[]
  disks(): readonly string[]
  images(): Promise<readonly string[]>
}

const zone = 'us-central1-a'
const image = 'projects/acme/global/images/family/mayfly-local'

export async function setSweepStage(): Promise<SweepStage> {
  let ahead = 0
  const stage = await setStage({ now: () => Date.now() + ahead })
  const project = `${stage.google.url}/compute/v1/projects/acme`

  async function ask(scope: string, path: string, body: object) {
    const begun = await post(`${project}/${scope}/${path}`, body)
    const done = await post(`${project}/${scope}/operations/${begun.name}/wait`, {})
    if (done.status !== 'DONE' || done.error) throw new Error(JSON.stringify(done))
  }

  return {
    ...stage,
    now: () => Math.floor((Date.now() + ahead) / 1000),
    pass(seconds) {
      ahead += seconds * 1000
    },
    addMachine: (name, labels, options = {}) => {
      const at = options.zone ?? zone
      // Packer's way: the disk has no labels, and stays when the machine goes.
      const built = 'mayfly-build' in labels
      const initializeParams = { sourceImage: image, ...(!built && { labels }) }
      const disks = [{ boot: true, autoDelete: !built, initializeParams }]
      return ask(`zones/${at}`, 'instances', {
        name,
        labels,
        machineType: `zones/${at}/machineTypes/e2-small`,
        disks,
        networkInterfaces: [{ network: 'global/networks/default' }],
      })
    },
    addDisk: (name, labels) => ask(`zones/${zone}`, 'disks', { name, labels, sizeGb: '10' }),
    addImage: (name, labels, family) =>
      ask('global', 'images', { name, labels, sourceImage: image, ...(family && { family }) }),
    stop: (name) => ask(`zones/${zone}`, `instances/${name}/stop`, {}),
    machines: () => stage.google.compute.instances().map(({ name }) => name),
    disks: () => stage.google.compute.disks().map(({ name }) => name),
    async images() {
      const reply = await fetch(`${project}/global/images`)
      const { items = [] } = (await reply.json()) as { items?: { name: string }[] }
      return items.map(({ name }) => name).filter((name) => name !== 'mayfly-local')
    },
  }
}

interface Operation {
  readonly name: string
  readonly status: string
  readonly error?: object
}

async function post(url: string, body: object): Promise<Operation> {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`${url}: ${reply.status} ${await reply.text()}`)
  return (await reply.json()) as Operation
}
