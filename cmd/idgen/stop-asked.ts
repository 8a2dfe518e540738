/** Resolves at the first SIGTERM or SIGINT; at the second one, of whichever kind, the process ends. */
export function stopAsked(lastDeed: () => void = () => {}): Promise<void> {
  return new Promise((resolve) => {
    let isAsked = false
    const ask = () => {
      if (isAsked) {
        lastDeed()
        process.exit(1)
      }
      isAsked = true
      resolve()
    }
    process.on('SIGTERM', ask)
    process.on('SIGINT', ask)
  })
}
