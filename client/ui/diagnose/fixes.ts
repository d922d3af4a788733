/** The lines that a proxy's configuration lacks, for each proxy that people put before Gloss. */
import type { ProxyFix } from '#client/session/diagnose/check.ts'

export const PROXIES = ['nginx', 'caddy', 'traefik', 'apache'] as const
export type ProxyName = (typeof PROXIES)[number]

export const PROXY_NAMES: Readonly<Record<ProxyName, string>> = {
  nginx: 'nginx',
  caddy: 'Caddy',
  traefik: 'Traefik',
  apache: 'Apache',
}

export const FIXES: Readonly<Record<ProxyFix, Readonly<Record<ProxyName, string>>>> = {
  upgrade: {
    nginx: `# in http { }
map $http_upgrade $connection_upgrade { default upgrade; '' close; }
# in location / { }
proxy_http_version 1.1;
proxy_set_header Upgrade $http_upgrade;
proxy_set_header Connection $connection_upgrade;`,
    caddy: `# Caddy passes sockets on by itself.
# Look for a second proxy before it.
reverse_proxy 127.0.0.1:3000`,
    traefik: `# Traefik passes sockets on by itself.
# Take away what sets these headers:
# traefik.http.middlewares.*.headers.customrequestheaders.Connection
# traefik.http.middlewares.*.headers.customrequestheaders.Upgrade`,
    apache: `# a2enmod proxy proxy_http proxy_wstunnel
ProxyPass / http://127.0.0.1:3000/ upgrade=websocket`,
  },
  buffering: {
    nginx: `# in location / { }; and take out
# proxy_ignore_headers X-Accel-Buffering
proxy_buffering off;
gzip off;`,
    caddy: `reverse_proxy 127.0.0.1:3000 {
	flush_interval -1
}`,
    traefik: `# labels; and take the buffering middleware off this router
traefik.http.middlewares.gloss-compress.compress.excludedcontenttypes=text/event-stream`,
    apache: `ProxyPass / http://127.0.0.1:3000/ flushpackets=on
SetEnvIf Request_URI "/events$|/ticks$" no-gzip=1`,
  },
  timeout: {
    nginx: `# in location / { }
proxy_read_timeout 1h;
proxy_send_timeout 1h;`,
    caddy: `reverse_proxy 127.0.0.1:3000 {
	transport http {
		read_timeout 1h
		write_timeout 1h
	}
	stream_timeout 24h
}`,
    traefik: `# static configuration
entryPoints.websecure.transport.respondingTimeouts.readTimeout=0
entryPoints.websecure.transport.respondingTimeouts.idleTimeout=1h`,
    apache: `Timeout 3600
ProxyTimeout 3600`,
  },
  body: {
    nginx: `# in server { }
client_max_body_size 16m;`,
    caddy: `request_body {
	max_size 16MB
}`,
    traefik: `# labels
traefik.http.middlewares.gloss-body.buffering.maxRequestBodyBytes=16777216`,
    apache: 'LimitRequestBody 16777216',
  },
  host: {
    nginx: `# in location / { }
proxy_set_header Host $http_host;`,
    caddy: `reverse_proxy 127.0.0.1:3000 {
	header_up Host {hostport}
}`,
    traefik: `# labels
traefik.http.services.gloss.loadbalancer.passhostheader=true`,
    apache: 'ProxyPreserveHost On',
  },
  proto: {
    nginx: `# in location / { }
proxy_set_header X-Forwarded-Proto $scheme;`,
    caddy: `# Caddy sets it by itself.
# Behind another proxy, in the global options:
servers {
	trusted_proxies static private_ranges
}`,
    traefik: `# static configuration, behind another proxy:
# its addresses
entryPoints.websecure.forwardedHeaders.trustedIPs=10.0.0.0/8`,
    apache: `# a2enmod headers
RequestHeader set X-Forwarded-Proto expr=%{REQUEST_SCHEME}`,
  },
  http2: {
    nginx: `# in server { }
# before nginx 1.25.1: listen 443 ssl http2;
listen 443 ssl;
http2 on;`,
    caddy: `# Caddy speaks HTTP/2 by itself
# where the site has a certificate.`,
    traefik: `# Traefik speaks HTTP/2 by itself
# where the entry point has TLS.`,
    apache: `# a2enmod http2
Protocols h2 http/1.1`,
  },
}

/** Which proxy an answer seems to have come through, by what it calls itself. */
export function proxyOf(server: string): ProxyName | undefined {
  return PROXIES.find((proxy) => server.toLowerCase().includes(proxy))
}
