import { localProject } from './environment.ts'

/** What images.insert takes, of what is used here: https://cloud.google.com/compute/docs/reference/rest/v1/images/insert */
export interface ImageBody {
  readonly name: string
  readonly family?: string
  readonly description?: string
  readonly labels?: Readonly<Record<string, string>>
  /** Path from `projects/` on. */
  readonly sourceImage: string
}

/** Makes an image of the local cloud from another one. Throws an Error with the cloud's words when it refuses. */
export async function copyImage(url: string, body: ImageBody): Promise<'made' | 'exists'> {
  const response = await fetch(`${url}/compute/v1/projects/${localProject}/global/images`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  if (response.status === 409) return 'exists'
  if (!response.ok) throw new Error(await readRefusal(response))
  await awaitOperation((await response.json()) as { selfLink: string })
  return 'made'
}

/** https://cloud.google.com/compute/docs/reference/rest/v1/globalOperations/wait */
async function awaitOperation({ selfLink }: { readonly selfLink: string }): Promise<void> {
  const response = await fetch(`${selfLink}/wait`, { method: 'POST' })
  const { error } = (await response.json()) as { error?: { errors: readonly { message: string }[] } }
  if (error) throw new Error(error.errors.map(({ message }) => message).join(' '))
}

/** The cloud's words: https://cloud.google.com/apis/design/errors#http_mapping */
export async function readRefusal(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { message: string } }
  return error.message
}
