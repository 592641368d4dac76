// What the image's HEALTHCHECK runs: exit code 0 while the processor of this container is alive, 1 where
// it is not or does not answer. Node in place of curl, which the image does not have.

const port = process.env['MILLRACE_HTTP_PORT'] || '9464'
const timeoutMs = 2_000

try {
  const response = await fetch(`http://127.0.0.1:${port}/healthz`, {
    signal: AbortSignal.timeout(timeoutMs),
  })
  process.exitCode = response.ok ? 0 : 1
} catch {
  process.exitCode = 1
}
