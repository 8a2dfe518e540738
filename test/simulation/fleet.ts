import type { Clock } from '../../pkg/clock/clock.ts'
import type { Dice } from './dice.ts'
import type { Host } from './host.ts'
import type { Instance, InstanceOptions } from './instance.ts'
import { Process } from './process.ts'

export interface FleetOptions<I extends Instance> {
  /** The host of each place for an instance, which is started anew there whenever it has ended. */
  readonly hosts: readonly Host[]
  /** The true time. */
  readonly time: Clock
  readonly dice: Dice
  readonly create: (options: InstanceOptions) => I
  /** Told of each instance that begins. */
  readonly onStart: (instance: I) => void
}

const DOWN_MS = 600

/** The instances, which come and go, each in a slot of its own. */
export class Fleet<I extends Instance> {
  /** All that ever were. */
  readonly all: I[] = []
  readonly #options: FleetOptions<I>
  /** The last one of each slot. */
  readonly #bySlot = new Map<number, I>()

  constructor(options: FleetOptions<I>) {
    this.#options = options
    for (const [slot, host] of options.hosts.entries()) this.#start(slot, host)
  }

  /** The last one of each slot, which may be dead, until another one follows. */
  get instances(): readonly I[] {
    return [...this.#bySlot.values()]
  }

  /** `kill -9`. */
  kill(instance: I): void {
    instance.process.kill()
    this.#replace(instance)
  }

  /** A clean stop, as soon as the process gets to it. */
  stop(instance: I): void {
    instance.process.enter(() => void instance.stop().then(() => this.#replace(instance)))
  }

  /** Another instance begins in the slot, on the same host, once that is awake. */
  #replace(ended: I): void {
    const { time, dice } = this.#options
    const { slot, process } = ended
    time.after(dice.gap(DOWN_MS), () => {
      if (this.#bySlot.get(slot) !== ended) return
      if (process.host.isSuspended) this.#replace(ended)
      else this.#start(slot, process.host)
    })
  }

  #start(slot: number, host: Host): void {
    const { time, create, onStart } = this.#options
    const name = `i${this.all.length + 1}`
    const instance = create({ name, slot, process: new Process(host, time) })
    this.all.push(instance)
    this.#bySlot.set(slot, instance)
    onStart(instance)
  }
}
