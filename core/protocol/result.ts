import { runObjects } from '../depot.ts'
import type { Objects } from '../world.ts'
import { createRecord } from './create.ts'
import { parseRecord, type ResultRecord, resultRecord } from './records.ts'

/** Writes an attempt's result, once: the winner's is returned, and is the one that everyone obeys and reports. */
export async function concludeAttempt(
  objects: Objects,
  path: string,
  number: number,
  result: ResultRecord,
): Promise<ResultRecord> {
  const name = runObjects.result(path, number)
  const creation = await createRecord(objects, name, result)
  return creation.mine ? result : parseRecord(resultRecord, name, creation.bytes)
}
