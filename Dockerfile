# Two images from one build: `--target api` (REST API and dashboard) and `--target worker`.

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# No package's install script is needed, and some of them download things.
RUN --mount=type=cache,target=/root/.npm npm ci --ignore-scripts --no-audit --no-fund
RUN node tools/bootstrap.mjs
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund

FROM node:22-bookworm-slim AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data ARTIFACTS_URL=file:///artifacts
WORKDIR /app
RUN mkdir /data /artifacts && chown node:node /data /artifacts
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/prisma prisma
COPY --from=build /app/libs libs
COPY --from=build /app/apps apps
USER node

FROM runtime AS api
EXPOSE 3000
CMD ["node", "apps/api/dist/main.js"]

FROM runtime AS worker
CMD ["node", "apps/worker/dist/main.js"]
