import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { prefixed, question } from './hostile-frames.ts'

// node ask-unknown-tags.ts GRPC_ADDRESS HTTP_ADDRESS COUNT: asks for ids of so many different tags that
// nobody has created, many at once over both transports, and prints how often each status was the
// answer, as JSON.

const SESSIONS = 4
const CALLS_PER_SESSION = 200
const HTTP_CONNECTIONS = 100
const HEAD = {
  ':method': 'POST',
  ':path': '/goloves.v1.IdService/NextId',
  'content-type': 'application/grpc',
}

const [grpcAddress = '', httpAddress = '', count = '0'] = process.argv.slice(2)
const answers: Record<string, number> = {}
const agent = new Agent({ keepAlive: true, maxSockets: HTTP_CONNECTIONS })
const sessions = Array.from({ length: SESSIONS }, () => connect(`http://${grpcAddress}`))
let asked = 0

const callers = [
  ...Array.from({ length: HTTP_CONNECTIONS }, () => askOn(byHttp)),
  ...sessions.flatMap((session) =>
    Array.from({ length: CALLS_PER_SESSION }, () => askOn((tag) => byGrpc(session, tag))),
  ),
]
await Promise.all(callers)
for (const session of sessions) session.close()
agent.destroy()
process.stdout.write(`${JSON.stringify(answers)}\n`)

/** One caller, who asks for the next tag as soon as it is answered. */
async function askOn(ask: (tag: string) => Promise<string>): Promise<void> {
  while (asked < Number(count)) {
    asked += 1
    const answer = await ask(`nobody-${asked}`)
    answers[answer] = (answers[answer] ?? 0) + 1
  }
}

async function byGrpc(session: ClientHttp2Session, tag: string): Promise<string> {
  const call = session.request(HEAD).resume()
  call.end(prefixed(question(tag)))
  const [headers] = await once(call, 'response')
  return `gRPC ${headers['grpc-status']}`
}

async function byHttp(tag: string): Promise<string> {
  const url = `http://${httpAddress}/v1/tags/${tag}:nextId`
  const call = request(url, { method: 'POST', agent }).end()
  const [response]: IncomingMessage[] = await once(call, 'response')
  response?.resume()
  return `HTTP ${response?.statusCode}`
}
