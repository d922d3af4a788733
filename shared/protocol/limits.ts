/**
 * The limits of the contract, each with its default. Bytes, counts and milliseconds, as the names
 * say. The server may be started with others; the client only reads those it must keep to itself.
 */
const KIB = 1024
const MIB = 1024 * KIB

export const LIMITS = {
  messageBytes: 2 * MIB,
  messagesPerSecond: 100,
  messagesBurst: 300,
  bytesPerSecond: 512 * KIB,
  bytesBurst: 4 * MIB,
  awarenessBytes: 4 * KIB,
  awarenessPerSecond: 20,
  awarenessOutMs: 100,
  sendCoalesceBytes: 1 * MIB,
  sendCloseBytes: 8 * MIB,
  sendDrainMs: 10_000,
  syncStep1PerMinute: 6,
  authenticateMs: 5_000,
  pingMs: 15_000,
  deadMs: 45_000,
  documentBytes: 20 * MIB,
  connectionsPerDocument: 100,
  socketsPerUser: 20,
  socketsPerInstance: 2_000,
  commitRows: 500,
  commitBytes: 2 * MIB,
  commitGatherMs: 5,
  commitQueueBytes: 8 * MIB,
  heldBytes: 1 * MIB,
  /** Updates of more are inspected in a thread of their own. */
  largeUpdateBytes: 256 * KIB,
  heldMs: 5_000,
  ssePerUserAndDocument: 4,
  sseBufferBytes: 256 * KIB,
  sseHeartbeatMs: 15_000,
  /** A lane that has been silent is asked to come back when it is so old: the dead do not. */
  sseLifeMs: 5 * 60 * 1000,
  eventRetentionMs: 24 * 3600 * 1000,
  /** So long what was deleted can be restored. */
  deletedKeptMs: 30 * 24 * 3600 * 1000,
  purgeMs: 10 * 60 * 1000,
  runsPerDocument: 4,
  runQueuePerDocument: 8,
  runsPerWorkspace: 10,
  /** One answer of a model; an edit of many blocks takes several. */
  runWallMs: 120_000,
  /** All answers of a run together. */
  runTotalMs: 30 * 60_000,
  runSilenceMs: 30_000,
  runOutputTokens: 4_096,
  /** So long a run whose place was deleted waits for that to be undone. */
  placeWaitMs: 10_000,
  jsonBytes: 1 * MIB,
  jsonDepth: 32,
  titleCharacters: 200,
  nameCharacters: 64,
  instructionCharacters: 4_000,
  /** So long nobody edits before the room removes links and lists that stayed empty. */
  healQuietMs: 10_000,
  roomIdleMs: 60_000,
  roomsOpeningAtOnce: 8,
  roomsOpenedPerSecond: 200,
  roomWaitMs: 5_000,
  leaseMs: 15_000,
  sweepMs: 5_000,
  drainMs: 20_000,
} as const

export type Limits = { readonly [K in keyof typeof LIMITS]: number }
