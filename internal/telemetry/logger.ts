import { type LevelWithSilent, type Logger, pino } from 'pino'

export type { Logger }

const STDERR = 2

/** What is written at once stays together in a pipe, up to so many bytes, whoever else writes to it. */
const PIPE_BYTES = 4096

/**
 * The log: one JSON object per line, on standard error, so that standard output holds what a person
 * or a script asked for. Lines are written in the background, so that no request waits for whoever
 * reads them; those still held when the process exits are written then (pino sees to it).
 *
 * @param number That of this process where several write to one log; it stands in each line.
 */
export function openLog(level: LevelWithSilent, number?: number): Logger {
  const base = number === undefined ? null : { process: number }
  return pino(
    { level, base },
    pino.destination({ dest: STDERR, sync: false, maxWrite: PIPE_BYTES }),
  )
}
