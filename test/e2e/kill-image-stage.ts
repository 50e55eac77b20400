import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import type { InstanceView } from '../../emulator/compute/instance.ts'
import type { RequestRecord } from '../../emulator/http.ts'
import type { OnRequest } from '../../emulator/server.ts'
import { openPushedClock } from '../emulator/compute-clock.ts'
import { buildArgs, setImageStage } from './image-stage.ts'
import { type Aftermath, judgeRest, type Point } from './kill-stage.ts'

/**
 * Hits a build at the k-th request of all that it sets off, Packer's and its machine's included, and asks for it again.
 * SIGKILL is for the whole tree of processes, as a container or a runner that is ended takes all with it.
 */
export async function hitBuild(
  { k, moment }: Point,
  signal: NodeJS.Signals,
): Promise<Omit<Aftermath, 'sealedMs' | 'deletedMs'>> {
  let count = 0
  let hit: RequestRecord | undefined
  let armed = false
  const onRequest: OnRequest = async (record, when) => {
    if (!armed || hit) return undefined
    if (when === 'before') count++
    if (count !== k || when !== moment) return undefined
    hit = record
    const { child } = running
    if (signal !== 'SIGKILL') {
      child.kill(signal)
      return undefined
    }
    for (const pid of listTree(child.pid ?? 0)) kill(pid)
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    return 'lose'
  }
  const clock = openPushedClock()
  await using stage = await setImageStage({ now: clock.now, compute: { clock }, onRequest })
  stage.tag('v1')
  armed = true
  const running = stage.start(...buildArgs, '--zones', 'us-central1-a')
  const first = await running.ended
  armed = false
  let again = await stage.build()
  // At a terminal nobody knows who is dead: a killed build makes way at its deadline.
  if (signal === 'SIGKILL' && again.exitCode === 65) {
    clock.push(2 * 3_600_000)
    again = await stage.build()
  }

  // Its machine, which Compute Engine deletes then, may outlive one that had made its image already.
  const dying = signal === 'SIGKILL' ? stage.google.compute.instances().filter(hasDeadline) : []
  const violations = judgeRest(stage).filter((each) => !dying.some(({ name }) => each.includes(name)))
  if (again.exitCode !== 0) violations.push(`asked again, it gave ${again.exitCode}: ${again.stderr}`)
  const images = await stage.images()
  if (images.length !== 1) violations.push(`there are ${images.length} images`)
  if (images[0]?.labels?.['mayfly-smoke'] !== 'passed') violations.push('the image is not marked as tested')
  const newest = await stage.newest()
  if (newest !== 'ml-batch-v1') violations.push(`the family leads to ${newest}`)
  return { hit, first, again, violations }
}

function hasDeadline({ labels }: InstanceView): boolean {
  return labels?.['mayfly-deadline'] !== undefined
}

function listTree(pid: number): number[] {
  return [pid, ...listChildren(pid).flatMap(listTree)]
}

function listChildren(pid: number): number[] {
  try {
    return execFileSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
      .trim()
      .split('\n')
      .map(Number)
  } catch {
    return []
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
