import { openDriverByContent } from './by-content.ts'
import type { Driver } from './driver.ts'
import { openNamespaceDriver } from './namespace.ts'
import { openProcessDriver } from './process.ts'
import { openQemuDriver } from './qemu.ts'

const drivers: Readonly<Record<string, () => Driver>> = {
  process: openProcessDriver,
  namespace: openNamespaceDriver,
  qemu: openQemuDriver,
}

/** The driver that was given, else the one that MAYFLY_MACHINE_DRIVER names; one that boots contents leaves the rest to the process driver. */
export function chooseDriver(given: Driver | undefined): Driver {
  const driver = given ?? openNamed(process.env.MAYFLY_MACHINE_DRIVER || 'process')
  return driver.copy ? openDriverByContent(driver, openProcessDriver()) : driver
}

function openNamed(name: string): Driver {
  const open = drivers[name]
  if (open) return open()
  const names = Object.keys(drivers).join(', ')
  throw new Error(`MAYFLY_MACHINE_DRIVER is "${name}"; expected one of ${names}.`)
}
