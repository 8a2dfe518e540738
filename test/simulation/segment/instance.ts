import type { TagName } from '../../../internal/domain/entity/tag.ts'
import type { Caller } from '../../../internal/domain/generator/caller.ts'
import { GeneratorRegistry } from '../../../internal/domain/generator/generator-registry.ts'
import { HighWaterMarks } from '../../../internal/domain/generator/high-water-marks.ts'
import { NextId } from '../../../internal/usecase/idgen/next-id.ts'
import { NextIds } from '../../../internal/usecase/idgen/next-ids.ts'
import { shuttingDown } from '../../../pkg/errors/failures.ts'
import { memoryWorkers } from '../../support/memory-workers.ts'
import { SilentObserver } from '../../support/silent-observer.ts'
import { UNREAD_LEDGER } from '../../support/unread-ledger.ts'
import type { Dice } from '../dice.ts'
import { type Given, Instance, type InstanceOptions } from '../instance.ts'
import { type IdAccount, sum } from './id-account.ts'
import type { SegmentLink } from './link.ts'
import type { SegmentPlan } from './plan.ts'

const RETRY_AFTER_MS = 1_000
/** From the stop signal to the moment in which the generators are closed. */
const DRAIN_MAX_MS = 500

export interface SegmentInstanceOptions extends InstanceOptions {
  readonly link: SegmentLink
  readonly plan: SegmentPlan
  readonly dice: Dice
  readonly account: IdAccount
}

/** Tells the account what an instance throws away. */
class DropObserver extends SilentObserver {
  readonly #account: IdAccount

  constructor(account: IdAccount) {
    super()
    this.#account = account
  }

  override dropped(tag: TagName, ids: bigint): void {
    this.#account.lost(tag, ids)
  }
}

/** An instance with segment tags. */
export class SegmentInstance extends Instance {
  readonly link: SegmentLink
  readonly generators: GeneratorRegistry
  /** Of the true time. */
  readonly bornMs: number
  readonly #dice: Dice
  readonly #nextId: NextId
  readonly #nextIds: NextIds
  #isStopping = false

  constructor({ link, plan, dice, account, ...base }: SegmentInstanceOptions) {
    super(base)
    this.link = link
    this.#dice = dice
    this.bornMs = this.process.monotonicMs()
    const { segments, tags, rests } = link
    this.generators = new GeneratorRegistry({
      ...{ segments, tags, rests, ...plan.settings },
      workers: memoryWorkers(this.process),
      marks: new HighWaterMarks(),
      ledger: UNREAD_LEDGER,
      clock: this.process,
      random: dice.random,
      observer: new DropObserver(account),
    })
    this.#nextId = new NextId(this.generators)
    this.#nextIds = new NextIds(this.generators, plan.countMax)
    link.generatorOf = (tag) => this.generators.live(tag)
    this.generators.start()
  }

  override get strainsMs(): readonly number[] {
    return this.link.wire.failedMs
  }

  /** Whether it runs, and nothing that was decided already will end it. */
  get isServing(): boolean {
    return !this.#isStopping && !this.process.isDead && !this.process.isStopped
  }

  /** So soon a change of a tag is noticed, in milliseconds. */
  get settleMs(): number {
    return this.generators.settleMs
  }

  /** How many ids it has in memory. */
  held(tag: TagName): bigint {
    return sum(this.generators.live(tag)?.state().ranges ?? [])
  }

  override ask(tag: TagName, count: number, caller: Caller): Given {
    if (count > 1) return this.#nextIds.execute(tag, BigInt(count), caller)
    const id = this.#nextId.execute(tag, caller)
    const only = (first: bigint) => [{ first, last: first }]
    return id instanceof Promise ? id.then(only) : only(id)
  }

  override async stop(): Promise<void> {
    this.#isStopping = true
    this.generators.stopPrefetching()
    await this.process.sleep(this.#dice.between(0, DRAIN_MAX_MS))
    const rests = this.generators.close(shuttingDown(RETRY_AFTER_MS))
    try {
      if (rests.length > 0) await this.link.rests.giveBack(rests)
    } catch {
      // One attempt: what is not given back is a gap.
    }
    this.process.kill()
  }
}
