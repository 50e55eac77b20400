/** A line as the journal of a machine writes it to the serial console. */
export function formatLine(host: string, program: string, line: string): string {
  const now = new Date().toUTCString()
  const time = `${now.slice(8, 11)} ${now.slice(5, 7)} ${now.slice(17, 25)}`
  return `${time} ${host} ${program}[${process.pid}]: ${line}\n`
}
