import { InputError } from '../../core/errors.ts'
import { text } from '../../core/fields.ts'
import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { localProject } from './environment.ts'
import { reachCloud } from './process.ts'
import { findStateDir, stateField } from './state.ts'

/** `mayfly local add-image` */
export function openAddImage(site: Site): Command {
  return defineCommand({
    summary: "Give the local cloud an image of your batch file's name. Its machines are this computer.",
    fields: {
      image: text({
        description: 'The name of the image and of its family.',
        example: 'ml-batch',
        required: true,
        positional: true,
      }),
      ...stateField,
    },
    async run({ image, state }, host) {
      const { url } = await reachCloud(site, findStateDir(state))
      const response = await fetch(`${url}/compute/v1/projects/${localProject}/global/images`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          name: image,
          family: image,
          sourceImage: `projects/${localProject}/global/images/family/mayfly-local`,
        }),
      })
      if (!response.ok && response.status !== 409)
        throw new InputError([{ where: host.spell('image'), message: await readRefusal(response) }])
      if (response.ok) await awaitOperation((await response.json()) as { selfLink: string })
      const line = response.ok ? 'The local cloud has the image' : 'The local cloud has had the image'
      return tell([`${line} ${image}.`], { image, added: response.ok })
    },
  })
}

/** https://cloud.google.com/compute/docs/reference/rest/v1/globalOperations/wait */
async function awaitOperation({ selfLink }: { readonly selfLink: string }): Promise<void> {
  await fetch(`${selfLink}/wait`, { method: 'POST' })
}

/** https://cloud.google.com/apis/design/errors#http_mapping */
async function readRefusal(response: Response): Promise<string> {
  const { error } = (await response.json()) as { error: { message: string } }
  return error.message
}
