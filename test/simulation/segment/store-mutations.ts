import type { Mutation } from '../mutation.ts'

const ALLOCATOR = 'internal/domain/generator/segment-allocator.ts'
const GENERATOR = 'internal/domain/generator/segment-generator.ts'
const REGISTRY = 'internal/domain/generator/generator-registry.ts'
const GUARD = 'internal/domain/generator/loss-guard.ts'
const LEASES = 'internal/repository/segment/memory-segment-repository.ts'
const RESTS = 'internal/repository/rest/memory-rest-repository.ts'
const TAGS = 'internal/repository/tag/tag-transitions.ts'

/** Mistakes in how a store is asked, as far as a store in memory can make them. */
export const STORE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'the step of the row as the size of a lease',
    finds: 'held twice',
    edits: [
      { file: LEASES, from: ' || row.step !== request.knownStep', to: '' },
      {
        file: LEASES,
        from: '    this.#store.allocs.set(request.tag, { ...row, maxId })',
        to: `    const steps = (request.size - 1n) / BigInt(request.knownStep) + 1n
    this.#store.allocs.set(request.tag, { ...row, maxId: offset + steps * BigInt(row.step) })`,
      },
    ],
  },
  {
    name: 'late reply used',
    finds: 'not leased',
    edits: [
      {
        file: ALLOCATOR,
        from: '      if (signal.aborted) throw storeUnavailable(RETRY_AFTER_MS)\n',
        to: '',
      },
    ],
  },
  {
    name: 'a lease asked for before a drop is used after it',
    finds: 'outlived',
    edits: [
      {
        file: GENERATOR,
        from: "      if (isSpent) observer.dropped(this.tag.name, segment.size, 'dropped on their way')\n      else ",
        to: '      ',
      },
    ],
  },
  {
    name: 'rest given back before the generators are closed',
    finds: 'not leased',
    edits: [
      {
        file: REGISTRY,
        from: '      return generator.close(error).map(',
        to: '      return generator.state().ranges.map(',
      },
      {
        file: REGISTRY,
        from: '    this.#lookups.clear()\n    this.#live.clear()\n    return rests',
        to: '    return rests',
      },
      { file: REGISTRY, from: '    this.#closed = error\n', to: '' },
    ],
  },
  {
    name: 'rest taken twice',
    finds: 'held twice',
    edits: [{ file: RESTS, from: ' && takenBy === undefined', to: '' }],
  },
  {
    name: 'rest given back again after another has taken it',
    finds: 'held twice',
    edits: [
      {
        file: RESTS,
        from: '      if (row !== undefined && row.takenBy !== this.#instance) continue\n',
        to: '',
      },
    ],
  },
  {
    name: 'rest of an older generation taken',
    finds: 'given twice',
    edits: [
      {
        file: RESTS,
        from: 'if (this.#store.row(name).generation !== generation) return undefined',
        to: '',
      },
      { file: RESTS, from: 'row.generation === generation && ', to: '' },
    ],
  },
  {
    name: 'rest taken below something issued',
    finds: 'out of order',
    edits: [
      { file: ALLOCATOR, from: 'rests.take(tag, mark, signal)', to: 'rests.take(tag, 0n, signal)' },
      { file: ALLOCATOR, from: 'if (rest.offset < mark) throw', to: 'if (rest.offset < 0n) throw' },
    ],
  },
  {
    name: 'freeze in memory only',
    finds: 'loss unnoticed',
    edits: [
      {
        file: GUARD,
        from: '    const tag = await this.#tags.freezeBehind(name, upTo, generation)',
        to: `    const found = await this.#tags.find(name)
    const tag = found && { ...found, freeze: { reason: 'went-backwards', above: upTo } } as const`,
      },
    ],
  },
  {
    name: 'a store that went backwards is not noticed',
    finds: 'given twice',
    edits: [
      {
        file: GUARD,
        from: '  return mark <= (freeze',
        to: '  return mark >= 0n || mark <= (freeze',
      },
      { file: ALLOCATOR, from: 'lease.offset >= mark) return', to: 'mark >= 0n) return' },
    ],
  },
  {
    name: 'a plain read is believed, whatever it says',
    finds: 'refused without need',
    edits: [
      {
        file: GUARD,
        from: 'return isSound && !this.owesFreeze(name)',
        to: 'return isSound || !this.owesFreeze(name)',
      },
    ],
  },
  {
    name: 'a plain read of many tags at once is believed',
    finds: 'refused without need',
    edits: [{ file: GUARD, from: 'tags.confirm(names),\n', to: 'tags.findAll(names),\n' }],
  },
  {
    name: 'a raise that lowers max_id when it is executed again',
    finds: 'given twice',
    edits: [
      { file: TAGS, from: 'const maxId = higherOf(tag.maxId, above)', to: 'const maxId = above' },
    ],
  },
  {
    name: 'a tag that is created again begins at the bottom',
    finds: 'given twice',
    edits: [
      {
        file: TAGS,
        from: 'const maxId = higherOf(wanted.maxId, highestKnown(tombstone))',
        to: 'const maxId = wanted.maxId',
      },
      { file: TAGS, from: 'deletedMaxId: highestUsed(tag),', to: '' },
    ],
  },
  {
    name: 'a freeze that reaches no ids in memory',
    finds: 'outlived',
    edits: [
      {
        file: REGISTRY,
        from: '    generator?.close(error)\n',
        to: `    if (error.code === 'TAG_FROZEN') return
    generator?.close(error)\n`,
      },
    ],
  },
]
