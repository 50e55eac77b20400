import { InputError } from '../../core/errors.ts'
import { text } from '../../core/fields.ts'
import { type Command, defineCommand, tell } from '../command.ts'
import type { Site } from '../site.ts'
import { localProject } from './environment.ts'
import { copyImage } from './image-copy.ts'
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
      const sourceImage = `projects/${localProject}/global/images/family/mayfly-local`
      const made = await copyImage(url, { name: image, family: image, sourceImage }).catch((cause: Error) => {
        throw new InputError([{ where: host.spell('image'), message: cause.message }], { cause })
      })
      const line = made === 'made' ? 'The local cloud has the image' : 'The local cloud has had the image'
      return tell([`${line} ${image}.`], { image, added: made === 'made' })
    },
  })
}
