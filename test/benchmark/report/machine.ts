import { cpus, release, totalmem, type } from 'node:os'
import { figure } from './figure.ts'

/** The machine, as far as it matters to a figure. */
export function machine(): string {
  const { length, 0: cpu } = cpus()
  const memory = `${figure(totalmem() / 1024 ** 3)} GiB`
  return `${length} × ${cpu?.model.trim()}, ${memory}, ${type()} ${release()}, Node ${process.version}`
}
