import { findMariadb, findProgram } from '../../support/find-program.ts'
import { installPackages, mayInstall } from '../../support/install-packages.ts'

const WANTED = [
  { path: findProgram('h2load'), debian: 'nghttp2-client' },
  { path: findProgram('wrk'), debian: 'wrk' },
  { path: findProgram('redis-server'), debian: 'redis-server' },
  { path: findMariadb(), debian: 'mariadb-server' },
]

/** Installs load generators and what we stand beside, where they are missing and that may be. */
export async function installPrograms(): Promise<void> {
  const packages = WANTED.filter(({ path }) => path === undefined).map(({ debian }) => debian)
  if (packages.length > 0 && mayInstall()) await installPackages(packages)
}
