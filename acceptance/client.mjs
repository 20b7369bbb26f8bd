// What the Node scripts share: the facts of the fixture, the packages under test, and checks as checks.py prints them.
// fixture.py sets SIGNET_FIXTURE, NODE_CLIENTS and NODE_EXTRA_CA_CERTS, which node reads only when it starts.
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

export const facts = JSON.parse(fs.readFileSync(process.env.SIGNET_FIXTURE, 'utf8'))

const packages = createRequire(path.join(process.env.NODE_CLIENTS, 'package.json'))

/** Imports a package by name from where install.sh put it; some can only be required. */
export async function load(name) {
  try {
    return await import(pathToFileURL(packages.resolve(name)))
  } catch {
    return packages(name)
  }
}

let passed = 0
let failed = 0
let skipped = 0

/** Counts and prints one check. */
export function check(name, ok, detail = '') {
  if (ok) passed += 1
  else failed += 1
  console.log(`${ok ? 'ok   ' : 'FAIL '}${name}${!ok && detail ? `  [${String(detail).slice(0, 400)}]` : ''}`)
  return Boolean(ok)
}

/** Awaits `action`; passes when `ok(result)` holds and nothing was thrown. */
export async function expect(name, action, ok = Boolean) {
  try {
    const result = await action()
    check(name, ok(result), JSON.stringify(result))
    return result
  } catch (error) {
    check(name, false, `${error.name}: ${error.message} ${error.cause?.message ?? ''}`)
    return undefined
  }
}

/** Names a check that waits for something, so that nobody takes its absence for a pass. */
export function skip(name, reason) {
  skipped += 1
  console.log(`skip ${name}  [${reason}]`)
}

/** Prints the sum and ends the process with it. */
export function done() {
  console.log(`${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`)
  process.exit(failed || !passed ? 1 : 0)
}
