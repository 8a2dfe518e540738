import { totalmem } from 'node:os'
import { getHeapStatistics } from 'node:v8'
import { type Family, gauge } from './family.ts'

/** What the memory that Node's own metrics tell of is to be measured by. */
export function memoryMetrics(): Family[] {
  return [
    gauge(
      'goloves_memory_limit_bytes',
      'What the machine, or the container, has: all processes of the service share it.',
      memoryLimit(),
    ),
    gauge(
      'goloves_heap_limit_bytes',
      'How large the heap of a process may become.',
      getHeapStatistics().heap_size_limit,
    ),
  ]
}

/** Node says 0, or more than there is, where nothing is set. */
function memoryLimit(): number {
  const set = process.constrainedMemory()
  return set > 0 ? Math.min(set, totalmem()) : totalmem()
}
