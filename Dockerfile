# firedrill in a container: the command, its lab and its embedded Postgres.
#
#   docker build -t firedrill .
#   docker run --rm firedrill rehearse drills/regional-failover.yaml
#   docker run --rm -e AWS_PROFILE=drills -v ~/.aws:/home/node/.aws:ro -v firedrill:/var/lib/firedrill firedrill run drill.yaml
#
# --init (or an init in the image, as here) reaps the servers that a killed command leaves behind.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts scripts
COPY src src
RUN npm run build && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
RUN apt-get update && apt-get install -y --no-install-recommends tini && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production FIREDRILL_HOME=/var/lib/firedrill
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json ./
COPY drills drills
COPY schema schema
RUN mkdir -p /var/lib/firedrill && chown node:node /var/lib/firedrill
USER node
VOLUME /var/lib/firedrill
ENTRYPOINT ["tini", "--", "node", "dist/cli/main.js"]
CMD ["--help"]
