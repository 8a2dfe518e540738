import { settled } from '../../support/manual-clock.ts'
import { ROUNDS_MIN } from '../statistics.ts'
import { type Contender, SHARE } from './contender.ts'
import { bareBigint, bareNumber, bareTypedCells } from './counters.ts'
import { segmentsInRanges, segmentsOneByOne } from './segments.ts'
import { otherSnowflakes, snowflakeInRanges, snowflakeOneByOne } from './snowflakes.ts'

// node race.ts [filling]: all who make ids do so in turn, some milliseconds each, so that whatever else the
// machine does falls on all of them. Says how many each made per second in each round. The ids are checked
// while the watch stands.

const TURN_MS = 5
const TURNS = 6
const WARM_TURNS = 20

class Racer {
  readonly name: string
  readonly perSecond: number[] = []
  readonly #contender: Contender
  #highest: number | bigint = 0
  #made = 0
  #tookMs = 0

  constructor(contender: Contender) {
    this.name = contender.name
    this.#contender = contender
  }

  async takeTurn(): Promise<void> {
    const endMs = this.#tookMs + TURN_MS
    while (this.#tookMs < endMs) {
      // Who leases in the background does it now.
      await settled()
      const beganMs = performance.now()
      this.#contender.make()
      this.#tookMs += performance.now() - beganMs
      this.#made += SHARE
      this.#check()
    }
  }

  endRound(): void {
    this.perSecond.push((this.#made / this.#tookMs) * 1000)
    this.beginRound()
  }

  beginRound(): void {
    this.#made = 0
    this.#tookMs = 0
  }

  #check(): void {
    const { ids, rises } = this.#contender
    if (!rises && new Set<bigint | number>(ids).size < SHARE)
      throw new Error(`${this.name} repeats an id.`)
    for (let index = 0; rises && index < SHARE; index++) {
      const id = ids[index] ?? 0
      if (id <= this.#highest) throw new Error(`${this.name}: ${id} came after ${this.#highest}.`)
      this.#highest = id
    }
  }
}

async function takeTurns(racers: readonly Racer[], turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn++) {
    for (const racer of racers) await racer.takeTurn()
  }
}

async function oneByOne(): Promise<Contender[]> {
  const newIds = () => Array.from({ length: SHARE }, () => 0n)
  return [
    bareNumber(),
    bareBigint(newIds),
    bareTypedCells(newIds),
    ...(await segmentsOneByOne(newIds)),
    await snowflakeOneByOne(newIds),
    ...otherSnowflakes(newIds),
  ]
}

async function filling(): Promise<Contender[]> {
  const newIds = () => new BigInt64Array(SHARE)
  return [
    bareBigint(newIds),
    bareTypedCells(newIds),
    ...(await segmentsInRanges(newIds)),
    await snowflakeInRanges(newIds),
    ...otherSnowflakes(newIds),
  ]
}

const contenders = await (process.argv[2] === 'filling' ? filling() : oneByOne())
const racers = contenders.map((contender) => new Racer(contender))
await takeTurns(racers, WARM_TURNS)
for (const racer of racers) racer.beginRound()
for (let round = 0; round < ROUNDS_MIN; round++) {
  await takeTurns(round % 2 === 0 ? racers : racers.toReversed(), TURNS)
  for (const racer of racers) racer.endRound()
}
const made = racers.map(({ name, perSecond }) => ({ name, perSecond }))
process.stdout.write(`${JSON.stringify(made)}\n`)
