/** Acts on each item, `width` at a time. The first failure ends it, once what is under way is over, and is thrown. */
export async function inParallel<Item>(
  items: Iterable<Item>,
  width: number,
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  let failed = false
  const work = async () => {
    for (let next = queue.next(); !failed && !next.done; next = queue.next())
      await act(next.value).catch((error) => {
        failed = true
        throw error
      })
  }
  const ends = await Promise.allSettled(Array.from({ length: width }, work))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}
