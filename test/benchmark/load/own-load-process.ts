import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { z } from 'zod'
import { OpenLoopRun } from './open-loop-run.ts'

// node own-load-process.ts ORDER: asks a question again and again, as an order in JSON says: as often as it
// is answered, and says in JSON how often that was, or at a fixed rate, and writes a log. It fails with the
// first answer that is none of success.

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

const { question, load } = Order.parse(JSON.parse(process.argv[2] ?? ''))
const ask = question.protocol === 'h2c' ? overHttp2() : overHttp1()
const said = 'log' in load ? await openLoop(load) : await closedLoop(load)
process.stdout.write(JSON.stringify(said), () => process.exit())

async function closedLoop({ connections, inFlight, seconds }: ClosedOrder) {
  const beganMs = performance.now()
  const endMs = beganMs + seconds * 1000
  let answers = 0
  const askAgain = async () => {
    for (; performance.now() < endMs; answers += 1) refuseFailure(await ask())
  }
  await Promise.all(Array.from({ length: connections * inFlight }, askAgain))
  return { answers, seconds: (performance.now() - beganMs) / 1000 }
}

async function openLoop(order: OpenOrder) {
  const loop = new OpenLoopRun(order)
  const answer = async (question: number) => {
    refuseFailure(await ask())
    loop.answered(question)
  }
  // A failure, which nobody handles, ends this process.
  return { isWhole: await loop.run((question) => void answer(question)) }
}

/** By listeners and without a further promise: what this costs is not there for who is asked. */
function overHttp2(): () => Promise<number> {
  const { url, headers, body } = question
  const { origin, pathname } = new URL(url)
  const sessions = Array.from({ length: load.connections }, () => connect(origin))
  const fields = { ':method': 'POST', ':path': pathname, ...headers }
  let turn = 0
  return () => {
    const session = sessions[turn % sessions.length]
    turn += 1
    return new Promise((resolve, reject) => {
      if (session === undefined) throw new Error('There is no connection.')
      let status = 0
      const stream = session.request(fields)
      stream.on('response', (answer) => {
        status = Number(answer[':status'])
      })
      stream.on('end', () => resolve(status))
      stream.on('error', reject)
      stream.on('close', () => reject(new Error('An answer was cut off.')))
      stream.resume()
      stream.end(body)
    })
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
