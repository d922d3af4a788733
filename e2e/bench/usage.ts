/** What processes cost, as Linux counts it: CPU time of all threads and children, resident memory. */
import { readdirSync, readFileSync } from 'node:fs'

/** A tick of the clock in which Linux counts CPU time: USER_HZ is 100 on every platform of Node's. */
const TICK_MS = 10

/** CPU milliseconds (user and system) of a process and its children so far. */
export function cpuMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const own = (Number(fields[11]) + Number(fields[12])) * TICK_MS
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), own)
}

/** Resident bytes of a process and its children. */
export function residentBytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1')
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024
  return childrenOf(pid).reduce((sum, child) => sum + residentBytes(child), own)
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
    const children = readIfThere(`/proc/${pid}/task/${thread}/children`).trim()
    return children === '' ? [] : children.split(' ').map(Number)
  })
}

/** A thread may end between its name and its file. */
function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}

/** Milliseconds that all processors of the machine were busy so far. */
function busyMs(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = readFileSync(
    '/proc/stat',
    'latin1',
  )
    .slice(5)
    .trim()
    .split(/\s+/, 8)
    .map(Number)
  return (user + nice + system + irq + softirq) * TICK_MS
}

export interface Window {
  ms: number
  /** CPU milliseconds of the server. */
  serverMs: number
  generatorMs: number
  /** Of one processor, in percent: what neither of the two has used. Not 0 is not quiet. */
  otherPercent: number
}

/** Begins a window over the server `pid`; the answer ends it. */
export function openWindow(pid: number): () => Window {
  const at = performance.now()
  const server = cpuMs(pid)
  const own = process.cpuUsage()
  const busy = busyMs()
  return () => {
    const ms = performance.now() - at
    const serverMs = cpuMs(pid) - server
    const { user, system } = process.cpuUsage(own)
    const generatorMs = (user + system) / 1000
    const other = busyMs() - busy - serverMs - generatorMs
    return { ms, serverMs, generatorMs, otherPercent: (100 * other) / ms }
  }
}

/** How many files a process may have open: each connection is one. Node raises it to the hard one. */
export function openFileLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'latin1')
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY)
}
