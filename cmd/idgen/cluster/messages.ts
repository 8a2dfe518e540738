import { z } from 'zod'

// What the primary and its worker processes tell each other. After an upgrade in place a process that
// replaces another runs newer code than those around it, so what is heard is parsed.

/** From a worker process. Its questions are numbered by itself; `to` is who asked, as the primary numbers them. */
export const toPrimary = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening') }),
  z.object({ kind: z.literal('failed'), why: z.string() }),
  z.object({
    kind: z.literal('ask'),
    question: z.int(),
    topic: z.string(),
    about: z.unknown(),
  }),
  z.object({
    kind: z.literal('answer'),
    to: z.int(),
    question: z.int(),
    answer: z.unknown(),
  }),
])

/** From the primary. */
export const toWorker = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('start'),
    number: z.int(),
    settings: z.unknown(),
    isReplacement: z.boolean(),
  }),
  z.object({ kind: z.literal('stop') }),
  z.object({
    kind: z.literal('question'),
    from: z.int(),
    question: z.int(),
    topic: z.string(),
    about: z.unknown(),
  }),
  z.object({ kind: z.literal('asked'), question: z.int(), others: z.int() }),
  z.object({ kind: z.literal('answered'), question: z.int(), answer: z.unknown() }),
])

export type ToPrimary = z.output<typeof toPrimary>
export type ToWorker = z.output<typeof toWorker>
