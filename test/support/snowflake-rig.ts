import { SnowflakeLayout } from '../../internal/domain/entity/snowflake-layout.ts'
import { SnowflakeGenerator } from '../../internal/domain/generator/snowflake-generator.ts'
import type { WaitingLimits } from '../../internal/domain/generator/waiters.ts'
import type { WorkerGrant } from '../../internal/domain/generator/worker-grant.ts'
import type { WorkerLease } from '../../internal/domain/generator/worker-lease.ts'
import { WorkerLeases } from '../../internal/domain/generator/worker-leases.ts'
import type { WorkerHolder } from '../../internal/domain/generator/worker-repository.ts'
import type {
  MemoryWorkerTable,
  WorkerRow,
} from '../../internal/repository/worker/memory-worker-repository.ts'
import { GolovesError } from '../../pkg/errors/goloves-error.ts'
import { aTag } from './a-tag.ts'
import { BreakableWorkers } from './breakable-workers.ts'
import { CallingRig } from './calling-rig.ts'
import { ManualClock, settled } from './manual-clock.ts'
import { SilentObserver } from './silent-observer.ts'

interface RigOptions {
  readonly layout?: string
  readonly fixedWorker?: number
  readonly lifeMs?: number
  readonly waiting?: WaitingLimits
  /** Whether nobody has looked at the pool before. */
  readonly isNew?: boolean
  /** What stands in the pool. */
  readonly rows?: ReadonlyMap<number, WorkerRow>
  /** When it all begins, in milliseconds since 1970. */
  readonly startMs?: number
  /** The host's clock, if it is not just any. */
  readonly clock?: ManualClock
  /** How far the clock of the database is ahead of the host's. */
  readonly databaseAheadMs?: number
}

/** The tables and the clock of a database, which is right unless a test makes it wrong. */
class WorkerTables {
  readonly rows: MemoryWorkerTable = new Map()
  aheadMs: number
  readonly #clock: ManualClock
  readonly #startMs: number

  constructor(clock: ManualClock, aheadMs = 0) {
    this.#clock = clock
    this.aheadMs = aheadMs
    this.#startMs = clock.nowMs()
  }

  nowMs(): number {
    return this.#startMs + this.#clock.monotonicMs() + this.aheadMs
  }
}

/** Notes what is told of worker ids. */
class WorkerObserver extends SilentObserver {
  readonly events: string[] = []

  override workerHeld({ worker, epoch }: WorkerHolder): void {
    this.events.push(`held ${worker} under ${epoch}`)
  }

  override workerFailed(_layout: string, { code }: GolovesError): void {
    this.events.push(`failed ${code}`)
  }

  override workerRecovered(): void {
    this.events.push('recovered')
  }
}

let processes = 0

/** A process that makes snowflake ids; others may share its host's clock and its database. */
export class SnowflakeRig extends CallingRig {
  override readonly clock: ManualClock
  readonly tables: WorkerTables
  readonly workers: BreakableWorkers
  readonly observer = new WorkerObserver()
  readonly layout: SnowflakeLayout
  readonly leases: WorkerLeases
  readonly lease: WorkerLease
  override readonly generator: SnowflakeGenerator
  readonly #options: RigOptions
  /** What every draw comes to, 0 to 1: this share of the longest back-off is waited. */
  chance = 0.5

  constructor(options: RigOptions = {}, beside?: SnowflakeRig) {
    super()
    this.#options = options
    this.clock = beside?.clock ?? options.clock ?? new ManualClock(options.startMs)
    this.tables = beside?.tables ?? new WorkerTables(this.clock, options.databaseAheadMs)
    this.workers = new BreakableWorkers(this.tables.rows, () => this.tables.nowMs())
    this.layout = SnowflakeLayout.parse(options.layout ?? 'twitter')
    const isNew = options.isNew ?? beside !== undefined
    const rows = new Map(options.rows)
    if (!isNew) this.tables.rows.set(this.layout.name, { openedMs: 0, rows })
    processes += 1
    this.leases = new WorkerLeases({
      workers: this.workers,
      owner: `process ${processes}`,
      fixedWorker: options.fixedWorker,
      lifeMs: options.lifeMs ?? 30_000,
      clock: this.clock,
      random: () => this.chance,
      observer: this.observer,
    })
    this.lease = this.leases.of(this.layout)
    this.generator = this.newGenerator()
  }

  /** A rig that holds a worker id. */
  static async holding(options: RigOptions = {}): Promise<SnowflakeRig> {
    const rig = new SnowflakeRig(options)
    await settled()
    return rig
  }

  /** Another process on this host and database; of the same settings, unless `changes` says otherwise. */
  async another(changes: RigOptions = {}): Promise<SnowflakeRig> {
    const { isNew: _, ...options } = this.#options
    const rig = new SnowflakeRig({ ...options, ...changes }, this)
    await settled()
    return rig
  }

  /** From now on nothing of this process reaches the database, and no code of it should run. */
  crash(): void {
    this.workers.state = 'down'
  }

  /** The generator of a tag of its own. */
  newGenerator(): SnowflakeGenerator {
    return new SnowflakeGenerator({
      tag: aTag({ mode: 'snowflake', layout: this.layout, step: 0, maxId: 0n }),
      lease: this.lease,
      clock: this.clock,
      waiting: this.#options.waiting ?? { callersMax: 10_000, idsMax: 10_000_000 },
    })
  }

  /** What the lease says to whoever wants to use a tick. */
  grantAt(tick = this.now): WorkerGrant | GolovesError | undefined {
    try {
      return this.lease.grantAt(tick)
    } catch (thrown) {
      return GolovesError.from(thrown)
    }
  }

  /** The tick of this moment. */
  get now(): number {
    return this.layout.tickAt(this.clock.nowMs())
  }

  /** What the table says of a worker id. */
  row(worker: number) {
    return this.tables.rows.get(this.layout.name)?.rows.get(worker)
  }
}
