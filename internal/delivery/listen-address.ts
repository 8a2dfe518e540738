/**
 * So many connections may wait to be taken, as far as the machine allows: all clients of an instance that has ended
 * come at once, and who finds no room tries again after a second at the earliest. By itself Node keeps 511.
 */
export const BACKLOG = 4096

/** `127.0.0.1:8080`, or `[::1]:8080`, as it stands in a URL. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Why a transport can't have its address, with the cure where it is known. */
export function cannotListen(
  transport: 'gRPC' | 'HTTP',
  host: string,
  port: number,
  error: Error,
): Error {
  const setting = `GOLOVES_${transport.toUpperCase()}_PORT`
  const why = error.message.includes('EADDRINUSE')
    ? `the port is taken. Stop the program that has it, or set ${setting} (0 takes any free one).`
    : error.message
  return new Error(`${transport} cannot listen on ${hostPort(host, port)}: ${why}`)
}
