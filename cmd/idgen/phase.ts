import { z } from 'zod'
import type { Readiness } from '../../internal/delivery/http/probe-routes.ts'
import type { GeneratorRegistry } from '../../internal/domain/generator/generator-registry.ts'
import type { Peers, Topic } from './cluster/peers.ts'

const condition = z.object({
  stage: z.enum(['starting', 'serving', 'draining']),
  /** Whether it could hand out ids. */
  hasProspects: z.boolean(),
})

/** What one process says of itself. */
export type Condition = z.output<typeof condition>

const CONDITION: Topic<null, Condition> = { name: 'condition', about: z.null(), answer: condition }

/** Where this process stands between its start and its end, and whether its service should get traffic. */
export class Phase {
  readonly #generators: GeneratorRegistry
  readonly #peers: Peers
  #stage: Condition['stage'] = 'starting'

  constructor(generators: GeneratorRegistry, peers: Peers) {
    this.#generators = generators
    this.#peers = peers
    peers.answer(CONDITION, () => this.#condition)
  }

  /** The store and its tables were seen. Losing the store later does not take this back. */
  serve(): void {
    if (this.#stage === 'starting') this.#stage = 'serving'
  }

  drain(): void {
    this.#stage = 'draining'
  }

  /** Whether this process by itself should get traffic. */
  get ownReadiness(): Readiness {
    return readinessOf([this.#condition])
  }

  /** Whether the service should get traffic: all its processes together, as far as they answer. */
  async readiness(): Promise<Readiness> {
    if (this.#stage !== 'serving') return this.ownReadiness
    const { answers } = await this.#peers.ask(CONDITION, null)
    return readinessOf([this.#condition, ...answers])
  }

  get #condition(): Condition {
    return { stage: this.#stage, hasProspects: this.#generators.hasProspects }
  }
}

/**
 * Callers come to any process that listens, so each of them must have seen the store. From then on one that
 * has no ids must not keep callers from those that have.
 */
export function readinessOf(conditions: readonly Condition[]): Readiness {
  const isAny = (stage: Condition['stage']) => conditions.some((own) => own.stage === stage)
  if (isAny('draining')) return { ready: false, reason: 'This instance is shutting down.' }
  if (isAny('starting')) return { ready: false, reason: 'The store was not seen yet.' }
  if (conditions.some(({ hasProspects }) => hasProspects)) return { ready: true }
  return { ready: false, reason: 'The store does not answer and no ids are left.' }
}
