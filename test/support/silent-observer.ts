import { GeneratorObserver } from '../../internal/domain/generator/generator-observer.ts'

/** Hears everything and says nothing. */
export class SilentObserver extends GeneratorObserver {
  override leased(): void {}
  override failed(): void {}
  override recovered(): void {}
  override storeFailed(): void {}
  override storeAnswered(): void {}
  override dropped(): void {}
}
