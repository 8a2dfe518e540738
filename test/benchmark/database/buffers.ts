import { doubleBuffer } from '../../../internal/domain/generator/double-buffer.ts'
import type { PrefetchPolicy } from '../../../internal/domain/generator/prefetch.ts'
import { segmentChain } from '../../../internal/domain/generator/segment-chain.ts'
import { CHAIN, DOUBLE, FIXED_CHAIN, FIXED_DOUBLE } from './names.ts'

const CHAIN_KEEPS = { safeDistance: 2, reserveS: 600 }
const PREFETCH_AT = 0.2

/** Ours, as they are set unless told otherwise; the fixed ones but for the sizing. */
export const BUFFERS: ReadonlyMap<string, PrefetchPolicy> = new Map([
  [CHAIN, segmentChain({ sizing: 'adaptive', ...CHAIN_KEEPS })],
  [FIXED_CHAIN, segmentChain({ sizing: 'fixed', ...CHAIN_KEEPS })],
  [DOUBLE, doubleBuffer({ sizing: 'adaptive', prefetchAt: PREFETCH_AT })],
  [FIXED_DOUBLE, doubleBuffer({ sizing: 'fixed', prefetchAt: PREFETCH_AT })],
])
