import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'vitest'
import { CancelledError } from '../../core/errors.ts'
import { testWith } from '../tools.ts'
import { openLog, openWorkshop, packer, planBuild, writeTemplate } from './packer-workshop.ts'

/** Processes of a group that are not yet dead. */
function findGroup(group: number): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false
    try {
      const [state, , own] = readFileSync(`/proc/${pid}/stat`, 'utf8')
        .replace(/^.*\) /, '')
        .split(' ')
      return Number(own) === group && state !== 'Z'
    } catch {
      return false
    }
  })
}

const never = () => new AbortController().signal

async function cancelDuring(
  script: readonly string[],
  graceSeconds: number,
  by: 'signal' | 'hopeless' = 'signal',
): Promise<string> {
  await using workshop = await openWorkshop({ graceSeconds })
  const provisioner = `provisioner "shell-local" { inline = ${JSON.stringify(script)} }`
  await workshop.write({ 'team.pkr.hcl': writeTemplate(provisioner) })
  const controller = new AbortController()
  const reason = new CancelledError('SIGTERM')
  const log = openLog()
  const building = workshop.builder
    .build(planBuild({ template: 'team.pkr.hcl' }), {
      log,
      signal: never(),
      hopeless: never(),
      [by]: controller.signal,
    })
    .catch((error) => error)
  await log.hear('group ')
  const group = Number(/group (\d+)/.exec(log.text())?.[1])
  expect(findGroup(group).length).toBeGreaterThan(2)

  controller.abort(reason)
  expect(await building).toBe(reason)
  expect(findGroup(group)).toEqual([])
  expect(await workshop.leftovers()).toEqual([])
  return log.text()
}

// The fifth field of stat is the group, which is Packer's: the script did not open one.
const sayGroup = 'echo group $(cut -d " " -f 5 /proc/$$/stat)'

testWith(packer, 'a cancel lets Packer clean up, and leaves no process of it', async () => {
  const text = await cancelDuring([sayGroup, 'sleep 300'], 60)
  expect(text).toMatch(/Cancelling build|Build was cancelled|errored/)
})

testWith(packer, 'a cancel kills what does not end within its grace', async () => {
  await cancelDuring(["trap '' TERM", sayGroup, 'while :; do sleep 1; done'], 1)
})

testWith(packer, 'a build that is hopeless ends at once', async () => {
  await cancelDuring(["trap '' TERM", sayGroup, 'while :; do sleep 1; done'], 600, 'hopeless')
})

testWith(packer, 'a build that is cancelled before it begins does not begin', async () => {
  await using workshop = await openWorkshop()
  await workshop.write({
    'team.pkr.hcl': writeTemplate('provisioner "shell-local" { inline = ["touch made"] }'),
  })
  const reason = new CancelledError('SIGINT')
  const signal = AbortSignal.abort(reason)
  const build = planBuild({ template: 'team.pkr.hcl' })
  await expect(workshop.builder.build(build, { log: openLog(), signal, hopeless: never() })).rejects.toBe(
    reason,
  )
  expect(readdirSync(workshop.path)).not.toContain('made')
  expect(await workshop.leftovers()).toEqual([])
})
