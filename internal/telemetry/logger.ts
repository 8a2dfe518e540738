import { type LevelWithSilent, type Logger, pino } from 'pino'

export type { Logger }

const STDERR = 2

/**
 * The log: one JSON object per line, on standard error, so that standard output holds what a person
 * or a script asked for. Lines are written in the background, so that no request waits for whoever
 * reads them; those still held when the process exits are written then (pino sees to it).
 */
export function openLog(level: LevelWithSilent): Logger {
  return pino({ level, base: null }, pino.destination({ dest: STDERR, sync: false }))
}
