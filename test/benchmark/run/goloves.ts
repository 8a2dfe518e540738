import { join } from 'node:path'
import { z } from 'zod'
import { PACKAGE_ROOT } from '../../../cmd/idgen/package-root.ts'
import type { ChildProgram } from '../../support/child-program.ts'
import { GrpcClient } from '../../support/grpc-client.ts'
import type { Bench } from './bench.ts'

const Id = z.object({ id: z.coerce.bigint().positive() })

/** Our service as its users start it: `bin/idgen`, on the embedded store of a new folder. */
export class Goloves {
  readonly program: ChildProgram
  /** `host:port` */
  readonly grpc: string
  readonly http: string
  readonly client: GrpcClient

  private constructor(program: ChildProgram, grpc: string, http: string) {
    this.program = program
    this.grpc = grpc
    this.http = http
    this.client = new GrpcClient(Number(grpc.split(':').at(-1)))
    const close = () => this.client.close()
    program.ended.then(close, close)
  }

  /** Starts one and waits until it is ready. @param flags More than where it listens. */
  static async start(bench: Bench, flags: readonly string[] = []): Promise<Goloves> {
    const idgen = join(PACKAGE_ROOT, 'bin', 'idgen')
    const args = ['serve', '--grpc-port', '0', '--http-port', '0', ...flags]
    const program = bench.start(idgen, args, bench.newFolder())
    const [, grpc = '', http = ''] = await program.said(/gRPC on (\S+), HTTP on (\S+)\. Try:/)
    await program.said(/"Ready"/)
    return new Goloves(program, grpc, http)
  }

  /** The next id of a tag. */
  async nextId(tag: string): Promise<bigint> {
    return Id.parse(await this.client.ask('goloves.v1.IdService/NextId', { tag })).id
  }

  /**
   * Does some work of which it is known how many ids it takes of a tag.
   *
   * @throws Error if the service has not given so many: then it answered something else.
   */
  async giving<Done>(tag: string, work: () => Promise<Done>, idsOf: (done: Done) => number) {
    const before = await this.nextId(tag)
    const done = await work()
    const given = (await this.nextId(tag)) - before - 1n
    if (given < BigInt(idsOf(done)))
      throw new Error(`Only ${given} ids were given, of ${idsOf(done)}.`)
    return done
  }
}
