/** Something that is to happen; without `act` it was called off. */
export interface Event {
  readonly at: number
  readonly order: number
  act: (() => void) | undefined
}

/**
 * Virtual time and what is to happen in it. Events of one moment happen in the order in which they were planned, and
 * before the next one every continuation of the last has run: the same seed gives the same history.
 */
export class Timeline {
  /** Milliseconds since the epoch. */
  now = Date.UTC(2026, 10, 1)
  readonly #heap: Event[] = []
  #planned = 0
  #stirred = true

  /** Lets something happen after `ms`. */
  after(ms: number, act: () => void): Event {
    const event = { at: this.now + Math.max(0, ms), order: this.#planned++, act }
    this.#push(event)
    return event
  }

  /** Has to be called by whoever resolves a promise, so that time stands still until all that follows has run. */
  stir(): void {
    this.#stirred = true
  }

  /** Lets time pass until nothing is left to happen, or until then. False when something was left. */
  async run(until: number): Promise<boolean> {
    for (;;) {
      if (this.#stirred) {
        this.#stirred = false
        await settle()
        continue
      }
      const event = this.#heap[0]
      if (event === undefined) return true
      if (event.at > until) return false
      this.#pop()
      if (event.act === undefined) continue
      this.now = event.at
      event.act()
    }
  }

  #push(event: Event): void {
    const heap = this.#heap
    let index = heap.push(event) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (!isSooner(event, heap[parent] as Event)) break
      heap[index] = heap[parent] as Event
      index = parent
    }
    heap[index] = event
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop() as Event
    if (heap.length === 0) return
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isSooner(heap[child + 1] as Event, heap[child] as Event)) child++
      if (!isSooner(heap[child] as Event, last)) break
      heap[index] = heap[child] as Event
      index = child
    }
    heap[index] = last
  }
}

function isSooner(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}

/** An immediate runs when no promise has anything left to do. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
