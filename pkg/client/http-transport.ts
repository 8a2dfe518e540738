import { Agent, type IncomingMessage, request } from 'node:http'
import type { TagName } from '../../internal/domain/entity/tag.ts'
import { isErrorCode } from '../errors/error-code.ts'
import { GolovesError } from '../errors/goloves-error.ts'
import { decodedIn, fieldsOf, rangesIn } from './answers.ts'
import type { DecodedId, IdRange } from './id-client.ts'
import { type Patience, Transport, unlessAborted } from './transport.ts'

/** What grpc-js takes at most, too. A million ids of the layout `sonyflake` are 300 KB. */
const ANSWER_MAX_BYTES = 4 * 1024 * 1024

/** Questions beyond that wait for a connection. */
const CONNECTIONS_MAX = 64

interface Question {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** JSON. */
  readonly body?: string
}

/** HTTP to one instance. */
export class HttpTransport extends Transport {
  readonly #url: URL
  readonly #agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS_MAX })

  constructor(url: URL) {
    super()
    this.#url = url
  }

  override async nextIds(tag: TagName, count: number, patience: Patience): Promise<IdRange[]> {
    const path = `/v1/tags/${tag}:nextIds`
    const body = JSON.stringify({ count })
    return rangesIn(await this.#ask({ method: 'POST', path, body }, patience), count)
  }

  override async decodeId(tag: TagName, id: bigint, patience: Patience): Promise<DecodedId> {
    const path = `/v1/tags/${tag}:decodeId?id=${id}`
    return decodedIn(await this.#ask({ method: 'GET', path }, patience))
  }

  override async probe(patience: Patience): Promise<void> {
    await this.#ask({ method: 'GET', path: '/healthz' }, patience)
  }

  override close(): void {
    this.#agent.destroy()
  }

  #ask(question: Question, { limitMs, signal }: Patience): Promise<unknown> {
    const { method, path, body } = question
    return unlessAborted(signal, (resolve, reject) => {
      const sent = request(this.#url, {
        method,
        path: this.#url.pathname.replace(/\/$/, '') + path,
        headers: {
          'request-timeout-ms': Math.ceil(limitMs),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        agent: this.#agent,
      })
      sent.on('error', reject)
      sent.on('response', (response) => answerOf(response).then(resolve, reject))
      sent.end(body)
      return () => sent.destroy()
    })
  }
}

/** @throws GolovesError if the instance refused; Error if it is none of ours that answered. */
async function answerOf(response: IncomingMessage): Promise<unknown> {
  const { statusCode, headers } = response
  const text = await textOf(response)
  if (statusCode === 200) return JSON.parse(text)
  if (headers['content-type']?.startsWith('application/problem+json')) {
    throw refusalOf(fieldsOf(JSON.parse(text)))
  }
  throw new Error(`HTTP status ${statusCode}`)
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = ''
  response.setEncoding('utf8')
  for await (const part of response) {
    text += part
    if (text.length > ANSWER_MAX_BYTES) throw new Error('The answer is too long.')
  }
  return text
}

function refusalOf({ code, detail, retryAfterMs }: Readonly<Record<string, unknown>>) {
  return new GolovesError(isErrorCode(code) ? code : 'INTERNAL', String(detail), {
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
  })
}
