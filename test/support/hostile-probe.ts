// Loaded into a service before it starts (`node --import`): logs now and then how much memory it has.

const EVERY_MS = 100

const beat = setInterval(() => {
  const mb = Math.round(process.memoryUsage.rss() / 2 ** 20)
  process.stderr.write(`{"msg":"memory ${mb}"}\n`)
}, EVERY_MS)
beat.unref()
