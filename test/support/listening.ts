import { once } from 'node:events'
import type { Server } from 'node:net'

/** Lets a server listen on this machine only, on any free port unless told. @returns The port. */
export async function listening(server: Server, port = 0): Promise<number> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('It has no port.')
  return address.port
}
