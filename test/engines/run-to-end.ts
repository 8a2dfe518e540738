import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const OUTPUT_MAX = 16 * 1024 * 1024
const execute = promisify(execFile)

/** Runs a program and returns what it said. @throws Error with its last words if it fails. */
export async function runToEnd(program: string, args: readonly string[]): Promise<string> {
  try {
    return (await execute(program, args, { maxBuffer: OUTPUT_MAX })).stdout
  } catch (error) {
    const { stderr = '' } = error instanceof Error && 'stderr' in error ? error : {}
    throw new Error(`${program} failed: ${String(stderr).slice(-2000)}`, { cause: error })
  }
}
