import { beforeEach, expect, test } from '@jest/globals'
import type { ExportedMetric } from '../../internal/telemetry/metrics/instance-metrics.ts'
import { Exposition } from '../../test/support/exposition.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { type Answers, NoPeers, Peers, type Topic } from './cluster/peers.ts'
import { type MetricsSource, ServiceMetrics } from './service-metrics.ts'

/** Another process that answers with what the test says. */
class OnePeer extends Peers {
  said: unknown

  answer(): void {}

  async ask<About, Answer>(topic: Topic<About, Answer>): Promise<Answers<Answer>> {
    const { success, data } = topic.answer.safeParse(this.said)
    return success ? { answers: [data], silent: 0 } : { answers: [], silent: 1 }
  }
}

const clock = new ManualClock()

let asked: number
let peer: OnePeer

beforeEach(() => {
  asked = 0
  peer = new OnePeer()
})

function metric(process: string, value: number): ExportedMetric {
  const values = [{ labels: { process }, value }]
  const own = { name: 'a', help: 'That.', type: 'gauge', aggregator: 'first', values }
  return own
}

const own: MetricsSource = {
  exported: async () => {
    asked += 1
    return [metric('1', 1)]
  },
}

test('the series of all processes stand side by side, also what is infinite', async () => {
  peer.said = [metric('2', Number.POSITIVE_INFINITY)]
  const text = await new ServiceMetrics(own, peer, 2, clock).text()
  expect(text).toBe(`# HELP a That.
# TYPE a gauge
a{process="1"} 1
a{process="2"} +Inf

# HELP goloves_processes Worker processes that the service should have, and that have answered this question.
# TYPE goloves_processes gauge
goloves_processes{state="expected"} 2
goloves_processes{state="answered"} 2
`)
})

test.each([undefined, 'a 1', [{ name: 'a' }]])('%j is no answer', async (said) => {
  peer.said = said
  const scraped = new Exposition(await new ServiceMetrics(own, peer, 2, clock).text())
  expect(scraped.of('a')).toHaveLength(1)
  expect(scraped.sum('goloves_processes', { state: 'answered' })).toBe(1)
  expect(scraped.sum('goloves_processes', { state: 'expected' })).toBe(2)
})

test('who asks while it is gathered gets the same, who asks later does not', async () => {
  const metrics = new ServiceMetrics(own, new NoPeers(), 1, clock)
  const texts = await Promise.all([metrics.text(), metrics.text()])
  expect(texts[0]).toBe(texts[1])
  expect(asked).toBe(1)
  await metrics.text()
  expect(asked).toBe(2)
})
