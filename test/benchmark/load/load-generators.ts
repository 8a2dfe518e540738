import { execFileSync, spawnSync } from 'node:child_process'
import { findProgram } from '../../support/find-program.ts'
import type { Bench } from '../run/bench.ts'
import { h2loadThroughput } from './h2load.ts'
import type { ClosedLoop, Throughput } from './load.ts'
import { ownThroughput } from './own-load.ts'
import type { Question } from './question.ts'
import { wrkThroughput } from './wrk.ts'

const OWN = 'a load generator of our own (slower than others: it may be what is measured)'

/** What asks on this machine, for the report. */
export function loadGenerators(): string {
  const h2load = findProgram('h2load')
  const wrk = findProgram('wrk')
  const ofHttp2 = h2load === undefined ? OWN : execFileSync(h2load, ['--version']).toString().trim()
  // It says its version with its usage, as a failure.
  const version = wrk === undefined ? '' : spawnSync(wrk, ['-v']).stdout.toString()
  const ofHttp1 = wrk === undefined ? OWN : (/wrk [^\s[]+/.exec(version)?.[0] ?? 'wrk')
  return [...new Set([ofHttp2, ofHttp1])].join(' and ')
}

/** How often a question is answered in a second when it is asked as fast as it can be. */
export function throughput(
  bench: Bench,
  question: Question,
  load: ClosedLoop,
): Promise<Throughput> {
  if (question.protocol === 'h2c') {
    const h2load = findProgram('h2load')
    if (h2load !== undefined) return h2loadThroughput(bench, h2load, question, load)
  } else {
    const wrk = findProgram('wrk')
    if (wrk !== undefined && question.body.length === 0 && load.inFlight === 1) {
      return wrkThroughput(bench, wrk, question, load)
    }
  }
  return ownThroughput(bench, question, load)
}
