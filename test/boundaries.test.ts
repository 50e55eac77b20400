import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { expect, test } from 'vitest'

// Which folder may import what. The direction of the house is a matter of text, so a test reads the text.
const rules: Record<string, { folders: readonly string[]; packages: RegExp }> = {
  core: { folders: ['core'], packages: /^(node:path\/posix|node:crypto|zod\/mini|yaml)$/ },
  'adapters/hosts': { folders: ['core', 'adapters/hosts'], packages: /^node:.*$/ },
  'adapters/google': {
    folders: ['core', 'adapters/google'],
    packages: /^(node:.*|@google-cloud\/.*|google-auth-library|google-gax.*)$/,
  },
  'adapters/aws': {
    folders: ['core', 'adapters/google', 'adapters/aws'],
    packages: /^(node:.*|aws4fetch)$/,
  },
  'adapters/rows': { folders: ['core', 'adapters/rows'], packages: /^(node:.*|csv-parse)$/ },
  adapters: { folders: ['core', 'adapters', 'machine/bootstrap.sh', 'machine'], packages: /^node:.*$/ },
  machine: { folders: ['core', 'adapters/google', 'adapters', 'machine'], packages: /^node:.*$/ },
  actions: { folders: ['core', 'adapters', 'actions'], packages: /^$/ },
  'drone-plugins': { folders: ['core', 'adapters', 'drone-plugins'], packages: /^$/ },
  cli: { folders: ['core', 'adapters', 'cli'], packages: /^node:.*$/ },
  chaos: {
    folders: ['core', 'chaos', 'machine/deadline.ts', 'machine/seal.ts', 'machine/verdicts.ts'],
    packages: /^node:.*$/,
  },
  emulator: { folders: ['emulator'], packages: /^(node:.*|node-forge)$/ },
}

const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts'], {
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => file !== '')

const imports = /(?:\bfrom |\bimport |\bimport\()'([^']+)'/g

function ruleOf(file: string): readonly [string, (typeof rules)[string]] | undefined {
  const folders = Object.keys(rules).sort((a, b) => b.length - a.length)
  const folder = folders.find((name) => file.startsWith(`${name}/`))
  return folder === undefined ? undefined : [folder, rules[folder] as (typeof rules)[string]]
}

function readImports(file: string): readonly string[] {
  return [...readFileSync(file, 'utf8').matchAll(imports)].map(([, specifier]) => specifier as string)
}

test.each(Object.keys(rules))('%s imports only what its place allows', (folder) => {
  const files = sources.filter((file) => ruleOf(file)?.[0] === folder)
  expect(files.length).toBeGreaterThan(0)

  const strays = files.flatMap((file) =>
    readImports(file)
      .filter((specifier) => !isAllowed(file, specifier))
      .map((specifier) => `${file}: ${specifier}`),
  )
  expect(strays).toEqual([])
})

function isAllowed(file: string, specifier: string): boolean {
  const [, rule] = ruleOf(file) ?? []
  if (rule === undefined) return true
  if (!specifier.startsWith('.')) return rule.packages.test(specifier)
  const target = normalize(join(dirname(file), specifier))
  return rule.folders.some((folder) => target === folder || target.startsWith(`${folder}/`))
}

test('core knows no process, network, timer, clock or CI system', () => {
  const forbidden = /\b(process\.|fetch\(|setTimeout|setInterval|Date\.now|new Date\(\)|github|drone)/i
  // A tag's release page and what a commit shows are GitHub's whatever CI system writes there.
  const itsOwn = /github_?(token|record)|github\.token|GitHub (token|release|status|deployment)/gi
  const strays = sources
    .filter((file) => file.startsWith('core/'))
    .flatMap((file) =>
      readFileSync(file, 'utf8')
        .split('\n')
        .map((line, index) => ({ line, at: `${file}:${index + 1}` }))
        .filter(({ line }) => forbidden.test(line.replace(/\/\/.*|\/?\*.*$/, '').replace(itsOwn, '')))
        .map(({ line, at }) => `${at}: ${line.trim()}`),
    )
  expect(strays).toEqual([])
})

test('nobody mocks a module', () => {
  const mocks = sources.filter((file) => /\bvi\.(mock|doMock|stubGlobal)\(/.test(readFileSync(file, 'utf8')))
  expect(mocks).toEqual([])
})
