import { GolovesError } from '../../pkg/errors/goloves-error.ts'

/** What went wrong and, where that is known, what that came from: an operator reads this. */
export function reasonsOf(thrown: unknown): string {
  return sentencesOf(thrown).join(' ')
}

function sentencesOf(thrown: unknown): string[] {
  if (!(thrown instanceof Error)) return [String(thrown)]
  const inner = thrown instanceof AggregateError ? thrown.errors : []
  const causes = thrown.cause === undefined ? inner : [thrown.cause]
  return [sentenceOf(thrown), ...causes.flatMap(sentencesOf)].filter((reason) => reason !== '')
}

function sentenceOf(error: Error): string {
  // A caller should try again; an operator is told what follows.
  const isStore = error instanceof GolovesError && error.code === 'STORE_UNAVAILABLE'
  if (isStore && error.cause !== undefined) return 'The store cannot be used:'
  // The driver's own words, without the statement that knex puts before them.
  return 'sqlMessage' in error ? String(error.sqlMessage) : error.message
}
