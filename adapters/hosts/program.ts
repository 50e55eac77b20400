/** The parts of Node's `process` that a host uses. */
export interface Program {
  readonly stdout: { write(text: string): unknown }
  exitCode?: number | string | null | undefined
  on(event: 'SIGINT' | 'SIGTERM' | 'exit', listener: () => void): unknown
  exit(code: number): unknown
}
