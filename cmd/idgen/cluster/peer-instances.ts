import { z } from 'zod'
import { parseTagName, type TagName } from '../../../internal/domain/entity/tag.ts'
import type { GeneratorRegistry } from '../../../internal/domain/generator/generator-registry.ts'
import { NOTHING_HELD } from '../../../internal/domain/generator/generator-state.ts'
import {
  type InstanceState,
  OtherInstances,
} from '../../../internal/usecase/tag/other-instances.ts'
import { ERROR_CODES } from '../../../pkg/errors/error-code.ts'
import type { Peers, Topic } from './peers.ts'

const range = z.object({ first: z.bigint(), last: z.bigint(), step: z.bigint().exactOptional() })

const state = z.object({
  instance: z.string(),
  ranges: z.array(range),
  waiters: z.number(),
  idsPerSecond: z.number(),
  secondsLeft: z.number().optional(),
  lastLease: z.object({ range, atMs: z.number() }).optional(),
  lastError: z.enum(ERROR_CODES).optional(),
  worker: z
    .object({ worker: z.number(), epoch: z.bigint(), reservedUntilMs: z.number() })
    .optional(),
})

const HOLDING: Topic<TagName, InstanceState> = {
  name: 'holding',
  about: z.string().transform(parseTagName),
  answer: state.transform((held) => ({ ...NOTHING_HELD, ...held })),
}

/** The other worker processes, asked what they hold. Answers the same question of theirs. */
export class PeerInstances extends OtherInstances {
  readonly #peers: Peers

  constructor(peers: Peers, generators: GeneratorRegistry, instance: string) {
    super()
    this.#peers = peers
    peers.answer(HOLDING, (tag) => ({ instance, ...generators.held(tag) }))
  }

  async holding(tag: TagName) {
    const { answers, silent } = await this.#peers.ask(HOLDING, tag)
    return { states: answers, silent }
  }
}
