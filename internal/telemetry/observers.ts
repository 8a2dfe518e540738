import type { GolovesError } from '../../pkg/errors/goloves-error.ts'
import type { IdRange } from '../domain/entity/id-range.ts'
import type { TagName } from '../domain/entity/tag.ts'
import { GeneratorObserver } from '../domain/generator/generator-observer.ts'
import type { WorkerHolder } from '../domain/generator/worker-repository.ts'

/** Passes on to several observers all that it is told. */
export class Observers extends GeneratorObserver {
  readonly #all: readonly GeneratorObserver[]

  constructor(...all: readonly GeneratorObserver[]) {
    super()
    this.#all = all
  }

  leased(tag: TagName, range: IdRange, tookMs: number): void {
    for (const each of this.#all) each.leased(tag, range, tookMs)
  }

  failed(tag: TagName, error: GolovesError): void {
    for (const each of this.#all) each.failed(tag, error)
  }

  recovered(tag: TagName): void {
    for (const each of this.#all) each.recovered(tag)
  }

  callerWaits(tag: TagName): void {
    for (const each of this.#all) each.callerWaits(tag)
  }

  storeFailed(error: GolovesError): void {
    for (const each of this.#all) each.storeFailed(error)
  }

  storeAnswered(): void {
    for (const each of this.#all) each.storeAnswered()
  }

  dropped(tag: TagName, ids: bigint, why: string): void {
    for (const each of this.#all) each.dropped(tag, ids, why)
  }

  retired(tag: TagName, givenOut: bigint): void {
    for (const each of this.#all) each.retired(tag, givenOut)
  }

  workerHeld(holder: WorkerHolder): void {
    for (const each of this.#all) each.workerHeld(holder)
  }

  workerFailed(layout: string, error: GolovesError): void {
    for (const each of this.#all) each.workerFailed(layout, error)
  }

  workerRecovered(layout: string): void {
    for (const each of this.#all) each.workerRecovered(layout)
  }

  ledgerFailed(error: GolovesError): void {
    for (const each of this.#all) each.ledgerFailed(error)
  }

  ledgerWritten(): void {
    for (const each of this.#all) each.ledgerWritten()
  }
}
