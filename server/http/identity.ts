/**
 * Who is asking. A guest gets an id and a friendly name, kept in a signed cookie (or the same
 * token as a bearer); a socket may also come with a one-time ticket.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { DocumentStore, UserRow } from '#server/store/document-store.ts'
import { GlossError } from '#shared/errors.ts'
import { friendlyColor, friendlyName } from './guest-names.ts'
import type { LookUps } from './look-ups.ts'

const TICKET_MS = 30_000
/** So far may the clocks of instances be apart. */
const CLOCKS_MS = 60_000
/** Tokens that were found to be ours: people come again, with ten sockets of a room. */
const KNOWN_TOKENS = 10_000
const TICKET =
  /^gloss\.ticket\.([A-Za-z0-9_-]{1,64}\.[0-9a-z]{1,12}\.[A-Za-z0-9_-]{1,64}\.[A-Za-z0-9_-]{43})$/

export interface IdentityDeps {
  store: Pick<DocumentStore, 'createUser' | 'claim'>
  lookUps: LookUps
  secret: string
  /** Over HTTPS the cookie is `__Host-`, and secure. */
  https: boolean
}

export class Identity {
  readonly #store: IdentityDeps['store']
  readonly #lookUps: LookUps
  readonly #secret: string
  readonly #cookie: string
  readonly #attributes: string
  readonly #sessions = new Map<string, string>()

  constructor({ store, lookUps, secret, https }: IdentityDeps) {
    this.#store = store
    this.#lookUps = lookUps
    this.#secret = secret
    this.#cookie = https ? '__Host-gloss' : 'gloss'
    this.#attributes = `Path=/; HttpOnly; SameSite=Lax; Max-Age=31536000${https ? '; Secure' : ''}`
  }

  /** The user of a request, or undefined. A token that does not verify is no token. */
  async find(request: IncomingMessage): Promise<UserRow | undefined> {
    const id = this.claimed(request)
    return id === undefined ? undefined : this.#lookUps.user(id)
  }

  /** The id in a request's token, where that verifies; whether there is such a user is not asked. */
  claimed(request: IncomingMessage): string | undefined {
    const token = bearerOf(request) ?? cookieOf(request, this.#cookie)
    return token === undefined ? undefined : this.#session(token)
  }

  /** Throws `not-signed-in`. */
  async require(request: IncomingMessage): Promise<UserRow> {
    const user = await this.find(request)
    if (!user) throw new GlossError('not-signed-in', 'no valid session')
    return user
  }

  /** A new guest and the header that makes the browser remember it. */
  async createGuest(): Promise<{ user: UserRow; setCookie: string; token: string }> {
    const id = randomBytes(12).toString('base64url')
    const user = await this.#store.createUser({ id, name: friendlyName(), color: friendlyColor() })
    const token = this.#seal(id, 'session')
    return { user, token, setCookie: `${this.#cookie}=${token}; ${this.#attributes}` }
  }

  /** The name of the session's cookie. */
  get cookie(): string {
    return this.#cookie
  }

  /** The header that makes the browser forget who it is. */
  get expiredCookie(): string {
    return `${this.#cookie}=; ${this.#attributes.replace(/Max-Age=\d+/, 'Max-Age=0')}`
  }

  /** Good once, for one document, for thirty seconds. */
  createTicket(user: string, document: string): string {
    const expires = (Date.now() + TICKET_MS).toString(36)
    return this.#seal(`${user}.${expires}.${document}`, 'ticket')
  }

  /** The user of a socket that brings a ticket as its sub-protocol; a ticket works once. */
  async redeemTicket(protocol: string, document: string): Promise<UserRow | undefined> {
    const ticket = TICKET.exec(protocol)?.[1]
    const opened = ticket && this.#open(ticket, 'ticket')
    if (!ticket || !opened) return undefined
    const [user, expires, forDocument] = opened.split('.')
    const left = Number.parseInt(expires ?? '', 36) - Date.now()
    if (forDocument !== document || !(left >= 0)) return undefined
    // Whichever instance it is brought to: the first who claims it has used it.
    const name = `ticket ${ticket.slice(ticket.lastIndexOf('.') + 1)}`
    const holder = randomBytes(12).toString('base64url')
    if (!(await this.#store.claim(name, holder, left + CLOCKS_MS))) return undefined
    return this.#lookUps.user(user!)
  }

  /** Whose session a token is says the token alone, so it is verified once. */
  #session(token: string): string | undefined {
    const known = this.#sessions.get(token)
    if (known !== undefined) return known
    const id = this.#open(token, 'session')
    if (id === undefined) return undefined
    const [oldest] = this.#sessions.size >= KNOWN_TOKENS ? this.#sessions.keys() : []
    if (oldest !== undefined) this.#sessions.delete(oldest)
    this.#sessions.set(token, id)
    return id
  }

  #seal(value: string, purpose: 'session' | 'ticket'): string {
    return `${value}.${this.#sign(value, purpose)}`
  }

  #open(token: string, purpose: 'session' | 'ticket'): string | undefined {
    const at = token.lastIndexOf('.')
    if (at <= 0) return undefined
    const value = token.slice(0, at)
    const given = Buffer.from(token.slice(at + 1))
    const right = Buffer.from(this.#sign(value, purpose))
    return given.length === right.length && timingSafeEqual(given, right) ? value : undefined
  }

  #sign(value: string, purpose: string): string {
    return createHmac('sha256', this.#secret).update(`${purpose}:${value}`).digest('base64url')
  }
}

export function bearerOf({ headers }: IncomingMessage): string | undefined {
  return /^Bearer ([\w.-]{1,256})$/i.exec(headers.authorization ?? '')?.[1]
}

function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  for (const part of (headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=')
    if (key === name) return value
  }
  return undefined
}
