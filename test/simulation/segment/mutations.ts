import type { Mutation } from '../mutation.ts'
import { STORE_MUTATIONS } from './store-mutations.ts'

const GENERATOR = 'internal/domain/generator/segment-generator.ts'
const HELD = 'internal/domain/generator/held-segments.ts'
const REGISTRY = 'internal/domain/generator/generator-registry.ts'
const WAITERS = 'internal/domain/generator/waiters.ts'
const SEGMENT = 'internal/domain/entity/segment.ts'
const LOOP = 'pkg/async/work-loop.ts'

/** Mistakes in what an instance has in memory. */
const MEMORY_MUTATIONS: readonly Mutation[] = [
  {
    name: 'await between read and write of the cursor',
    finds: 'given twice',
    edits: [
      {
        file: SEGMENT,
        from: '    this.#cells[CURSOR] = last\n',
        to: '    queueMicrotask(() => {\n      this.#cells[CURSOR] = last\n    })\n',
      },
    ],
  },
  {
    name: 'ids of a caller that left put back',
    finds: 'given twice',
    edits: [
      {
        file: SEGMENT,
        from: '  isExpired(): boolean {',
        to: `  putBack(count: number): void {
    const before = this.cursor - BigInt(count)
    if (before >= this.base) this.#cells[CURSOR] = before
  }

  isExpired(): boolean {`,
      },
      {
        file: GENERATOR,
        from: '    const ranges = this.#waiters.add(count, caller)\n',
        to: `    const ranges = this.#waiters.add(count, caller)
    caller.onLeave(() => this.#held.inUse.putBack(count))\n`,
      },
    ],
  },
  {
    name: 'generator made anew while the old one lives',
    finds: 'two leases at once',
    edits: [
      { file: REGISTRY, from: '    generator?.close(error)\n', to: '' },
      { file: REGISTRY, from: '      if (!generator.isIdle) continue\n', to: '' },
    ],
  },
  {
    name: 'cursor copied on an option change',
    finds: 'given twice',
    edits: [
      {
        file: GENERATOR,
        from: '  readonly #held = new HeldSegments()',
        to: '  #held = new HeldSegments()',
      },
      {
        file: GENERATOR,
        from: '    this.#allocator.know(tag)\n',
        to: `    if (tag.buffer !== this.tag.buffer) {
      const copy = new HeldSegments()
      for (const { first, last } of this.#held.rests) {
        copy.append(new Segment({ offset: first - 1n, maxId: last }))
      }
      this.#options.clock.after(1, () => {
        this.#held = copy
      })
    }
    this.#allocator.know(tag)\n`,
      },
    ],
  },
  {
    name: 'two refills at once',
    finds: 'two leases at once',
    edits: [{ file: LOOP, from: 'if (!this.#running) void this.#run()', to: 'void this.#run()' }],
  },
  {
    name: 'more ids are given than a segment has',
    finds: 'not leased',
    edits: [
      {
        file: SEGMENT,
        from: 'const taken = count < remaining ? count : remaining',
        to: 'const taken = remaining === 0n ? 0n : count',
      },
    ],
  },
]

/** Mistakes that repeat no id, but keep callers waiting. */
const LIVENESS_MUTATIONS: readonly Mutation[] = [
  {
    name: 'single-flight flag kept after a throw',
    finds: 'no ids',
    edits: [{ file: LOOP, from: 'if (!this.#stopped) await this.#wait()', to: 'return' }],
  },
  {
    name: 'refill triggered only on crossing the threshold',
    finds: 'no ids',
    edits: [
      {
        file: GENERATOR,
        from: '    this.#review()\n    return ranges\n  }\n\n  /** What is asked',
        to: '    return ranges\n  }\n\n  /** What is asked',
      },
    ],
  },
  {
    name: 'waiters out of order',
    finds: 'out of turn',
    edits: [
      {
        file: WAITERS,
        from: '    for (const waiter of this.#queue ?? []) {\n      if (isDry()) return',
        to: '    for (const waiter of [...this.#queue].reverse()) {\n      if (isDry()) return',
      },
    ],
  },
  {
    name: 'a waiter past its deadline',
    finds: 'late',
    edits: [
      { file: WAITERS, from: 'after(patienceMs, dismiss)', to: 'after(patienceMs + 50, dismiss)' },
    ],
  },
  {
    name: 'statements per second without bound',
    finds: 'too many questions',
    edits: [
      {
        file: GENERATOR,
        from: 'const BACKOFF_WAITING_MAX_MS = 500',
        to: 'const BACKOFF_WAITING_MAX_MS = 5',
      },
    ],
  },
  {
    name: 'ids burnt per fault without bound',
    finds: 'too many ids risked',
    edits: [
      {
        file: GENERATOR,
        from: '    return this.#outcomes.lastError === undefined ? lease : Math.min(lease, this.tag.step)',
        to: '    return lease',
      },
    ],
  },
  {
    name: 'what is left of a segment forgotten as the next one comes',
    finds: 'ids burnt',
    edits: [
      {
        file: HELD,
        from: '    this.#tail = this.#tail.ensureSetNext(segment)\n',
        to: '    this.#tail = this.#tail.ensureSetNext(segment)\n    this.#head = this.#tail\n',
      },
    ],
  },
  {
    name: 'the look at the tags goes on after the end',
    finds: 'no end',
    edits: [
      {
        file: REGISTRY,
        from: '    this.#closed = error\n    this.#stopRefresh()\n',
        to: '    this.#closed = error\n',
      },
    ],
  },
]

/** All of them. */
export const SEGMENT_MUTATIONS: readonly Mutation[] = [
  ...STORE_MUTATIONS,
  ...MEMORY_MUTATIONS,
  ...LIVENESS_MUTATIONS,
]
