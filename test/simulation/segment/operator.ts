import { higherOf } from '../../../internal/domain/entity/id-range.ts'
import type { TagName } from '../../../internal/domain/entity/tag.ts'
import type { NewTag, TagChanges } from '../../../internal/domain/generator/tag-repository.ts'
import { CreateTag } from '../../../internal/usecase/tag/create-tag.ts'
import { DeleteTag } from '../../../internal/usecase/tag/delete-tag.ts'
import { FreezeTag } from '../../../internal/usecase/tag/freeze-tag.ts'
import { RaiseTag } from '../../../internal/usecase/tag/raise-tag.ts'
import { UnfreezeTag } from '../../../internal/usecase/tag/unfreeze-tag.ts'
import { UpdateTag } from '../../../internal/usecase/tag/update-tag.ts'
import { GolovesError } from '../../../pkg/errors/goloves-error.ts'
import type { Dice } from '../dice.ts'
import type { SegmentInstance } from './instance.ts'
import { STEPS } from './plan.ts'
import type { SegmentStore } from './store.ts'
import type { TagHistory } from './tag-history.ts'

export interface OperatorOptions {
  readonly tags: readonly NewTag[]
  readonly store: SegmentStore
  readonly history: TagHistory
  readonly dice: Dice
  /** The instances that an operator can turn to. */
  readonly instances: () => readonly SegmentInstance[]
}

type Errand = (instance: SegmentInstance, tag: NewTag) => Promise<unknown>

/** Somebody who looks after the tags, through one instance or another, and mostly for the worse. */
export class Operator {
  readonly #options: OperatorOptions

  constructor(options: OperatorOptions) {
    this.#options = options
  }

  freeze(): void {
    this.#send(({ link, generators }, { name }) =>
      new FreezeTag(link.tags, generators).execute(name),
    )
  }

  delete(): void {
    this.#send(({ link, generators }, { name }) =>
      new DeleteTag(link.tags, generators).execute(name),
    )
  }

  /** To a bit above what the row says. */
  raise(): void {
    const { store, dice } = this.#options
    this.#send(async (instance, { name }) => {
      const { maxId = 0n } = store.tag(name) ?? {}
      await raise(instance, name, maxId + BigInt(dice.whole(-10, 500)))
    })
  }

  changeBuffer(): void {
    this.#change(() => ({ buffer: this.#options.dice.pick(['chain', 'double']) }))
  }

  /** Of a tag that has an end. */
  changeMaxValue(): void {
    const { tags, dice } = this.#options
    this.#change((name, maxId) => {
      const isEndless = tags.some((tag) => tag.name === name && tag.maxValue > 1_000_000n)
      return isEndless ? {} : { maxValue: maxId + BigInt(dice.whole(0, 5_000)) }
    })
  }

  /** By hand, in the row: nobody is told. Sometimes that is no step at all. */
  changeStep(): void {
    const { tags, dice } = this.#options
    this.#setStep(dice.pick(tags).name, dice.pick([0, ...STEPS, ...STEPS]))
  }

  /** Sees to it that a tag can be used again, if it can't. */
  mend(tag: NewTag = this.#options.dice.pick(this.#options.tags)): void {
    const { store } = this.#options
    this.#send(async (instance, { name, step, maxValue, buffer }) => {
      const { process, link, generators } = instance
      const row = store.tag(name)
      if (row?.step === 0) this.#setStep(name, step)
      if (row === undefined) {
        const { deletedMaxId = 0n } = store.tables.rows.get(name) ?? {}
        const create = new CreateTag(link.tags, generators, process)
        const end = higherOf(maxValue, deletedMaxId)
        await create.execute({ tag: name, step, maxValue: end, buffer })
      } else if (row.freeze?.reason === 'operator') {
        await new UnfreezeTag(link.tags, generators).execute(name)
      } else {
        const above = row.freeze?.above ?? row.deletedMaxId
        if (row.freeze !== undefined || row.maxId < above) await raise(instance, name, above)
      }
    }, tag)
  }

  mendAll(): void {
    for (const tag of this.#options.tags) this.mend(tag)
  }

  #setStep(name: TagName, step: number): void {
    const { store, history } = this.#options
    const { allocs } = store.tables
    const row = allocs.get(name)
    if (row !== undefined) allocs.set(name, { ...row, step })
    history.observe()
  }

  #change(changesOf: (name: TagName, maxId: bigint) => TagChanges): void {
    const { store } = this.#options
    this.#send(async ({ link, generators }, { name }) => {
      const row = store.tag(name)
      if (row === undefined) return
      const { version, maxId } = row
      const update = new UpdateTag(link.tags, generators)
      await update.execute({ tag: name, version, ...changesOf(name, maxId) })
    })
  }

  /** Turns to an instance, in a step of its own. Whether that succeeds is of no interest. */
  #send(errand: Errand, tag: NewTag = this.#options.dice.pick(this.#options.tags)): void {
    const instance = this.#options.dice.pick(this.#options.instances())
    instance.process.enter(() => {
      errand(instance, tag).catch((thrown: unknown) => {
        if (GolovesError.from(thrown).code === 'INTERNAL') throw thrown
      })
    })
  }
}

async function raise(
  { process, link, generators }: SegmentInstance,
  name: TagName,
  above: bigint,
): Promise<void> {
  await new RaiseTag(link.tags, generators, process).execute(name, above < 0n ? 0n : above)
}
