import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { idgen, newFolder } from '../support/program.ts'
import { serve } from '../support/running-service.ts'

test('a taken port ends the start with one line that names the address and the cure', async () => {
  const { httpAddress, grpcAddress } = await serve()
  const [httpPort = '', grpcPort = ''] = [httpAddress, grpcAddress].map((at) => at.split(':')[1])
  const [http, grpc] = await Promise.all([
    idgen(['--grpc-port', '0', '--http-port', httpPort]),
    idgen(['serve', '--grpc-port', grpcPort, '--http-port', '0']),
  ])
  expect([http.code, grpc.code]).toStrictEqual([1, 1])
  expect(http.stdout + grpc.stdout).toBe('')
  const cure = 'the port is taken. Stop the program that has it, or set GOLOVES_'
  expect(http.stderr).toMatch(/^[^\n]+\n$/)
  expect(http.stderr).toContain(`HTTP cannot listen on ${httpAddress}: ${cure}`)
  expect(grpc.stderr).toContain(`gRPC cannot listen on ${grpcAddress}: ${cure}`)
  expect(grpc.stderr).toMatch(/^[^\n]+\n$/)
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
