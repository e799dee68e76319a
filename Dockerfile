# One image for the API, the worker and the simulator. Node.js runs their TypeScript sources themselves; only the studio is built.
FROM node:24-trixie-slim AS manifests
WORKDIR /kiln
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY apps/api/package.json apps/api/
COPY apps/simulator/package.json apps/simulator/
COPY apps/worker/package.json apps/worker/
COPY apps/web/package.json apps/web/
COPY packages/client/package.json packages/client/
COPY packages/shared/package.json packages/shared/

FROM manifests AS dependencies
RUN npx --yes pnpm@12.21.0 install --prod --frozen-lockfile

# The page that the API serves. What builds it stays in this stage.
FROM manifests AS studio
RUN npx --yes pnpm@12.21.0 install --frozen-lockfile --filter @kiln/web...
COPY packages/client packages/client
COPY apps/web apps/web
RUN cd apps/web && node node_modules/vite/bin/vite.js build

FROM node:24-trixie-slim
# The first process of a container ignores signals until it has handlers. tini has them at once, before Node.js is loaded.
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
WORKDIR /kiln
# A small young generation: a fifth less memory at rest. And what pictures have freed goes back to the system, which glibc puts off otherwise.
ENV HOST=0.0.0.0 PORT=8080 KILN_DATA_DIR=/data KILN_HEARTBEAT_FILE=/tmp/kiln-heartbeat \
  NODE_OPTIONS=--max-semi-space-size=4 MALLOC_MMAP_THRESHOLD_=1048576
RUN mkdir /data /var/cache/kiln && chown node:node /data /var/cache/kiln
# The workspace as it is, links included: Node.js strips no types from copies under node_modules.
COPY --from=dependencies /kiln ./
COPY packages/shared packages/shared
COPY apps apps
COPY --from=studio /kiln/apps/web/dist apps/web/dist
USER node
# Node.js finds the compiled modules here, so that a process starts sooner. The cache belongs to the user and the flags that wrote it.
ENV NODE_COMPILE_CACHE=/var/cache/kiln
RUN node --input-type=module --eval "for (const app of ['api', 'worker', 'simulator']) await import('/kiln/apps/' + app + '/src/run.ts')"
EXPOSE 8080
# Of the API; docker-compose.yml has those of the worker and the simulator.
HEALTHCHECK --interval=5s --timeout=3s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# With -s, tini also works below the init process of the engine (docker run --init).
ENTRYPOINT ["tini", "-s", "--"]
CMD ["node", "apps/api/src/main.ts"]
