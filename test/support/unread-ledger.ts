/** A ledger that nobody reads. */
export const UNREAD_LEDGER = { note: (): void => {} }
