import type { Choice, RunRecord, SoldOut } from './records.ts'

/** The ways to have a run's machine, in the order in which they are asked for. */
export function listChoices({ machine }: Pick<RunRecord, 'machine'>): readonly Choice[] {
  const { type, zones, spot, otherwise = [] } = machine
  return [{ type, zones, spot }, ...otherwise]
}

/** Every zone that may have a machine of the run. */
export function listZones(run: Pick<RunRecord, 'machine'>): readonly string[] {
  return [...new Set(listChoices(run).flatMap(({ zones }) => zones))]
}

/** `spot n2-standard-8`. */
export function nameChoice({ type, spot }: Pick<Choice, 'type' | 'spot'>): string {
  return spot ? `spot ${type}` : type
}

/** `n2-standard-8 sold out in us-central1-a, us-central1-b; spot …`: each once, however often it was asked for. */
export function describeSoldOut(soldOut: readonly SoldOut[]): string {
  const zones = new Map<string, Set<string>>()
  for (const each of soldOut) {
    const name = nameChoice(each)
    zones.set(name, (zones.get(name) ?? new Set()).add(each.zone))
  }
  return [...zones].map(([name, places]) => `${name} sold out in ${[...places].join(', ')}`).join('; ')
}
