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

# With the libtensorflow (2.9.1, CUDA 11) that @tensorflow/tfjs-node-gpu's own install script downloads: the one image that needs it.
FROM build AS build-gpu
RUN apt-get update && apt-get install -y --no-install-recommends g++ make python3 && rm -rf /var/lib/apt/lists/*
RUN npm install --no-save --omit=dev --no-audit --no-fund @tensorflow/tfjs-node-gpu@4.22.0 \
  && npm rebuild --ignore-scripts=false @tensorflow/tfjs-node-gpu

FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04 AS worker-gpu
ENV NODE_ENV=production ARTIFACTS_URL=file:///artifacts ENGINE=tfjs-node-gpu
WORKDIR /app
COPY --from=runtime /usr/local/bin/node /usr/local/bin/node
COPY --from=build-gpu /app/package.json ./
COPY --from=build-gpu /app/node_modules node_modules
COPY --from=build-gpu /app/libs libs
COPY --from=build-gpu /app/apps apps
RUN mkdir /artifacts && useradd --create-home node && chown node:node /artifacts
USER node
CMD ["node", "apps/worker/dist/main.js"]
