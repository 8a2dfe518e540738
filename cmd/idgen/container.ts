import { Container, type ResolutionContext } from 'inversify'
import type { Settings } from '../../internal/config/settings.ts'
import { parseStoreUrl } from '../../internal/config/store-url.ts'
import { Gate } from '../../internal/delivery/gate.ts'
import { GrpcServer } from '../../internal/delivery/grpc/grpc-server.ts'
import { HTTP_LIMITS } from '../../internal/delivery/http/http-limits.ts'
import { HttpServer } from '../../internal/delivery/http/http-server.ts'
import type { UseCases } from '../../internal/delivery/use-cases.ts'
import { doubleBuffer } from '../../internal/domain/generator/double-buffer.ts'
import { GeneratorObserver } from '../../internal/domain/generator/generator-observer.ts'
import { GeneratorRegistry } from '../../internal/domain/generator/generator-registry.ts'
import { HighWaterMarks } from '../../internal/domain/generator/high-water-marks.ts'
import { Housekeeping } from '../../internal/domain/generator/housekeeping.ts'
import { Ledger } from '../../internal/domain/generator/ledger.ts'
import { LedgerRepository } from '../../internal/domain/generator/ledger-repository.ts'
import { RestRepository } from '../../internal/domain/generator/rest-repository.ts'
import { segmentChain } from '../../internal/domain/generator/segment-chain.ts'
import { SegmentRepository } from '../../internal/domain/generator/segment-repository.ts'
import { TagRepository } from '../../internal/domain/generator/tag-repository.ts'
import { WorkerLeases } from '../../internal/domain/generator/worker-leases.ts'
import { WorkerRepository } from '../../internal/domain/generator/worker-repository.ts'
import { openStore, Store } from '../../internal/repository/store.ts'
import { FaultLog } from '../../internal/telemetry/fault-log.ts'
import { GeneratorLog } from '../../internal/telemetry/generator-log.ts'
import { type Meters, newMeters } from '../../internal/telemetry/metrics/call-metrics.ts'
import { GeneratorMetrics } from '../../internal/telemetry/metrics/generator-metrics.ts'
import { InstanceMetrics } from '../../internal/telemetry/metrics/instance-metrics.ts'
import { Observers } from '../../internal/telemetry/observers.ts'
import { DecodeId } from '../../internal/usecase/idgen/decode-id.ts'
import { NextId } from '../../internal/usecase/idgen/next-id.ts'
import { NextIds } from '../../internal/usecase/idgen/next-ids.ts'
import { CreateTag } from '../../internal/usecase/tag/create-tag.ts'
import { DeleteTag } from '../../internal/usecase/tag/delete-tag.ts'
import { FindOwner } from '../../internal/usecase/tag/find-owner.ts'
import { FreezeTag } from '../../internal/usecase/tag/freeze-tag.ts'
import { GetTag } from '../../internal/usecase/tag/get-tag.ts'
import { GetTagState } from '../../internal/usecase/tag/get-tag-state.ts'
import { ListTags } from '../../internal/usecase/tag/list-tags.ts'
import { OtherInstances } from '../../internal/usecase/tag/other-instances.ts'
import { RaiseTag } from '../../internal/usecase/tag/raise-tag.ts'
import { UnfreezeTag } from '../../internal/usecase/tag/unfreeze-tag.ts'
import { UpdateTag } from '../../internal/usecase/tag/update-tag.ts'
import { PeerInstances } from './cluster/peer-instances.ts'
import { NoPeers, type Peers } from './cluster/peers.ts'
import type { Machine } from './machine.ts'
import { readOpenapi, version } from './package-files.ts'
import { PROTO_FOLDER } from './package-root.ts'
import { Phase } from './phase.ts'
import { Service } from './server.ts'
import { ServiceMetrics } from './service-metrics.ts'
import { workerCount } from './worker-count.ts'

/** The whole program, wired. Read from top to bottom, this is the way of a request. */
export function buildContainer(
  settings: Settings,
  machine: Machine,
  peers: Peers = new NoPeers(),
): Container {
  const container = new Container({ defaultScope: 'Singleton' })
  const meters = newMeters()
  bindService(container, settings, machine, peers)
  bindMetrics(container, settings, machine, peers, meters)
  bindDelivery(container, settings, machine, meters)
  bindUseCases(container, settings, machine)
  bindDomain(container, settings, machine)
  bindRepositories(container, settings, machine)
  return container
}

/** The program as a value. */
function bindService(
  container: Container,
  settings: Settings,
  machine: Machine,
  peers: Peers,
): void {
  const { logger, clock, instance } = machine
  container
    .bind(OtherInstances)
    .toResolvedValue((g) => new PeerInstances(peers, g, instance), [GeneratorRegistry])
  container.bind(Service).toDynamicValue(
    (context) =>
      new Service({
        settings,
        store: context.get(Store),
        generators: context.get(GeneratorRegistry),
        workers: context.get(WorkerLeases),
        rests: context.get(RestRepository),
        ledger: context.get(Ledger),
        housekeeping: context.get(Housekeeping),
        grpc: context.get(GrpcServer),
        http: context.get(HttpServer),
        gate: context.get(Gate),
        phase: context.get(Phase),
        faults: context.get(FaultLog),
        ...machine,
      }),
  )
  container.bind(Phase).toResolvedValue((g) => new Phase(g, peers), [GeneratorRegistry])
  container.bind(Gate).toResolvedValue(() => new Gate())
  container.bind(FaultLog).toResolvedValue(() => new FaultLog(logger, clock))
}

/** What is counted, and told at `/metrics`. */
function bindMetrics(
  container: Container,
  settings: Settings,
  { clock, process }: Machine,
  peers: Peers,
  meters: Meters,
): void {
  container.bind(GeneratorMetrics).toResolvedValue(() => new GeneratorMetrics(clock))
  container.bind(ServiceMetrics).toResolvedValue(
    (generators, workers, generatorMetrics) => {
      const { leaseMs: workerLeaseMs } = settings.worker
      const told = { ...meters, process, version: version(), workerLeaseMs, clock }
      const own = new InstanceMetrics({ ...told, generators, workers, generatorMetrics })
      return new ServiceMetrics(own, peers, workerCount(settings), clock)
    },
    [GeneratorRegistry, WorkerLeases, GeneratorMetrics],
  )
}

/** Wire to use case and back. */
function bindDelivery(
  container: Container,
  settings: Settings,
  { clock, logger }: Machine,
  meters: Meters,
): void {
  const report = (thrown: unknown) => logger.error({ err: thrown }, 'A mistake of ours')
  container.bind(GrpcServer).toDynamicValue(
    (context) =>
      new GrpcServer({
        useCases: useCases(context),
        meters: meters.grpc,
        gate: context.get(Gate),
        clock,
        deadlines: settings.deadline,
        limits: { ...settings.grpc, arrivalMs: settings.deadline.arrivalMs },
        protoDir: PROTO_FOLDER,
        report,
      }),
  )
  container.bind(HttpServer).toDynamicValue((context) => {
    const phase = context.get(Phase)
    const metrics = context.get(ServiceMetrics)
    return new HttpServer({
      useCases: useCases(context),
      meters: meters.http,
      gate: context.get(Gate),
      clock,
      deadlines: settings.deadline,
      limits: { ...HTTP_LIMITS, ...settings.http, requestTimeoutMs: settings.deadline.arrivalMs },
      readiness: () => phase.readiness(),
      metrics: () => metrics.text(),
      openapi: readOpenapi(),
      report,
    })
  })
}

/** One for each thing a caller can ask for. */
function bindUseCases(container: Container, settings: Settings, machine: Machine): void {
  const { clock, instance } = machine
  const withTags = [TagRepository, GeneratorRegistry] as const
  const { countMax } = settings.ids
  container.bind(NextId).toResolvedValue((g) => new NextId(g), [GeneratorRegistry])
  container.bind(NextIds).toResolvedValue((g) => new NextIds(g, countMax), [GeneratorRegistry])
  container
    .bind(DecodeId)
    .toResolvedValue((getTag, g) => new DecodeId(getTag, g), [GetTag, GeneratorRegistry])
  container.bind(CreateTag).toResolvedValue((t, g) => new CreateTag(t, g, clock), [...withTags])
  container.bind(GetTag).toResolvedValue((tags) => new GetTag(tags), [TagRepository])
  container.bind(ListTags).toResolvedValue((tags) => new ListTags(tags), [TagRepository])
  container.bind(UpdateTag).toResolvedValue((t, g) => new UpdateTag(t, g), [...withTags])
  container.bind(RaiseTag).toResolvedValue((t, g) => new RaiseTag(t, g, clock), [...withTags])
  container.bind(FreezeTag).toResolvedValue((t, g) => new FreezeTag(t, g), [...withTags])
  container.bind(UnfreezeTag).toResolvedValue((t, g) => new UnfreezeTag(t, g), [...withTags])
  container.bind(DeleteTag).toResolvedValue((t, g) => new DeleteTag(t, g), [...withTags])
  container
    .bind(GetTagState)
    .toResolvedValue(
      (g, others) => new GetTagState(g, instance, others),
      [GeneratorRegistry, OtherInstances],
    )
  container
    .bind(FindOwner)
    .toResolvedValue(
      (ledger, getTag) => new FindOwner(ledger, getTag, { days: settings.ledger.days, clock }),
      [LedgerRepository, GetTag],
    )
}

/** What hands ids out. */
function bindDomain(
  container: Container,
  settings: Settings,
  { clock, random, logger, instance }: Machine,
): void {
  const { sizing, safeDistance, reserveS, prefetchAtPercent, buffer } = settings.segment
  container.bind(GeneratorRegistry).toDynamicValue(
    (context) =>
      new GeneratorRegistry({
        segments: context.get(SegmentRepository),
        tags: context.get(TagRepository),
        workers: context.get(WorkerLeases),
        rests: context.get(RestRepository),
        ledger: context.get(Ledger),
        marks: context.get(HighWaterMarks),
        observer: context.get(GeneratorObserver),
        clock,
        random,
        policies: {
          chain: segmentChain({ sizing, safeDistance, reserveS }),
          double: doubleBuffer({ sizing, prefetchAt: prefetchAtPercent / 100 }),
        },
        defaultBuffer: buffer,
        waiting: settings.waiting,
        refreshMs: settings.tags.refreshMs,
        missMs: settings.tags.missMs,
        tagsMax: settings.tags.max,
      }),
  )
  const { id, leaseMs } = settings.worker
  container.bind(WorkerLeases).toResolvedValue(
    (workers, observer) =>
      new WorkerLeases({
        workers,
        observer,
        clock,
        random,
        owner: instance,
        fixedWorker: id === 'auto' ? undefined : id,
        lifeMs: leaseMs,
      }),
    [WorkerRepository, GeneratorObserver],
  )
  container
    .bind(Ledger)
    .toResolvedValue(
      (repository, observer) => new Ledger({ repository, clock, random, observer }),
      [LedgerRepository, GeneratorObserver],
    )
  container.bind(Housekeeping).toResolvedValue(
    (rests, ledger, observer) => {
      const ledgerDays = settings.ledger.days
      return new Housekeeping({ rests, ledger, ledgerDays, clock, random, observer })
    },
    [RestRepository, LedgerRepository, GeneratorObserver],
  )
  container.bind(HighWaterMarks).toResolvedValue(() => new HighWaterMarks())
  container
    .bind(GeneratorObserver)
    .toResolvedValue(
      (faults, metrics) => new Observers(new GeneratorLog(logger, faults), metrics),
      [FaultLog, GeneratorMetrics],
    )
}

/** The store that all instances share. */
function bindRepositories(
  container: Container,
  settings: Settings,
  { clock, random, logger, instance, address }: Machine,
): void {
  container.bind(SegmentRepository).toResolvedValue((store) => store.segments, [Store])
  container.bind(TagRepository).toResolvedValue((store) => store.tags, [Store])
  container.bind(RestRepository).toResolvedValue((store) => store.rests, [Store])
  container.bind(LedgerRepository).toResolvedValue((store) => store.ledger, [Store])
  container.bind(WorkerRepository).toResolvedValue((store) => store.workers, [Store])
  container.bind(Store).toResolvedValue(() =>
    openStore(parseStoreUrl(settings.store.url), {
      clock,
      random,
      logger: { warn: (message, details) => logger.warn(details ?? {}, message) },
      instance: { name: instance, address },
    }),
  )
}

function useCases(context: ResolutionContext): UseCases {
  return {
    nextId: context.get(NextId),
    nextIds: context.get(NextIds),
    decodeId: context.get(DecodeId),
    createTag: context.get(CreateTag),
    getTag: context.get(GetTag),
    listTags: context.get(ListTags),
    updateTag: context.get(UpdateTag),
    raiseTag: context.get(RaiseTag),
    freezeTag: context.get(FreezeTag),
    unfreezeTag: context.get(UnfreezeTag),
    deleteTag: context.get(DeleteTag),
    getTagState: context.get(GetTagState),
    findOwner: context.get(FindOwner),
  }
}
