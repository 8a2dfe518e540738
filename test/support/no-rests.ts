import { MemoryStore } from '../../internal/repository/memory-store.ts'
import { MemoryRestRepository } from '../../internal/repository/rest/memory-rest-repository.ts'

/** A store that nobody has given anything back to. */
export function noRests(): MemoryRestRepository {
  return new MemoryRestRepository(new MemoryStore(), 'an-instance', () => 0)
}
