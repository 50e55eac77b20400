import { formatDuration } from '../../units.ts'
import type { Outcome } from './outcome.ts'

type Phases = Outcome['phases']

/** Seconds of all phases. */
export function sumPhases(phases: Phases): number {
  return phases.reduce((total, { seconds }) => total + seconds, 0)
}

const barWidth = 32

/** The phase clock as a timeline: each phase's bar begins where the one before it ended. */
export function drawPhases(phases: Phases): readonly string[] {
  const total = sumPhases(phases)
  if (total === 0) return []
  const nameWidth = Math.max(...phases.map(({ name }) => name.length))
  let passed = 0
  return phases.map(({ name, seconds }) => {
    const start = Math.min(barWidth - 1, Math.round((passed / total) * barWidth))
    passed += seconds
    const width = Math.max(1, Math.round((passed / total) * barWidth) - start)
    const bar = `${' '.repeat(start)}${'█'.repeat(width)}`.padEnd(barWidth)
    return `${name.padEnd(nameWidth)}  ${bar}  ${formatDuration(seconds)}`
  })
}

/** Mermaid is what GitHub draws in a job summary without any file of ours. */
export function drawGantt(phases: Phases): string {
  let passed = 0
  const bars = phases.map(({ name, seconds }) => {
    const start = Math.round(passed * 1000)
    passed += seconds
    // A bar needs an extent to be seen, and these characters separate fields.
    return `  ${name.replace(/[:;#,]/g, ' ')} :${start}, ${Math.max(start + 1, Math.round(passed * 1000))}`
  })
  return ['```mermaid', 'gantt', '  dateFormat x', '  axisFormat %M:%S', ...bars, '```'].join('\n')
}
