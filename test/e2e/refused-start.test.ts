import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { idgen, newFolder } from '../support/program.ts'
import { serve } from '../support/running-service.ts'

describe('a taken port', () => {
  test('ends the start with one sentence that names the address and the cure', async () => {
    const { httpAddress, grpcAddress } = await serve()
    const [httpPort = '', grpcPort = ''] = [httpAddress, grpcAddress].map((at) => at.split(':')[1])
    const cure = 'Stop the program that has it, or choose another port (0 takes any free one).'
    const [http, grpc] = await Promise.all([
      idgen(['--grpc-port', '0', '--http-port', httpPort]),
      idgen(['serve', '--grpc-port', grpcPort, '--http-port', '0']),
    ])
    expect(http).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `HTTP cannot listen on ${httpAddress}: the port is taken. ${cure}\n`,
    })
    expect(grpc).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `gRPC cannot listen on ${grpcAddress}: the port is taken. ${cure}\n`,
    })
  })
})

test('wrong settings end the start with every fault of every source', async () => {
  const folder = newFolder()
  writeFileSync(join(folder, 'idgen.yaml'), 'grpc: {port: 70000}\ntags: {refresh: 1}\n')
  const env = {
    GOLOVES_LOG_LEVEL: 'loud',
    GOLOVES_TYPO: '1',
    GOLOVES_STORE_URL: 'postgres://me:hunter2@db/ids',
  }
  const args = ['serve', '--config', 'idgen.yaml', '--http-port', '-1', '--ids-count-max', '0']
  const { code, stdout, stderr } = await idgen(args, { folder, env })
  expect(code).toBe(2)
  expect(stdout).toBe('')
  const [first, ...faults] = stderr.trimEnd().split('\n')
  expect(first).toBe('The settings are wrong:')
  expect(faults.toSorted()).toStrictEqual([
    expect.stringContaining('--http-port: "-1" is not'),
    expect.stringContaining('--ids-count-max: "0" is not'),
    expect.stringContaining('GOLOVES_LOG_LEVEL: "loud" is not one of trace, debug,'),
    expect.stringContaining('GOLOVES_STORE_URL: what is given (hidden) is not mysql://'),
    expect.stringContaining('GOLOVES_TYPO is no setting.'),
    expect.stringContaining('grpc.port in idgen.yaml: 70000 is not'),
    expect.stringContaining('tags.refresh in idgen.yaml is no setting.'),
  ])
  expect(stderr).not.toContain('hunter2')
})
