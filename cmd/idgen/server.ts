import type { Settings } from '../../internal/config/settings.ts'
import type { Gate } from '../../internal/delivery/gate.ts'
import type { GrpcServer } from '../../internal/delivery/grpc/grpc-server.ts'
import type { HttpServer } from '../../internal/delivery/http/http-server.ts'
import type { GeneratorRegistry } from '../../internal/domain/generator/generator-registry.ts'
import type { Housekeeping } from '../../internal/domain/generator/housekeeping.ts'
import type { Ledger } from '../../internal/domain/generator/ledger.ts'
import type { Rest, RestRepository } from '../../internal/domain/generator/rest-repository.ts'
import type { WorkerLeases } from '../../internal/domain/generator/worker-leases.ts'
import type { Store } from '../../internal/repository/store.ts'
import type { FaultLog } from '../../internal/telemetry/fault-log.ts'
import type { Logger } from '../../internal/telemetry/logger.ts'
import type { Random } from '../../pkg/async/backoff.ts'
import { WorkLoop } from '../../pkg/async/work-loop.ts'
import type { Clock } from '../../pkg/clock/clock.ts'
import { shuttingDown } from '../../pkg/errors/failures.ts'
import type { Phase } from './phase.ts'
import { prepareStore, StoreRefusedError } from './prepare-store.ts'

export interface ServiceOptions {
  readonly settings: Settings
  readonly store: Store
  readonly generators: GeneratorRegistry
  readonly workers: WorkerLeases
  readonly rests: RestRepository
  readonly ledger: Ledger
  readonly housekeeping: Housekeeping
  readonly grpc: GrpcServer
  readonly http: HttpServer
  readonly gate: Gate
  readonly phase: Phase
  readonly faults: FaultLog
  readonly logger: Logger
  readonly clock: Clock
  readonly random: Random
}

/** The ports that the service listens on. */
export interface Ports {
  readonly grpc: number
  readonly http: number
}

/** So long the last answers may take to leave, when the drain limit has passed. */
const LAST_WORDS_MS = 200
/** While the store is away at the start, it is tried again within this time. */
const STORE_BACKOFF_MAX_MS = 2000
/** So often gRPC health is told what HTTP's readiness would answer. */
const HEALTH_MS = 1000
/** What a caller that comes during the shutdown is told to wait before it asks another instance. */
const RETRY_AFTER_MS = 1000

/** The whole service as a value: it can be started once, and stopped. */
export class Service {
  readonly #options: ServiceOptions
  readonly #storeLoop: WorkLoop
  readonly #seen = Promise.withResolvers<void>()
  #stopHealth = (): void => {}
  #isStopping = false

  constructor(options: ServiceOptions) {
    this.#options = options
    options.gate.hold(STORE_BACKOFF_MAX_MS)
    this.#storeLoop = new WorkLoop({
      work: () => this.#lookAtStore(),
      backoffMaxMs: () => STORE_BACKOFF_MAX_MS,
      clock: options.clock,
      random: options.random,
    })
  }

  /**
   * Listens, and looks for the store in the background.
   *
   * @throws Error naming the address and the cure if a port can't be had; nothing is left open
   * then.
   */
  async start(): Promise<Ports> {
    try {
      const ports = await this.listen()
      this.seekStore()
      return ports
    } catch (error) {
      await this.#closeAll(0)
      throw error
    }
  }

  /** Looks for the store in the background, until it is seen. */
  seekStore(): void {
    this.#storeLoop.start()
  }

  /** @throws Error naming the address and the cure if a port can't be had. */
  async listen(): Promise<Ports> {
    const { settings, grpc, http } = this.#options
    return {
      grpc: await grpc.listen(settings.grpc.host, settings.grpc.port),
      http: await http.listen(settings.http.host, settings.http.port),
    }
  }

  /** Resolves once ids can be handed out. Rejects if the store is one that would lose ids. */
  get ready(): Promise<void> {
    return this.#seen.promise
  }

  /** Drains and stops: first out of the load balancer, then no new calls, then the rest. */
  async stop(): Promise<void> {
    const { settings, phase, grpc, gate, generators, clock, logger } = this.#options
    const { drainDelayMs, drainLimitMs } = settings.shutdown
    logger.info({ drainDelayMs, drainLimitMs }, 'Draining')
    const served = phase.ownReadiness.ready
    this.#isStopping = true
    phase.drain()
    this.#stopHealth()
    grpc.setServing(false)
    if (served) await clock.sleep(drainDelayMs)
    generators.stopPrefetching()
    gate.close(RETRY_AFTER_MS)
    await this.#closeAll(drainLimitMs)
    logger.info('Stopped')
  }

  async #closeAll(limitMs: number): Promise<void> {
    const { grpc, http, generators, workers, ledger, housekeeping, store, clock } = this.#options
    this.#isStopping = true
    this.#storeLoop.stop()
    this.#stopHealth()
    housekeeping.stop()
    let rests: readonly Rest[] = []
    const closeGenerators = () => {
      rests = [...rests, ...generators.close(shuttingDown(RETRY_AFTER_MS))]
    }
    // Whoever still waits for an id at the limit is told so before the connections are cut.
    const callOff = clock.after(limitMs, closeGenerators)
    const cutMs = limitMs + LAST_WORDS_MS
    await Promise.all([grpc.close(cutMs), http.close(cutMs)])
    callOff()
    closeGenerators()
    await Promise.all([workers.release(), this.#giveBack(rests), ledger.close()])
    await store.close()
  }

  /** One attempt: what is not given back is a gap. */
  async #giveBack(held: readonly Rest[]): Promise<void> {
    const { rests, logger } = this.#options
    try {
      if (held.length > 0) await rests.giveBack(held)
    } catch (error) {
      logger.warn({ err: error }, 'Ids in memory could not be given back')
    }
  }

  /** @returns Never that there is more to do; it is tried again when it rejects. */
  async #lookAtStore(): Promise<boolean> {
    const { settings, store, logger, faults } = this.#options
    try {
      await prepareStore(store, settings, logger)
      await this.#serve()
    } catch (error) {
      if (!(error instanceof StoreRefusedError)) {
        faults.failed('store', error)
        throw error
      }
      this.#seen.reject(error)
    }
    faults.worked('store')
    return false
  }

  async #serve(): Promise<void> {
    const { phase, gate, generators, housekeeping, logger } = this.#options
    // The last look may have begun before the stop, and succeeded after it.
    if (this.#isStopping) return
    phase.serve()
    gate.open()
    // At once: whoever asks for the owner of an id wants to know where that runs.
    generators.start(0)
    housekeeping.start()
    await this.#announceHealth()
    if (this.#isStopping) return
    this.#seen.resolve()
    logger.info('Ready')
  }

  async #announceHealth(): Promise<void> {
    const { grpc, phase, clock } = this.#options
    const { ready } = await phase.readiness()
    if (this.#isStopping) return
    grpc.setServing(ready)
    this.#stopHealth = clock.after(HEALTH_MS, () => void this.#announceHealth())
  }
}
