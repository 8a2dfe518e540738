import type { Readiness } from '../../internal/delivery/http/probe-routes.ts'
import type { GeneratorRegistry } from '../../internal/domain/generator/generator-registry.ts'

/** Where the service stands between its start and its end, and whether it should get traffic. */
export class Phase {
  readonly #generators: GeneratorRegistry
  #now: 'starting' | 'serving' | 'draining' = 'starting'

  constructor(generators: GeneratorRegistry) {
    this.#generators = generators
  }

  /** The store and its tables were seen. Losing the store later does not take this back. */
  serve(): void {
    if (this.#now === 'starting') this.#now = 'serving'
  }

  drain(): void {
    this.#now = 'draining'
  }

  readiness(): Readiness {
    if (this.#now === 'starting') return { ready: false, reason: 'The store was not seen yet.' }
    if (this.#now === 'draining') return { ready: false, reason: 'This instance is shutting down.' }
    if (this.#generators.hasProspects) return { ready: true }
    return { ready: false, reason: 'The store does not answer and no ids are left.' }
  }
}
