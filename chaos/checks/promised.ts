import type { History, Life, Told, Work } from '../history.ts'

/** A promise that was broken, and by what. */
export interface Violation {
  readonly invariant: string
  readonly what: string
}

/** What promises are made about: a run, by its run.json. */
export interface Run {
  /** `runs/<batch>/<id>` */
  readonly path: string
  readonly timeoutSeconds: number
  readonly outputs: readonly unknown[]
  readonly image: { readonly id: string }
}

/** A result.json, as far as promises are made of it. */
export interface Result {
  readonly by: 'machine' | 'controller'
  readonly state: string
  readonly reason?: string
  readonly exitCode: number
  readonly began: boolean
  readonly instanceId?: string
  readonly outputs: readonly { readonly uri: string; readonly bytes: number }[]
}

/** Every run that there is. */
export function readRuns({ writes }: History): readonly Run[] {
  return writes.flatMap(({ name, text, replaced }) =>
    name.endsWith('/run.json') && !replaced
      ? [{ ...(JSON.parse(text) as Omit<Run, 'path'>), path: name.slice(0, -'/run.json'.length) }]
      : [],
  )
}

/** Results by attempt, as they were first written. */
export function readResults({ writes }: History, path: string): ReadonlyMap<number, Result> {
  const results = new Map<number, Result>()
  for (const { name, text } of writes) {
    if (!name.startsWith(`${path}/`) || !name.endsWith('/result.json')) continue
    const number = readNumber(name)
    if (!results.has(number)) results.set(number, JSON.parse(text))
  }
  return results
}

/** The attempt in `runs/<batch>/<id>/a<number>/…`. */
export function readNumber(name: string): number {
  return Number(name.split('/')[3]?.slice(1))
}

/** Made by the product, by its labels. */
export function isOurs({ labels }: Pick<Life, 'labels'>): boolean {
  return labels.tool === 'mayfly'
}

/** The run that a machine belongs to; that of a builder is none. */
export function runOf({ labels }: Life): string {
  return `runs/${labels['mayfly-batch']}/${labels['mayfly-run']}`
}

export function isSweeper(by: string): boolean {
  return by.includes('sweeper')
}

export function wasAtWork({ started, ended = Number.POSITIVE_INFINITY }: Work, at: number): boolean {
  return started < at && at < ended
}

export function describe(told: Told): string {
  return `told: ${JSON.stringify(told)}`
}
