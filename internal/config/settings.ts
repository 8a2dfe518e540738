import { z } from 'zod'
import { isStoreUrl } from './store-url.ts'

/** What a person needs to know of one setting. */
interface About {
  readonly sentence: string
  /** What its value may be, such as `a whole number from 0 to 65535`. */
  readonly allowed: string
  /** Whether its value is hidden wherever settings are shown. */
  readonly secret: boolean
}

/** What is known of each leaf of `settingsSchema`. */
export const about = z.registry<About>()

const MINUTE_MS = 60_000

/**
 * Every setting there is: its name (units last), default, limits and meaning. All else is derived
 * from here: the names in the environment and of the flags, the faults, `configs/default.yaml`.
 */
export const settingsSchema = z.strictObject({
  workers: autoOr(
    1,
    256,
    1,
    'How many processes serve together, each an instance of its own; auto for one per core.',
  ),
  grpc: z.strictObject({
    host: text('127.0.0.1', 'The address that gRPC listens on; 0.0.0.0 for every one.'),
    port: whole(0, 65_535, 50_051, 'The port of gRPC; 0 for any free one.'),
    maxMessageBytes: whole(1024, 4_194_304, 65_536, 'The largest message a caller may send.'),
    maxConcurrentStreams: whole(1, 100_000, 1000, 'How many calls one connection may have open.'),
    maxConnections: whole(1, 1_000_000, 12_000, 'How many connections gRPC takes.'),
    maxCalls: whole(
      1,
      1_000_000,
      10_000,
      'How many calls all may have open together; for a further one the oldest ends.',
    ),
    maxLastingCalls: whole(
      1,
      1_000_000,
      1000,
      'How many StreamIds and watches of a health may be open beside grpc.maxCalls.',
    ),
    keepaliveMs: whole(
      1000,
      60 * MINUTE_MS,
      MINUTE_MS,
      'How often a silent connection is asked whether it lives.',
    ),
    idleMs: whole(
      1000,
      1440 * MINUTE_MS,
      5 * MINUTE_MS,
      'How long a connection stays open with no call.',
    ),
  }),
  http: z.strictObject({
    host: text('127.0.0.1', 'The address that HTTP listens on; 0.0.0.0 for every one.'),
    port: whole(0, 65_535, 8080, 'The port of HTTP; 0 for any free one.'),
    maxBodyBytes: whole(1024, 4_194_304, 65_536, 'The largest body a caller may send.'),
    maxConnections: whole(1, 1_000_000, 12_000, 'How many connections HTTP takes.'),
  }),
  store: z.strictObject({
    url: storeUrl('sqlite:./data/goloves.db', 'The database that all instances share.'),
    migrate: flag(false, 'Whether serve creates the tables in MySQL; in SQLite it always does.'),
    allowLossyCommits: flag(false, 'Whether to serve on a MySQL that may lose commits in a crash.'),
  }),
  access: z.strictObject({
    warnIfOpen: flag(
      true,
      'Whether serve warns on an address that others reach: all who do may take ids and change tags.',
    ),
  }),
  log: z.strictObject({
    level: oneOf(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'info',
      'The least severe lines that are logged; debug shows each lease.',
    ),
  }),
  segment: z.strictObject({
    buffer: oneOf(['chain', 'double'], 'chain', 'How tags that do not say it keep ids ready.'),
    sizing: oneOf(
      ['adaptive', 'fixed'],
      'adaptive',
      'Whether the measured rate sets the size of a lease, or the step of the tag does; ' +
        'a chain then takes several steps.',
    ),
    safeDistance: whole(1, 100, 2, 'How many segments a chain keeps ready at least.'),
    reserveS: whole(0, 900, 600, 'How many seconds of ids a chain keeps ready at least.'),
    prefetchAtPercent: whole(1, 99, 20, 'What is left of a segment when double fetches the next.'),
  }),
  worker: z.strictObject({
    // With 2 s of skew a reservation stays within a minute of the database's clock.
    leaseMs: whole(
      1000,
      50_000,
      30_000,
      'How long a worker id is leased and its ids reserved; all instances of a store stop for a change of it.',
    ),
    id: autoOr(
      0,
      65_535,
      'auto',
      'The worker id of this instance in every layout; auto takes a free one.',
    ),
  }),
  ledger: z.strictObject({
    days: whole(1, 36_500, 30, 'How long it is known which instance leased which ids.'),
  }),
  ids: z.strictObject({
    countMax: whole(1, 1_000_000, 1_000_000, 'How many ids one call may ask for.'),
  }),
  tags: z.strictObject({
    refreshMs: whole(
      100,
      3000,
      3000,
      'How often tags are read again; a change holds everywhere 5 s later.',
    ),
    missMs: whole(0, MINUTE_MS, 3000, 'How long it is remembered that a tag does not exist.'),
    max: whole(1, 1_000_000, 100_000, 'How many tags an instance remembers.'),
  }),
  deadline: z.strictObject({
    defaultMs: whole(1, 10 * MINUTE_MS, 5000, 'How long a caller waits that names no deadline.'),
    maxMs: whole(1, 10 * MINUTE_MS, 30_000, 'How long any caller waits at most.'),
    arrivalMs: whole(
      1000,
      10 * MINUTE_MS,
      20_000,
      'How long a request may take to arrive; its headers half of that.',
    ),
  }),
  waiting: z.strictObject({
    callersMax: whole(1, 1_000_000, 100_000, 'How many callers may wait for ids of one tag.'),
    idsMax: whole(1, 1_000_000_000, 10_000_000, 'How many ids they may wait for together.'),
  }),
  shutdown: z.strictObject({
    drainDelayMs: whole(0, 10 * MINUTE_MS, 3000, 'How long it serves on after SIGTERM, not ready.'),
    drainLimitMs: whole(0, 10 * MINUTE_MS, 10_000, 'How long calls in flight may take after that.'),
  }),
})

/** The settings in force: complete and checked. */
export type Settings = {
  readonly [Key in keyof Tree]: Readonly<Tree[Key]>
}

type Tree = z.output<typeof settingsSchema>

function text(fallback: string, sentence: string) {
  return described(z.string().min(1).default(fallback), sentence, 'a text that is not empty')
}

/** A number that may also come as digits, since the environment and flags know only text. */
function whole(min: number, max: number, fallback: number, sentence: string) {
  const leaf = wholeNumber(min, max).default(fallback)
  return described(leaf, sentence, `a whole number from ${min} to ${max}`)
}

function wholeNumber(min: number, max: number) {
  const fromDigits = (value: unknown) =>
    typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value
  return z.preprocess(fromDigits, z.int().min(min).max(max))
}

/** A number, or `auto` where none is fixed. */
function autoOr(min: number, max: number, fallback: number | 'auto', sentence: string) {
  const leaf = z.union([z.literal('auto'), wholeNumber(min, max)]).default(fallback)
  return described(leaf, sentence, `auto, or a whole number from ${min} to ${max}`)
}

function flag(fallback: boolean, sentence: string) {
  const fromWord = (value: unknown) => (value === 'true' ? true : value === 'false' ? false : value)
  return described(z.preprocess(fromWord, z.boolean()).default(fallback), sentence, 'true or false')
}

function oneOf<const Word extends string>(
  words: readonly Word[],
  fallback: NoInfer<Word>,
  sentence: string,
) {
  const leaf = z.enum(words).default(() => fallback)
  return described(leaf, sentence, `one of ${words.join(', ')}`)
}

function storeUrl(fallback: string, sentence: string) {
  const leaf = z.string().refine(isStoreUrl).default(fallback)
  const allowed = 'mysql://USER:PASSWORD@HOST:PORT/DATABASE[?hosts=HOST:PORT,...] or sqlite:PATH'
  about.add(leaf, { sentence, allowed, secret: true })
  return leaf
}

function described<Leaf extends z.ZodType>(leaf: Leaf, sentence: string, allowed: string): Leaf {
  about.add(leaf, { sentence, allowed, secret: false })
  return leaf
}
