/**
 * For a server of node:net, also in a worker process: further connections are closed at once. By itself
 * Node's cluster would hand them from one full process to the next, for ever.
 */
export function connectionLimit(maxConnections: number) {
  return { maxConnections, dropMaxConnection: true }
}
