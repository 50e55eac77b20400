import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { type GeneratedFile, generateFiles } from './generate/files.ts'

const stale = generateFiles().filter(isStale)
if (process.argv.includes('--check')) reportStale(stale)
else for (const file of stale) writeFile(file)

function isStale({ path, text }: GeneratedFile): boolean {
  return !existsSync(path) || readFileSync(path, 'utf8') !== text
}

function reportStale(files: readonly GeneratedFile[]): void {
  for (const { path } of files) console.error(`${path} is out of date: run node scripts/generate.ts`)
  process.exitCode = files.length === 0 ? 0 : 1
}

function writeFile({ path, text }: GeneratedFile): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  console.log(`${path} written`)
}
