import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'

/** The control channel of a QEMU process: https://www.qemu.org/docs/master/interop/qmp-spec.html */
export interface QemuMonitor {
  /** Presses the power button. */
  pressPower(): void
}

/** Waits for QEMU's greeting. Rejects when the channel ends before it: QEMU has said why on standard error. */
export async function openQemuMonitor(socket: Duplex): Promise<QemuMonitor> {
  const lines = createInterface({ input: socket })
  const send = (command: string) => socket.write(`${JSON.stringify({ execute: command })}\n`)
  // The other end may be gone at any time.
  socket.on('error', () => {})
  const greeting = Promise.race([once(lines, 'line'), once(lines, 'close').then(() => undefined)])
  if ((await greeting) === undefined) throw new Error('QEMU ended before it began.')
  lines.resume()
  send('qmp_capabilities')
  return { pressPower: () => void send('system_powerdown') }
}
