import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { Settings } from '../../../internal/config/settings.ts'
import { cannotListen } from '../../../internal/delivery/listen-address.ts'
import type { Ports } from '../server.ts'

/**
 * The ports that all worker processes will listen on: free at this moment, and chosen here where the
 * settings leave it open. Node's cluster would keep a port of its own choice only while one listens.
 *
 * @throws Error naming the address and the cure if one can't be had.
 */
export async function freePorts({ grpc, http }: Settings): Promise<Ports> {
  const servers: Server[] = []
  const portOf = async (transport: 'gRPC' | 'HTTP', host: string, port: number) => {
    const server = createServer().listen(port, host)
    await once(server, 'listening').catch((error) => {
      throw cannotListen(transport, host, port, error)
    })
    servers.push(server)
    const address = server.address()
    return typeof address === 'object' && address !== null ? address.port : port
  }
  try {
    return {
      grpc: await portOf('gRPC', grpc.host, grpc.port),
      http: await portOf('HTTP', http.host, http.port),
    }
  } finally {
    await Promise.all(servers.map((server) => once(server.close(), 'close')))
  }
}
