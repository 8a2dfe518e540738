import type { ChildProcess } from 'node:child_process'

/** A handle of Node's, as its cluster sends it. */
interface Handle {
  close(): void
}

/**
 * Watches the connections that are sent to a worker process. What it returns closes those that the process
 * had not taken when it ended, so that their callers connect again. Node's cluster (24) would keep them
 * open for ever: it closes its own end of one when the worker process says that it has taken it.
 */
export function watchConnections(child: ChildProcess): () => void {
  const { send } = child
  // Of each port one at a time is on its way. To close one that was taken does nothing.
  const latest = new Map<unknown, Handle>()
  Object.defineProperty(child, 'send', {
    value: (message: unknown, handle: unknown, ...rest: unknown[]) => {
      if (isConnection(message) && isHandle(handle)) latest.set(message.key, handle)
      return Reflect.apply(send, child, [message, handle, ...rest])
    },
  })
  return () => {
    for (const handle of latest.values()) handle.close()
  }
}

function isConnection(message: unknown): message is { readonly key: unknown } {
  return (
    typeof message === 'object' &&
    message !== null &&
    'act' in message &&
    message.act === 'newconn' &&
    'key' in message
  )
}

function isHandle(value: unknown): value is Handle {
  return (
    typeof value === 'object' &&
    value !== null &&
    'close' in value &&
    typeof value.close === 'function'
  )
}
