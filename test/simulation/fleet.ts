import type { Clock } from '../../pkg/clock/clock.ts'
import type { Dice } from './dice.ts'
import type { Host } from './host.ts'
import { Instance } from './instance.ts'
import type { Plan, Slot } from './plan.ts'
import { Process } from './process.ts'
import { StoreLink } from './store-link.ts'
import type { Tally } from './tally.ts'
import type { WorkerStore } from './worker-store.ts'

export interface FleetOptions {
  readonly plan: Plan
  readonly hosts: readonly Host[]
  readonly store: WorkerStore
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly faults: Tally
  /** In which share of all questions to the store something goes wrong at present. */
  readonly roughness: () => number
  /** Told of each instance that begins. */
  readonly onStart: (instance: Instance) => void
}

const DOWN_MS = 600

/** The instances, which come and go, each in a slot of its own. */
export class Fleet {
  /** All that ever were. */
  readonly all: Instance[] = []
  readonly #options: FleetOptions
  /** The last one of each slot. */
  readonly #bySlot = new Map<Slot, Instance>()

  constructor(options: FleetOptions) {
    this.#options = options
    for (const slot of options.plan.slots) this.#start(slot)
  }

  /** The last one of each slot, which may be dead, until another one follows. */
  get instances(): readonly Instance[] {
    return [...this.#bySlot.values()]
  }

  /** `kill -9`. */
  kill(instance: Instance): void {
    instance.process.kill()
    this.#replace(instance)
  }

  /** A clean stop, as soon as the process gets to it. */
  stop(instance: Instance): void {
    instance.process.enter(() => void instance.stop().then(() => this.#replace(instance)))
  }

  /** Another instance begins in the slot, on the same host, once that is awake. */
  #replace(ended: Instance): void {
    const { time, dice } = this.#options
    time.after(dice.gap(DOWN_MS), () => {
      if (this.#bySlot.get(ended.slot) !== ended) return
      if (ended.process.host.isSuspended) this.#replace(ended)
      else this.#start(ended.slot)
    })
  }

  #start(slot: Slot): void {
    const { plan, hosts, dice, time, onStart } = this.#options
    const host = hosts[slot.host]
    if (host === undefined) throw new Error(`There is no host ${slot.host}.`)
    const process = new Process(host, time)
    const instance = new Instance({
      name: `i${this.all.length + 1}`,
      slot,
      process,
      link: new StoreLink({ ...this.#options, process }),
      layout: plan.layout,
      lifeMs: plan.lifeMs,
      dice,
    })
    this.all.push(instance)
    this.#bySlot.set(slot, instance)
    onStart(instance)
  }
}
