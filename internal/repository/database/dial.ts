import { connect, type Socket } from 'node:net'

/** A store that leases can be had from answers within a few hundred milliseconds. */
const SILENCE_MAX_MS = 500

/**
 * Opens a connection on which nothing may be waited for longer than half a second: neither for the
 * server's acceptance nor for any of its answers. A host that accepts and never answers is thus soon
 * known to be gone. `trust` ends that.
 */
export function dial(host: string, port: number): Socket {
  const socket = connect({ host, port, noDelay: true, keepAlive: true, timeout: SILENCE_MAX_MS })
  return socket.once('timeout', () => {
    const message = `${host}:${port} was silent for ${SILENCE_MAX_MS} ms`
    // mysql2 ignores only this code once it has given a connection up; any other would be an
    // uncaught error.
    socket.destroy(Object.assign(new Error(message), { code: 'ECONNRESET' }))
  })
}

/** The server has shown that it answers: from now on whoever asks it something sets the limit. */
export function trust(socket: Socket): void {
  socket.setTimeout(0)
}
