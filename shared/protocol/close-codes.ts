/**
 * Why a sync socket was closed, or an update refused. 44xx are permanent: the client stops and
 * says so. 1012, 1013 and 45xx are transient: it backs off and comes back. (y-websocket 3 obeys
 * the same ranges.)
 */
export const CLOSE = {
  restart: 1012,
  later: 1013,
  protocol: 4400,
  noSession: 4401,
  notAllowed: 4403,
  gone: 4404,
  tooSlow: 4408,
  restored: 4409,
  tooBig: 4413,
  invalidContent: 4422,
  tooMany: 4529,
} as const

export type CloseCode = (typeof CLOSE)[keyof typeof CLOSE]

/** True where coming back by itself cannot help. */
export const isPermanent = (code: number): boolean => code >= 4400 && code < 4500
