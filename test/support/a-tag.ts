import { MAX_ID, parseTagName, type Tag } from '../../internal/domain/entity/tag.ts'

/** The row of the seed, `('order-service', 1, 1000)`, with `changes`. */
export function aTag(changes: Partial<Tag> = {}): Tag {
  return {
    name: parseTagName('order-service'),
    mode: 'segment',
    layout: undefined,
    step: 1000,
    maxId: 1n,
    maxValue: MAX_ID,
    buffer: undefined,
    description: '',
    freeze: undefined,
    deletedMaxId: 0n,
    generation: 0n,
    version: 0n,
    ...changes,
  }
}
