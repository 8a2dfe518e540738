import { expect, test } from '@jest/globals'
import { cannotListen, hostPort } from './listen-address.ts'

test.each([
  ['127.0.0.1', '127.0.0.1:80'],
  ['localhost', 'localhost:80'],
  ['::1', '[::1]:80'],
])('port 80 of %s is %s', (host, address) => {
  expect(hostPort(host, 80)).toBe(address)
})

test.each([
  [
    'listen EADDRINUSE: address already in use',
    /^HTTP cannot listen on \[::1\]:80: the port is taken.* GOLOVES_HTTP_PORT /,
  ],
  ['permission denied', /^HTTP cannot listen on \[::1\]:80: permission denied$/],
])('who cannot listen because of "%s" says where, why, and what helps', (message, sentence) => {
  expect(cannotListen('HTTP', '::1', 80, new Error(message)).message).toMatch(sentence)
})
