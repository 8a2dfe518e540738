/**
 * Calls `then` once the event loop has done all that its present turn brought: what one wake-up has read
 * from the network, and all that followed from it without waiting.
 */
export function afterTurn(then: () => void): void {
  setImmediate(then)
}
