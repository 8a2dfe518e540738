import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { expect, test } from '@jest/globals'
import { serveReady } from '../support/running-service.ts'

const CLIENTS = 1000
const SOMAXCONN = '/proc/sys/net/core/somaxconn'

test.each(['grpcAddress', 'httpAddress'] as const)(
  '1,000 clients who connect at once find room, even while the service takes none (%s)',
  async (transport) => {
    expect(Number(readFileSync(SOMAXCONN, 'utf8'))).toBeGreaterThan(CLIENTS)
    const service = await serveReady()
    const [host = '', port = ''] = service[transport].split(':')
    service.program.signal('SIGSTOP')
    const sockets = Array.from({ length: CLIENTS }, () => connect(Number(port), host))
    try {
      await Promise.all(sockets.map((socket) => once(socket, 'connect')))
      expect(sockets.filter(({ connecting }) => connecting)).toEqual([])
    } finally {
      service.program.signal('SIGCONT')
      for (const socket of sockets) socket.destroy()
    }
    expect((await service.stop()).code).toBe(0)
  },
)
