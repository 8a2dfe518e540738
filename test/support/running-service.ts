import { z } from 'zod'
import { GrpcClient } from './grpc-client.ts'
import { type Ended, idgen, Program, type Surroundings } from './program.ts'

/** An answer over HTTP. */
export interface HttpAnswer {
  readonly status: number
  readonly type: string | null
  /** What was parsed of JSON; undefined where there is no body. */
  readonly body: unknown
}

const ID = z.object({ id: z.string() })
const CODE = z.object({ code: z.string() })

/**
 * Starts `idgen` on free ports and waits until it says where it listens. Without a drain delay,
 * unless one is given, it stops fast.
 *
 * @throws Error with its output if it ends instead.
 */
export async function serve(
  args: readonly string[] = [],
  surroundings?: Surroundings,
): Promise<RunningService> {
  const ports = ['--grpc-port', '0', '--http-port', '0', '--shutdown-drain-delay-ms', '0']
  const program = Program.idgen([...ports, ...args], surroundings)
  const [, grpc = '', http = ''] = await program.said(/gRPC on (\S+), HTTP on (\S+)\. Try:/)
  return new RunningService(program, grpc, http)
}

/** As `serve`, and it is ready. */
export async function serveReady(
  args?: readonly string[],
  surroundings?: Surroundings,
): Promise<RunningService> {
  const service = await serve(args, surroundings)
  await service.program.said(/"Ready"/)
  return service
}

/** The whole service as a process of its own, and whoever asks it. */
export class RunningService {
  readonly program: Program
  /** `host:port` */
  readonly grpcAddress: string
  readonly httpAddress: string
  readonly #client: GrpcClient

  constructor(program: Program, grpcAddress: string, httpAddress: string) {
    this.program = program
    this.grpcAddress = grpcAddress
    this.httpAddress = httpAddress
    this.#client = new GrpcClient(Number(this.#grpcPort))
    void program.ended.then(() => this.#client.close())
  }

  /** Asks over gRPC. @param rpc Such as `goloves.v1.IdService/NextId`. Rejects with a ServiceError. */
  ask(rpc: string, request: object, timeoutMs?: number): Promise<object> {
    return this.#client.ask(rpc, request, timeoutMs)
  }

  /** Asks over HTTP, with a body of JSON if one is given. */
  async http(method: string, path: string, body?: object): Promise<HttpAnswer> {
    const response = await fetch(`http://${this.httpAddress}${path}`, {
      method,
      ...(body && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const type = response.headers.get('content-type')
    return { status: response.status, type, body: text === '' ? undefined : JSON.parse(text) }
  }

  /** Runs a command of the program against this service. */
  idgen(...args: string[]): Promise<Ended> {
    return idgen(args, { env: { GOLOVES_GRPC_PORT: this.#grpcPort } })
  }

  /** The next id over HTTP. @throws Error that names the code of a refusal. */
  async nextId(tag: string, timeoutMs = 10_000): Promise<bigint> {
    const url = `http://${this.httpAddress}/v1/tags/${tag}:nextId`
    const headers = { 'request-timeout-ms': String(timeoutMs) }
    const response = await fetch(url, { method: 'POST', headers })
    const body: unknown = await response.json()
    if (!response.ok) throw new Error(CODE.parse(body).code)
    return BigInt(ID.parse(body).id)
  }

  /** The next id over gRPC. */
  async nextIdByGrpc(tag: string, timeoutMs?: number): Promise<bigint> {
    const reply = await this.ask('goloves.v1.IdService/NextId', { tag }, timeoutMs)
    return BigInt(ID.parse(reply).id)
  }

  /** What gRPC health says of the whole service. */
  async health(): Promise<string> {
    const reply = await this.ask('grpc.health.v1.Health/Check', {})
    return z.object({ status: z.string() }).parse(reply).status
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    return this.program.end(signal)
  }

  get #grpcPort(): string {
    return this.grpcAddress.split(':').at(-1) ?? ''
  }
}
