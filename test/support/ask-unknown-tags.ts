import { once } from 'node:events'
import { Agent, type IncomingMessage, request } from 'node:http'
import { type ClientHttp2Session, connect } from 'node:http2'
import { prefixed, question } from './hostile-frames.ts'

// node ask-unknown-tags.ts GRPC_ADDRESS HTTP_ADDRESS COUNT AT_ONCE: asks for ids of COUNT different tags
// that nobody has created, AT_ONCE at a time, one in ten over HTTP, and prints how often each status was
// the answer, as JSON.

const SESSIONS = 4
const HTTP_SHARE = 10
const HEAD = {
  ':method': 'POST',
  ':path': '/goloves.v1.IdService/NextId',
  'content-type': 'application/grpc',
}

const [grpcAddress = '', httpAddress = '', count = '0', atOnce = '0'] = process.argv.slice(2)
const answers: Record<string, number> = {}
const agent = new Agent({ keepAlive: true })
const sessions = Array.from({ length: SESSIONS }, () => connect(`http://${grpcAddress}`))
let asked = 0

await Promise.all(Array.from({ length: Number(atOnce) }, (_, n) => askOn(n)))
for (const session of sessions) session.close()
agent.destroy()
process.stdout.write(`${JSON.stringify(answers)}\n`)

/** The n-th caller, who asks for the next tag as soon as it is answered. */
async function askOn(n: number): Promise<void> {
  const session = n % HTTP_SHARE === 0 ? undefined : sessions[n % SESSIONS]
  while (asked < Number(count)) {
    asked += 1
    const tag = `nobody-${asked}`
    const answer = await (session === undefined ? byHttp(tag) : byGrpc(session, tag))
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
