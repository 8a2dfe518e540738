import type { TagName } from '../../internal/domain/entity/tag.ts'
import { GeneratorObserver } from '../../internal/domain/generator/generator-observer.ts'
import type { WorkerHolder } from '../../internal/domain/generator/worker-repository.ts'
import type { GolovesError } from '../../pkg/errors/goloves-error.ts'

/** Hears everything and says nothing. */
export class SilentObserver extends GeneratorObserver {
  override leased(): void {}
  override failed(): void {}
  override recovered(): void {}
  override callerWaits(): void {}
  override retired(_tag: TagName, _givenOut: bigint): void {}
  override storeFailed(_error: GolovesError): void {}
  override storeAnswered(): void {}
  override dropped(_tag: TagName, _ids: bigint): void {}
  override workerHeld(_holder: WorkerHolder): void {}
  override workerFailed(_layout: string, _error: GolovesError): void {}
  override ledgerFailed(_error: GolovesError): void {}
  override ledgerWritten(): void {}
  override workerRecovered(): void {}
}
