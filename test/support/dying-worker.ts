import cluster from 'node:cluster'

// Loaded into a service before it starts (`node --import`): ends each worker process at its start that is not
// among the first ones, as many as the environment says.

const { GOLOVES_TEST_WORKERS_THAT_LIVE: living } = process.env
if (cluster.worker !== undefined && cluster.worker.id > Number(living)) {
  process.kill(process.pid, 'SIGKILL')
}
