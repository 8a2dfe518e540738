import { higherOf } from '../../../internal/domain/entity/id-range.ts'
import { MAX_ID, type Tag, type TagName } from '../../../internal/domain/entity/tag.ts'
import { refusalOf } from '../../../internal/domain/generator/servable.ts'
import type { ErrorCode } from '../../../pkg/errors/error-code.ts'
import type { SegmentStore } from './store.ts'

/** So long an instance may know a step that stands in the row no more, unless it can't see the row. */
const STEP_KNOWN_MS = 60_000

/** What the row of a tag has said so far. */
interface Story {
  /** The highest generation so far. */
  generation: bigint
  /** When it rose. */
  readonly turnsMs: number[]
  /** Why it can't be served, if so, and since when that is so. */
  refusal: ErrorCode | undefined
  refusedMs: number
  /** When it ended last that it could not be served for that reason. */
  readonly overMs: Map<ErrorCode, number>
  /** Its steps, and until when each stood in the row. */
  readonly steps: { readonly step: number; untilMs: number }[]
  maxValue: bigint
  maxValueMs: number
  highest: bigint
}

/** What has become of the tags in the database, with its times. */
export class TagHistory {
  readonly #store: SegmentStore
  readonly #stories = new Map<TagName, Story>()

  constructor(store: SegmentStore, names: readonly TagName[]) {
    this.#store = store
    for (const name of names) this.#stories.set(name, newStory())
    this.observe()
  }

  /** Looks at all tags; to be called after each statement that may have changed one. */
  observe(): void {
    for (const [name, story] of this.#stories) {
      this.#observe(
        this.#store.tag(name),
        this.#store.tables.rows.get(name)?.generation ?? 0n,
        story,
      )
    }
  }

  /** The highest id that was ever leased of the tag, whether or not anybody heard of it. */
  highest(name: TagName): bigint {
    return this.#of(name).highest
  }

  highestGeneration(name: TagName): bigint {
    return this.#of(name).generation
  }

  /** Why the tag can't be served at present, if so. */
  refusalOf(name: TagName): ErrorCode | undefined {
    return this.#of(name).refusal
  }

  get nowMs(): number {
    return this.#store.nowMs
  }

  /** The longest step that any instance can know which has read the row since then, or just before. */
  longestStep(name: TagName, sinceMs: number): number {
    const { steps } = this.#of(name)
    const known = steps.filter(({ untilMs }) => untilMs >= sinceMs - STEP_KNOWN_MS)
    return Math.max(...known.map(({ step }) => step))
  }

  /** How often the tag's generation has changed. */
  turns(name: TagName): number {
    return this.#of(name).turnsMs.length
  }

  /** When the tag's generation first changed after that moment. */
  turnAfter(name: TagName, atMs: number): number | undefined {
    return this.#of(name).turnsMs.find((turnMs) => turnMs > atMs)
  }

  /** Since when an id must not leave, whenever it was leased: the tag is frozen, deleted or ends below it. */
  forbiddenSince(name: TagName, id: bigint): number | undefined {
    const { refusal, refusedMs, maxValue, maxValueMs } = this.#of(name)
    if (refusal !== undefined && refusal !== 'TAG_EXHAUSTED') return refusedMs
    return id > maxValue ? maxValueMs : undefined
  }

  /** When the tag could last be refused for that reason. */
  lastRefusable(name: TagName, code: ErrorCode): number {
    const { refusal, overMs } = this.#of(name)
    if (refusal === code) return this.#store.nowMs
    return overMs.get(code) ?? Number.NEGATIVE_INFINITY
  }

  #observe(tag: Tag | undefined, generation: bigint, story: Story): void {
    const { nowMs } = this.#store
    const refusal = refusalIn(tag)
    if (refusal !== story.refusal) {
      if (story.refusal !== undefined) story.overMs.set(story.refusal, nowMs)
      story.refusal = refusal
      story.refusedMs = nowMs
    }
    // After a restore it may say for a while what it has said before, and nobody can notice that.
    if (generation > story.generation) {
      story.generation = generation
      story.turnsMs.push(nowMs)
    }
    story.highest = higherOf(story.highest, tag?.maxId ?? 0n)
    this.#observeStep(tag?.step ?? 0, story.steps)
    if (tag === undefined || tag.maxValue === story.maxValue) return
    story.maxValue = tag.maxValue
    story.maxValueMs = nowMs
  }

  #observeStep(step: number, steps: Story['steps']): void {
    const last = steps.at(-1)
    if (last?.step === step) return
    if (last !== undefined) last.untilMs = this.#store.nowMs
    steps.push({ step, untilMs: Number.POSITIVE_INFINITY })
  }

  #of(name: TagName): Story {
    const story = this.#stories.get(name)
    if (story === undefined) throw new Error(`There is no tag ${name} in this world.`)
    return story
  }
}

function newStory(): Story {
  return {
    ...{
      generation: 0n,
      turnsMs: [],
      refusal: undefined,
      refusedMs: 0,
      overMs: new Map(),
      steps: [],
    },
    ...{ maxValue: MAX_ID, maxValueMs: 0, highest: 0n },
  }
}

function refusalIn(tag: Tag | undefined): ErrorCode | undefined {
  if (tag === undefined) return 'TAG_NOT_FOUND'
  return refusalOf(tag)?.code ?? (tag.maxId >= tag.maxValue ? 'TAG_EXHAUSTED' : undefined)
}
