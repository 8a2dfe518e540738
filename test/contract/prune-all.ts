import type { LedgerRepository } from '../../internal/domain/generator/ledger-repository.ts'
import type { RestRepository } from '../../internal/domain/generator/rest-repository.ts'

const ROUNDS_MAX = 100

/** Removes all that is older than that. @returns How many rounds it took. @throws Error if it has no end. */
export async function pruneAll(
  repository: RestRepository | LedgerRepository,
  ageMs: number,
): Promise<number> {
  for (let round = 1; round <= ROUNDS_MAX; round += 1) {
    if (!(await repository.prune(ageMs))) return round
  }
  throw new Error(`After ${ROUNDS_MAX} rounds there is still more.`)
}
