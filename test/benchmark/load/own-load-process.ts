import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'

// node own-load-process.ts ORDER: asks a question again and again, as an order in JSON says, and says in
// JSON how many answers there were. It fails with the first answer that is none of success.

const Order = z.object({
  question: z.object({
    protocol: z.enum(['h2c', 'http/1.1']),
    url: z.string(),
    headers: z.record(z.string(), z.string()),
    body: z.base64().transform((body) => Buffer.from(body, 'base64')),
  }),
  load: z.union([
    z.object({ connections: z.number(), inFlight: z.number(), seconds: z.number() }),
    z.object({
      connections: z.number(),
      perSecond: z.number(),
      seconds: z.number(),
      log: z.string(),
    }),
  ]),
})

/** More than that under way at once is no load that anybody carries. */
const UNDER_WAY_MAX = 20_000

const { question, load } = Order.parse(JSON.parse(process.argv[2] ?? ''))
const ask = question.protocol === 'h2c' ? overHttp2() : overHttp1()
const beganMs = performance.now()
const answers = 'log' in load ? await openLoop(load) : await closedLoop(load)
const seconds = (performance.now() - beganMs) / 1000
process.stdout.write(JSON.stringify({ answers, seconds }), () => process.exit())

async function closedLoop({ connections, inFlight, seconds }: ClosedOrder): Promise<number> {
  const endMs = beganMs + seconds * 1000
  let answers = 0
  const askAgain = async () => {
    for (; performance.now() < endMs; answers += 1) refuseFailure(await ask())
  }
  await Promise.all(Array.from({ length: connections * inFlight }, askAgain))
  return answers
}

/** Each question has its time, from which its answer is waited for, whenever it is really sent. */
async function openLoop({ perSecond, seconds, log }: OpenOrder): Promise<number> {
  const count = Math.round(perSecond * seconds)
  const lines: string[] = []
  const underWay = new Set<Promise<void>>()
  for (let sent = 0; sent < count; ) {
    for (const due = dueAt(performance.now()); sent < due; sent += 1) {
      const answered = answer(beganMs + (sent * 1000) / perSecond, lines)
      underWay.add(answered)
      answered.finally(() => underWay.delete(answered)).catch(() => {})
    }
    if (underWay.size > UNDER_WAY_MAX) throw new Error('Too many questions wait for an answer.')
    await pause(1)
  }
  await Promise.all(underWay)
  writeFileSync(log, lines.join(''))
  return lines.length

  function dueAt(nowMs: number): number {
    return Math.min(count, Math.floor(((nowMs - beganMs) * perSecond) / 1000))
  }
}

async function answer(plannedMs: number, lines: string[]): Promise<void> {
  const status = await ask()
  const tookMs = performance.now() - plannedMs
  refuseFailure(status)
  lines.push(`${Math.round(plannedMs * 1000)}\t${status}\t${Math.round(tookMs * 1000)}\n`)
}

function overHttp2(): () => Promise<number> {
  const { url, headers, body } = question
  const { origin, pathname } = new URL(url)
  const sessions = Array.from({ length: load.connections }, () => connect(origin))
  const fields = { ':method': 'POST', ':path': pathname, ...headers }
  let turn = 0
  return async () => {
    const session = sessions[turn % sessions.length]
    turn += 1
    if (session === undefined) throw new Error('There is no connection.')
    const stream = session.request(fields)
    stream.end(body)
    const answered = once(stream, 'response')
    await text(stream)
    const [{ ':status': status }] = await answered
    return Number(status)
  }
}

function overHttp1(): () => Promise<number> {
  const { url, headers, body } = question
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections })
  return async () => {
    const asked = request(url, { method: 'POST', headers, agent })
    asked.end(body)
    const [response] = await once(asked, 'response')
    await text(response)
    return Number(response.statusCode)
  }
}

function refuseFailure(status: number): void {
  if (status !== 200) throw new Error(`An answer had the status ${status}.`)
}

type ClosedOrder = Exclude<z.infer<typeof Order>['load'], { log: string }>
type OpenOrder = Extract<z.infer<typeof Order>['load'], { log: string }>
