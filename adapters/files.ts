import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { InputError } from '../core/errors.ts'
import type { Files } from '../core/world.ts'

/** Files below a directory, or anywhere by an absolute path. */
export function openFiles(directory: string): Files {
  return {
    async read(path) {
      try {
        return await readFile(resolve(directory, path), 'utf8')
      } catch (cause) {
        const { code, message } = cause as NodeJS.ErrnoException
        if (code === 'ENOENT') return undefined
        throw new InputError([{ where: path, message: `cannot be read: ${message}.` }], { cause })
      }
    },
  }
}
