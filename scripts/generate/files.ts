import { existsSync, readFileSync } from 'node:fs'
import { actionTasks } from '../../actions/tasks.ts'
import { writeTaskAction } from './action-file.ts'
import { generateBatchSchema } from './batch-schema.ts'
import { fillPage } from './pages.ts'
import { writeRootAction } from './root-action.ts'
import { writeTables } from './tables.ts'

/** A file of the repository: path from its root, and what it should hold. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/** Every file that is made from the declarations of the tasks; run in the root of the repository. Writes nothing. */
export function generateFiles(): readonly GeneratedFile[] {
  return [
    writeRootAction(actionTasks),
    ...actionTasks.map(writeTaskAction),
    ...fillPages(),
    generateBatchSchema(),
  ]
}

function fillPages(): readonly GeneratedFile[] {
  const tables = writeTables(actionTasks)
  const pages = actionTasks.flatMap(({ name }) => [
    `actions/${name}/README.md`,
    `drone-plugins/${name}/docs.md`,
  ])
  return ['README.md', ...pages]
    .filter((path) => existsSync(path))
    .map((path) => ({ path, text: fillPage(path, readFileSync(path, 'utf8'), tables) }))
}
